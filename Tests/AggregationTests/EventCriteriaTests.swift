import Scenarios
import Telemetry
import Testing

@testable import Aggregation

@Suite("Criteria over events and time")
struct EventCriteriaTests {
    @Test("a rate has Garwood's bounds, in the unit of its limit")
    func rate() throws {
        var bench = try Bench(criteria: "{id: faults, statistic: rate, event: fault, at-most: 1 /h, confidence: 0.95}")
        try bench.run(seconds: 3600, ["fault": [10, 20]])
        try bench.run(seconds: 7200, ["fault": [7000], "other": [5]])
        let criterion = try bench.summary().criteria[0]
        #expect(criterion.estimate == 1)
        #expect(criterion.unit == "/h")
        // χ²(0.05; 6) = 1.63538 and χ²(0.95; 8) = 15.50731, over 2 × 3 h.
        #expect(abs((criterion.lower ?? 0) - 1.635_382_894_327_907 / 6) < 1e-12)
        #expect(abs((criterion.upper ?? 0) - 15.507_313_055_865_45 / 6) < 1e-11)
        #expect((criterion.events, criterion.exposure, criterion.n) == (3, 10_800, 2))
        #expect(criterion.verdict == .inconclusive)
        #expect(criterion.moreRuns == nil, "at a rate equal to the limit no number of runs decides")
        #expect(criterion.method == .garwood)
    }

    @Test("a time between failures needs 2.303 times the limit without one, at 0.90", arguments: [(23, 1), (24, 0)])
    func mtbf(_ runs: Int, _ more: Int) throws {
        var bench = try Bench(criteria: "{id: mtbf, statistic: mtbf, event: fault, at-least: 100 h, confidence: 0.90}")
        for _ in 0..<runs { try bench.run(seconds: 36_000, [:]) }
        let criterion = try bench.summary().criteria[0]
        #expect(criterion.verdict == (more == 0 ? .pass : .inconclusive))
        #expect(criterion.moreRuns == more)
        #expect((criterion.estimate, criterion.upper, criterion.events) == (nil, nil, 0))
        #expect(abs((criterion.lower ?? 0) - Double(runs) * 10 / 2.302_585_092_994_046) < 1e-10)
    }

    @Test("a run of which nobody knows what happened in it leaves a rate without bounds")
    func unknownRun() throws {
        var bench = try Bench(
            criteria: "{id: faults, statistic: rate, event: fault, at-most: 1 /h}", more: "runs: {timeout: 60s}")
        try bench.run(seconds: 36_000, [:])
        try bench.attempt(nil, seconds: 600, isStopped: false)
        let criterion = try bench.summary().criteria[0]
        #expect((criterion.verdict, criterion.lower, criterion.upper) == (.inconclusive, nil, nil))
        #expect((criterion.missing, criterion.moreRuns) == (1, nil))
    }

    @Test("events before a run, and at its stop, are not its own")
    func window() throws {
        var bench = try Bench(criteria: "{id: faults, statistic: rate, event: fault, at-most: 9 /h}")
        try bench.run(seconds: 3600, ["fault": [-1, 0, 3600]])
        #expect(try bench.summary().criteria[0].events == 1)
    }

    @Test("an event that two agents recorded is one event")
    func seenTwice() throws {
        var bench = try Bench(criteria: "{id: faults, statistic: rate, event: fault, at-most: 9 /h}")
        try bench.run(seconds: 3600, ["fault": [60]], agents: ["cell-3", "cell-4"])
        #expect(try bench.summary().criteria[0].events == 1)
    }

