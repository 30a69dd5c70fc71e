import Statistics
import Telemetry

/// Events over the time of runs.
struct Exposure {
    private(set) var events = 0
    /// Nanoseconds.
    private(set) var time: Int64 = 0
    private(set) var runs = 0
    /// Runs of which either is not known: such a run may hold any number of events.
    var missing = 0

    /// A time beyond what 64 bits count belongs to a clock that nobody can go by.
    mutating func add(_ count: Int, over duration: Int64) {
        let (sum, overflow) = time.addingReportingOverflow(duration)
        guard !overflow, duration >= 0 else {
            missing += 1
            return
        }
        events += count
        time = sum
        runs += 1
    }

    private var seconds: Double { Double(time) / 1e9 }

    /// Events per time, in a unit such as `/h`.
    func rate(_ unit: Unit, _ question: Question) throws(StatisticsError) -> Estimate {
        guard let perSecond = Unit("/s"), let scale = Unit.convert(1, from: perSecond, to: unit) else {
            throw StatisticsError(.invalidParameter, "must be one over a time, not \(unit)", at: "unit")
        }
        // Events without any time are a rate that nobody can bound.
        let rate = try EventRate(events: time > 0 ? events : 0, exposure: seconds / scale)
        return try estimate(rate.bounds(at: question.confidence), question) { () throws(StatisticsError) in
            guard time > 0 else { return nil }
            return try rate.moreRuns(
                for: question.requirement, exposurePerRun: rate.exposure / Double(runs), at: question.confidence)
        }
    }

    /// Time between events, in a unit such as `h`.
    func timeBetween(_ unit: Unit, _ question: Question) throws(StatisticsError) -> Estimate {
        guard let scale = Unit.convert(1, from: .second, to: unit) else {
            throw StatisticsError(.invalidParameter, "must be a time, not \(unit)", at: "unit")
        }
        let between = try MeanTimeBetweenFailures(failures: time > 0 ? events : 0, time: seconds * scale)
        return try estimate(between.bounds(at: question.confidence), question) { () throws(StatisticsError) in
            guard time > 0 else { return nil }
            return try between.moreRuns(
                for: question.requirement, timePerRun: between.time / Double(runs), at: question.confidence)
        }
    }

    private func estimate(
        _ bounds: Bounds, _ question: Question, moreRuns: () throws(StatisticsError) -> Int?
    ) throws(StatisticsError) -> Estimate {
        let isWhole = missing == 0 && (time > 0 || events == 0)
        var estimate = try Estimate(
            isWhole ? bounds : bounds.unknown(question.confidence), n: runs, missing: missing,
            requirement: question.requirement
        ) { () throws(StatisticsError) in isWhole ? try moreRuns() : nil }
        estimate.events = events
        estimate.exposure = seconds
        return estimate
    }
}
