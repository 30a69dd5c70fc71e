import Configuration
import JSON
import Scenarios
import Telemetry
import Testing

@testable import Aggregation

@Suite("How a metric went over the runs")
struct TraceTests {
    @Test("cut into columns anywhere, in any order, an envelope is what counting over all samples gives")
    func envelope() {
        var random = SeededRandom()
        for _ in 0..<200 {
            let lower = Int64.random(in: -1000...1000, using: &random)
            let window = lower..<(lower + Int64.random(in: 1...5000, using: &random))
            let edges = Envelope.edges(of: window)
            #expect(edges.count == Envelope.length + 1)
            #expect([edges.first, edges.last] == [window.lowerBound, window.upperBound])
            #expect(edges == edges.sorted())
            let samples = (0..<Int.random(in: 0...300, using: &random)).map { _ in
                (
                    time: Int64.random(in: window, using: &random),
                    value: [Double.random(in: -9...9, using: &random), .nan, .infinity, 0, -0.0][
                        Int.random(in: 0...9, using: &random) % 5]
                )
            }
            var expected = [Envelope.Part](repeating: Envelope.Part(), count: Envelope.length)
            for sample in samples where sample.value.isFinite {
                let place = edges.dropFirst().dropLast().count { $0 <= sample.time }
                expected[place] = expected[place] + Envelope.Part(count: 1, least: sample.value, greatest: sample.value)
            }
            var whole = Envelope()
            // Wherever the search begins.
            var place = Int.random(in: 0..<Envelope.length, using: &random)
            var rest = samples.shuffled(using: &random)[...]
            while !rest.isEmpty {
                let column = rest.prefix(Int.random(in: 1...40, using: &random)).sorted { $0.time < $1.time }
                whole.take(column.map(\.time), column.map(\.value), edges: edges, near: &place)
                rest = rest.dropFirst(column.count)
            }
            #expect(whole.parts(Envelope.length) == expected)
            #expect(whole.normalised.parts.allSatisfy { $0.least.sign == .plus || $0.least != 0 })
            let halves = (0..<(Envelope.length / 2)).map { expected[2 * $0] + expected[2 * $0 + 1] }
            #expect(whole.parts(Envelope.length / 2) == halves)
            #expect(whole.parts(1) == [expected.reduce(Envelope.Part(), +)])
        }
    }

    @Test("a window as long as time itself has edges")
    func longest() {
        let edges = Envelope.edges(of: 0..<(.max - 1))
        #expect(edges == edges.sorted() && edges.last == .max - 1)
    }

    @Test(
        "the more runs there are the fewer points each has, and there are never more than 200",
        arguments: [(1, 32, 1), (6, 32, 6), (7, 16, 7), (60, 2, 60), (200, 1, 200), (201, 1, 101), (450, 1, 150)])
    func size(_ runs: Int, _ parts: Int, _ stretches: Int) throws {
        var bench = try Bench()
        for index in 0..<runs { try force(Double(index % 7), &bench) }
        let metrics = try bench.summary().metrics
        let trace = try #require(metrics.first { $0.id == "grip-force" }?.trace)
        #expect(trace.parts == parts)
        #expect(trace.stretches.count == stretches)
        #expect(trace.stretches.flatMap { Array($0.runs) } == Array(0..<runs))
        #expect(trace.stretches.map(\.points.count).reduce(0, +) <= Summary.Trace.mostPoints)
        let points = trace.stretches.flatMap(\.points).compactMap(\.self)
        #expect(points.reduce(0) { $0 + $1.count } == runs * 2)
        #expect(points.map(\.max).max() == Double(min(runs, 7)))
        #expect(trace.every == 0.01)
        let durations = try #require(metrics.first { $0.id == "cycle-time" }?.trace)
        #expect(durations.parts == 1)
        #expect(durations.stretches.count == stretches)
    }

    @Test("a run that does not count is there alone, and left out where it shares a point with runs that do")
    func excluded() throws {
        var bench = try Bench(more: "runs: {exclude: {outcome: invalid, at-most: 50%}}\n")
        for index in 0..<3 { try force(Double(index), outcome: index == 1 ? "invalid" : "success", &bench) }
        var trace = try #require(try bench.summary().metrics.first { $0.id == "grip-force" }?.trace)
        #expect(trace.stretches[1].points.compactMap(\.self).map(\.min) == [1, 2])
        for _ in 3..<250 { try force(0.5, &bench) }
        trace = try #require(try bench.summary().metrics.first { $0.id == "grip-force" }?.trace)
        #expect(trace.stretches[0].runs == 0...1)
        #expect(trace.stretches[0].points == [Summary.Trace.Point(count: 2, min: 0, max: 1)])
    }