    /// Runs of which each brings the same events: 28 falls of seven nights are seven, not 28.
    @Test("the events of one run may be alike, so what runs prove goes by runs")
    func clusters() throws {
        var bench = try Bench(
            criteria: """
                {id: sensitivity, statistic: proportion, events: {hit: fall.detected, miss: fall.missed}, at-least: 0.9}
                {id: wilson, statistic: proportion, events: {hit: fall.detected, miss: fall.missed}, at-least: 0.9, \
                method: wilson}
                {id: free, statistic: proportion, events: {hit: fall.detected, miss: fall.missed, independent: true}, \
                at-least: 0.9}
                """)
        for _ in 0..<14 { try bench.run(seconds: 86_400, ["fall.detected": [1, 2, 3, 4]]) }
        for _ in 0..<14 { try bench.run(seconds: 86_400, [:]) }
        var criteria = try bench.summary().criteria
        #expect(criteria.map(\.method) == [.clusteredClopperPearson, .clusteredWilson, .clopperPearson])
        #expect(criteria.map(\.verdict) == [.inconclusive, .inconclusive, .pass])
        #expect((criteria[0].events, criteria[0].n, criteria[0].estimate) == (56, 28, 1))
        // 0.05^(1/14); 15 more runs with falls, which every second one has.
        #expect(abs((criteria[0].lower ?? 0) - 0.807_363_824_3) < 1e-9)
        #expect(criteria[0].moreRuns == 30)
        for _ in 0..<15 { try bench.run(seconds: 86_400, ["fall.detected": [1, 2, 3, 4]]) }
        criteria = try bench.summary().criteria
        #expect(criteria[0].verdict == .pass, "29 nights with falls, all of them detected")
        // Two nights in which nothing was seen weigh more than eight falls missed here and there.
        var (whole, spread) = (bench, bench)
        for _ in 0..<2 { try whole.run(seconds: 86_400, ["fall.missed": [1, 2, 3, 4]]) }
        for _ in 0..<8 { try spread.run(seconds: 86_400, ["fall.detected": [1, 2, 3], "fall.missed": [4]]) }
        let (alike, mixed) = (try whole.summary().criteria[0], try spread.summary().criteria[0])
        #expect((alike.lower ?? 1) < (mixed.lower ?? 0) - 0.05)
    }

    @Test("a proportion of events that the definition takes for independent counts trials, and forecasts in runs")
    func trials() throws {
        var bench = try Bench(
            criteria: """
                {id: sensitivity, statistic: proportion, \
                events: {hit: fall.detected, miss: fall.missed, independent: true}, at-least: 0.9}
                """)
        for _ in 0..<7 { try bench.run(seconds: 86_400, ["fall.detected": [1, 2, 3, 4]]) }
        var criterion = try bench.summary().criteria[0]
        #expect((criterion.events, criterion.n, criterion.verdict) == (28, 7, .inconclusive))
        #expect(criterion.moreRuns == 1, "one more trial, which a run brings four of")
        try bench.run(seconds: 86_400, ["fall.detected": [9]])
        criterion = try bench.summary().criteria[0]
        #expect((criterion.events, criterion.verdict, criterion.estimate) == (29, .pass, 1))
        for _ in 0..<4 { try bench.run(seconds: 86_400, ["fall.missed": [1, 2, 3]]) }
        #expect(try bench.summary().criteria[0].verdict == .fail)
    }

    @Test("a proportion among some outcomes looks at no other run, and takes an unknown one for a miss")
    func among() throws {
        var bench = try Bench(
            criteria: """
                {id: precision, statistic: proportion, outcome: success, among: [success, aborted], at-least: 0.9}
                """)
        try bench.attempts(29, "success")
        try bench.attempts(100, "failure")
        var criterion = try bench.summary().criteria[0]
        #expect((criterion.n, criterion.verdict, criterion.estimate) == (29, .pass, 1))
        try bench.attempt(nil)
        criterion = try bench.summary().criteria[0]
        #expect((criterion.n, criterion.missing, criterion.verdict) == (30, 1, .inconclusive))
    }

    @Test("availability counts outages from down to up, also one that the run's end cut short")
    func availability() throws {
        var bench = try Bench(
            criteria: "{id: up, statistic: availability, down: fault, up: repaired, at-least: 0.5, confidence: 0.9}")
        try bench.run(seconds: 1000, ["fault": [100, 110, 500], "repaired": [50, 120, 510]])
        try bench.run(seconds: 1000, ["fault": [900]])
        let criterion = try bench.summary().criteria[0]
        // Down for 50 s before it is told to be up, then for 20 s, 10 s and 100 s.
        #expect(abs((criterion.estimate ?? 0) - 0.91) < 1e-12)
        #expect((criterion.events, criterion.exposure) == (3, 2000))
        // Two full cycles in a fixed time: the 0.9 quantile of Γ(3) / Γ(2), by the beta distribution of SciPy.
        #expect(abs((criterion.lower ?? 0) - 1820 / (1820 + 180 * 6.0146239690)) < 1e-7)
        #expect(criterion.verdict == .pass)
    }

