import Scenarios
import Telemetry
import Testing

@Suite("Runs are a function of the set of markers")
struct RunLedgerPropertyTests {
    /// SplitMix64 (Steele, Lea and Flood, 2014), so that a seed replays its case.
    private struct Generator: RandomNumberGenerator {
        var state: UInt64

        mutating func next() -> UInt64 {
            state &+= 0x9E37_79B9_7F4A_7C15
            var mixed = state
            mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
            mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
            return mixed ^ (mixed >> 31)
        }
    }

    /// Markers over so few runs, times and words that they agree, repeat, overlap and contradict each other.
    private func markers(_ generator: inout Generator) throws -> [RunMarker] {
        let scenario = try #require(Identifier("demo"))
        let ids = try ["r1", "r2", "r3"].map { try #require(Identifier($0)) }
        let places = try ["here", "there"].map { try #require(Identifier($0)) }
        let sources = try ["a", "b", "collector"].map { try #require(Identifier($0)) }
        return try (0..<Int.random(in: 1...14, using: &generator)).map { _ in
            let isStart = Bool.random(using: &generator)
            let event = RunEvent(
                isStart ? .start : .stop, scenario: scenario, run: try #require(ids.randomElement(using: &generator)),
                at: Timestamp(seconds: Int64.random(in: 0...6, using: &generator)),
                subject: [nil, "x", "y"].randomElement(using: &generator) ?? nil,
                outcome: isStart ? nil : ["success", "invalid", "oops", nil].randomElement(using: &generator) ?? nil,
                intervention: isStart ? nil : [true, false, nil].randomElement(using: &generator) ?? nil)
            return RunMarker(
                event, site: try #require(places.randomElement(using: &generator)),
                source: try #require(sources.randomElement(using: &generator)))
        }
    }

    private func runs(_ definition: ScenarioDefinition, _ markers: [RunMarker]) -> [Run] {
        var ledger = RunLedger(definition)
        for marker in markers { ledger.insert(marker) }
        return ledger.runs(through: Timestamp(seconds: 8))
    }

    private static let parsed = Result {
        try ScenarioDefinition(Samples.minimal(runs: "{timeout: 3s, exclude: {outcome: invalid, at-most: 5%}}"))
    }

    @Test("neither order nor repetition changes a run", arguments: 0..<300)
    func invariance(seed: Int) throws {
        let definition = try Self.parsed.get()
        var generator = Generator(state: UInt64(seed))
        let markers = try markers(&generator)
        let expected = runs(definition, markers)
        for _ in 0..<8 {
            var repeated = markers + (0..<5).compactMap { _ in markers.randomElement(using: &generator) }
            repeated.shuffle(using: &generator)
            #expect(runs(definition, repeated) == expected, "seed \(seed)")
        }
    }

    @Test("who recorded a marker changes nothing but the sources", arguments: 0..<100)
    func recorders(seed: Int) throws {
        let definition = try Self.parsed.get()
        var generator = Generator(state: UInt64(seed))
        let markers = try markers(&generator)
        let another = try #require(Identifier("another"))
        let doubled = markers + markers.map { RunMarker($0.event, site: $0.site, source: another) }
        let (expected, actual) = (runs(definition, markers), runs(definition, doubled))
        #expect(expected.count == actual.count)
        for (one, other) in zip(expected, actual) {
            #expect((one.id, one.site) == (other.id, other.site))
            #expect(
                (one.start, one.stop, one.outcome, one.subject) == (
                    other.start, other.stop, other.outcome, other.subject
                ))
            #expect(
                one.flags == other.flags && one.exclusion == other.exclusion && one.intervention == other.intervention,
                "seed \(seed)")
            #expect(Set(other.sources) == Set(one.sources).union([another]))
        }
    }

    @Test("what a run says follows from its markers by the rules, one by one", arguments: 0..<300)
    func model(seed: Int) throws {
        var generator = Generator(state: UInt64(seed))
        let markers = try markers(&generator)
        let runs = runs(try Self.parsed.get(), markers)
        #expect(Set(runs.map { "\($0.site)/\($0.id)" }) == Set(markers.map { "\($0.site)/\($0.event.run)" }))
        for run in runs {
            let own = markers.filter { $0.site == run.site && $0.event.run == run.id }.map(\.event)
            let starts = own.filter { $0.phase == .start }
            #expect(run.start == starts.map(\.timestamp).min(), "seed \(seed)")
            let stops = own.filter { $0.phase == .stop && $0.timestamp >= run.start ?? $0.timestamp }
            #expect(run.stop == stops.map(\.timestamp).min(), "seed \(seed)")
            let words = Set(stops.filter { $0.timestamp == run.stop }.compactMap(\.outcome))
            #expect(run.outcome == (words.count == 1 ? words.first : nil), "seed \(seed)")
            #expect(run.flags.contains(.unfinished) == (run.stop == nil))
            #expect(run.flags.contains(.stopWithoutStart) == starts.isEmpty)
            let shares = runs.contains { other in
                guard other.site == run.site, other.id != run.id else { return false }
                let (a, b) = (span(run), span(other))
                return a.begin < b.end && b.begin < a.end
            }
            #expect(run.flags.contains(.overlapping) == shares, "seed \(seed)")
        }
    }

    private func span(_ run: Run) -> (begin: Timestamp, end: Timestamp) {
        let begin = run.start ?? run.stop ?? Timestamp(seconds: 0)
        let end = run.stop ?? begin.advanced(byNanoseconds: 3_000_000_000)
        return (begin, max(end, begin.advanced(byNanoseconds: 1)))
    }
}