    @Test("runs without data are holes, and a metric without any has no trace")
    func holes() throws {
        var bench = try Bench()
        try bench.attempt("success")
        var metrics = try bench.summary().metrics
        #expect(metrics.map { $0.trace == nil } == [false, true, true])
        try force(1, &bench)
        metrics = try bench.summary().metrics
        let trace = try #require(metrics.first { $0.id == "grip-force" }?.trace)
        #expect(trace.stretches[0].points.allSatisfy { $0 == nil })
        #expect(trace.stretches[1].points.compactMap(\.self).count == 2)
    }

    @Test("the limits are those in the metric's own unit, each with its good side")
    func limits() throws {
        var bench = try Bench(
            criteria: """
                {id: mean, statistic: mean, metric: grip-force, reduce: mean, at-most: 40 N}
                {id: long, statistic: mean, metric: grip-force, reduce: duration, at-most: 40 s}
                {id: fit, statistic: tolerance, share: 0.9, metric: grip-force, reduce: last, around: 10 N, at-most: 2000 mN}
                {id: ok, statistic: proportion, outcome: success, at-least: 0.9}
                """,
            more: "safety: [{id: hard, metric: grip-force, above: 60 N, severity: warning}]\n")
        try force(1, &bench)
        let trace = try #require(try bench.summary().metrics.first { $0.id == "grip-force" }?.trace)
        #expect(
            trace.limits == [
                .init(kind: .criterion, id: "mean", comparator: .atMost, value: 40),
                .init(kind: .criterion, id: "fit", comparator: .atLeast, value: 8),
                .init(kind: .criterion, id: "fit", comparator: .atMost, value: 12),
                .init(kind: .safety, id: "hard", comparator: .atMost, value: 60),
            ])
    }

    @Test(
        "what is no trace is refused with its place",
        arguments: [
            (#""parts":32"#, #""parts":3"#, "parts"), (#""runs":[0,0]"#, #""runs":[1,0]"#, "runs"),
            (#"[1,0.5,0.5]"#, #"[0,0.5,0.5]"#, "points"), (#"[1,0.5,0.5]"#, #"[1,0.5,0.25]"#, "points"),
            (#"[1,0.5,0.5],"#, "", "points"), (#""kind":"criterion""#, #""kind":"wish""#, "kind"),
        ])
    func refused(_ part: String, _ change: String, _ place: String) throws {
        var bench = try Bench(criteria: "{id: mean, statistic: mean, metric: grip-force, reduce: mean, at-most: 40 N}")
        try force(0.5, &bench)
        let text = String(decoding: try bench.summary().json.compact(), as: UTF8.self)
        #expect(try Summary(json: JSONParser.parse(text)) == bench.summary())
        let range = try #require(text.range(of: part, after: "grip-force\",\"unit"))
        let error = #expect(throws: AggregationError.self) {
            try Summary(json: JSONParser.parse(text.replacingCharacters(in: range, with: change)))
        }
        #expect(error.map { "\($0)".contains(place) } == true, "\(String(describing: error))")
    }

    /// A run of ten seconds with two samples, one of them a newton more than the other.
    private func force(_ newtons: Double, outcome: String = "success", _ bench: inout Bench) throws {
        let key = try bench.attempt(outcome)
        let run = try bench.run(key)
        let start = try #require(run.start)
        var source = try FrameSource()
        let frame = try source.frame([
            Sample(
                series: SeriesID(rawValue: 1), timestamp: start.advanced(byNanoseconds: 1_000_000_000),
                value: .double(newtons)),
            Sample(
                series: SeriesID(rawValue: 1), timestamp: start.advanced(byNanoseconds: 9_000_000_000),
                value: .double(newtons + 1)),
        ])
        var fold = RunFold(run: run, definition: bench.definition)
        fold.begin(
            stream: source.stream,
            series: [SeriesID(rawValue: 1): Series("gripper.force", unit: try #require(Unit("N")))])
        try fold.add(frame)
        bench.aggregates[key] = fold.finish()
    }
}

extension String {
    /// The first place of `part` behind that of `start`.
    fileprivate func range(of part: String, after start: String) -> Range<Index>? {
        guard let begin = firstRange(of: start) else { return nil }
        return self[begin.upperBound...].firstRange(of: part)
    }

    fileprivate func replacingCharacters(in range: Range<Index>, with text: String) -> String {
        String(self[..<range.lowerBound]) + text + String(self[range.upperBound...])
    }
}