    @Test("without an outage an availability stays open: nobody knows how long one would last")
    func neverDown() throws {
        var bench = try Bench(
            criteria: "{id: up, statistic: availability, down: fault, up: repaired, at-least: 0.5}")
        for _ in 0..<50 { try bench.run(seconds: 1000, [:]) }
        let criterion = try bench.summary().criteria[0]
        #expect((criterion.estimate, criterion.lower, criterion.verdict) == (1, 0, .inconclusive))
        #expect(criterion.moreRuns == nil)
    }

    @Test("what was counted survives the stored form, and another format is folded again")
    func stored() throws {
        var bench = try Bench(
            criteria: """
                {id: up, statistic: availability, down: fault, up: repaired, at-least: 0.5}
                {id: faults, statistic: rate, event: fault, at-most: 1 /h}
                """)
        let key = try bench.run(seconds: 1000, ["fault": [100, 500], "repaired": [120]])
        let aggregate = try #require(bench.aggregates[key])
        #expect(aggregate.count(of: "fault") == 2)
        #expect(aggregate.uptime(OutageRule(down: "fault", up: "repaired"))?.repairs == 1)
        #expect(try RunAggregate(bytes: aggregate.bytes) == aggregate)
        let older: [UInt8] = [0x46, 0x52, 0x41, 0x03]
        #expect(throws: AggregationError.self) { try RunAggregate(bytes: older + aggregate.bytes.dropFirst(4)) }
    }
}

@Suite("Up and down")
struct UptimeTests {
    @Test(
        "changes make outages, whatever their order",
        arguments: [
            ([], 100, 0, 0, 0), ([(10, false)], 10, 90, 1, 0), ([(10, false), (30, true)], 80, 20, 1, 1),
            ([(30, true), (10, false)], 80, 20, 1, 1), ([(30, true)], 70, 30, 0, 0),
            ([(10, false), (20, false), (30, true), (40, true)], 80, 20, 1, 1),
            ([(0, false), (100, true)], 0, 100, 1, 1), ([(10, true), (10, false)], 100, 0, 1, 1),
            ([(20, true), (50, false)], 30, 70, 1, 0),
        ] as [([(Int64, Bool)], Int64, Int64, Int, Int)])
    func changes(_ changes: [(Int64, Bool)], _ up: Int64, _ down: Int64, _ failures: Int, _ repairs: Int) {
        let uptime = Uptime(changes.map { Uptime.Change(time: $0.0, isUp: $0.1) }, window: 0..<100)
        #expect((uptime.up, uptime.down) == (up, down))
        #expect((uptime.failures, uptime.repairs) == (failures, repairs))
    }
}

extension Bench {
    /// Adds a run with events at so many seconds after its start, recorded by each of the agents.
    @discardableResult
    mutating func run(
        seconds: Int64, _ events: [String: [Int64]], outcome: String = "success", agents: [String] = ["cell-3"],
        samples: [(series: Series, value: Double)] = [], mostValues: Int = RunFold.mostValues
    ) throws -> RunKey {
        let key = try attempt(outcome, seconds: seconds)
        let run = try run(key)
        let start = try #require(run.start)
        var fold = RunFold(run: run, definition: definition, mostValues: mostValues)
        for agent in agents {
            var source = try FrameSource(agent: agent)
            let all = events.sorted { $0.key < $1.key }.flatMap { name, times in
                times.map { Event(name, at: start.advanced(byNanoseconds: $0 * 1_000_000_000)) }
            }
            var dictionary: [SeriesID: Series] = [:]
            var readings: [Sample] = []
            for (index, sample) in samples.enumerated() {
                let id = SeriesID(rawValue: UInt32(index + 1))
                dictionary[id] = sample.series
                readings.append(Sample(series: id, timestamp: start, value: .double(sample.value)))
            }
            fold.begin(stream: source.stream, series: dictionary)
            try fold.add(try source.frame(readings, events: all))
        }
        aggregates[key] = fold.finish()
        return key
    }
}
