import Configuration
import Delivery
import Frames
import Scenarios
import Telemetry
import Testing

@testable import Aggregation

/// What rules keep of samples.
@Suite("What a rule finds in samples")
struct RulePartTests {
    /// Samples of one second each: `#` meets the condition, `.` does not, a blank is silence.
    private static func trace(_ samples: some StringProtocol, from second: Int = 0, lasting: Int = 2) -> ConditionTrace
    {
        var trace = ConditionTrace(lasting: Int64(lasting))
        for (index, sample) in samples.enumerated() where sample != " " {
            trace.append(
                FrameInstant(sinceBoot: Int64(second + index), offset: 0, isSynchronised: true), holds: sample == "#")
        }
        return trace
    }

    @Test(
        "a condition begins where a row of samples does that lasts",
        arguments: [
            ("", 2, [], false), ("....", 2, [], false), ("..##..", 2, [2], false), ("..#..", 2, [], false),
            ("..#..", 1, [2], false), ("..#", 2, [], false), ("..##", 2, [], false), ("..###", 2, [2], true),
            ("###..", 2, [0], false), ("#.", 2, [], false), ("##.##.", 2, [0, 3], false),
            ("##.#.##.", 2, [0, 5], false),
            ("..#  .", 2, [2], false), ("..#  #", 2, [2], true), ("..#", 0, [2], true), ("#", 0, [0], true),
            (".#.#.#", 0, [1, 3, 5], true), (".##.###", 2, [1, 4], true),
        ])
    func onsets(samples: String, lasting: Int, expected: [Int64], isHolding: Bool) {
        let trace = Self.trace(samples, lasting: lasting)
        #expect(trace.beginnings.map(\.instant.sinceBoot) == expected)
        #expect(trace.beginnings.map(\.isFirst) == expected.map { $0 == 0 })
        #expect(trace.isHolding == isHolding)
    }

    @Test("two rows of frames joined are the whole, wherever they are parted")
    func joining() {
        for pattern in 0..<(1 << 9) {
            let samples = (0..<9).map { pattern >> $0 & 1 == 1 ? "#" : "." }.joined()
            let whole = Self.trace(samples)
            for first in 0...9 {
                for second in first...9 {
                    let (a, b) = (
                        samples.index(samples.startIndex, offsetBy: first),
                        samples.index(samples.startIndex, offsetBy: second)
                    )
                    var left = Self.trace(samples[..<a])
                    var right = Self.trace(samples[a..<b], from: first)
                    right.merge(Self.trace(samples[b...], from: second))
                    left.merge(right)
                    #expect(left == whole, "\(samples) at \(first) and \(second)")
                }
            }
        }
    }

    // MARK: - Frames

    private static let stream = Stream(
        site: RulePartTests.named("hall"), agent: named("box"), install: UUIDBytes(high: 1, low: 1), epoch: 1,
        priority: .metric)

    private static func named(_ text: String) -> Identifier {
        guard let identifier = Identifier(text) else { preconditionFailure("'\(text)' is no identifier") }
        return identifier
    }

    private static func plan() throws -> RulePlan {
        let text = """
            schema: fieldproof/scenario/v1
            id: demo
            version: 1.0.0
            title: Demo
            setting: real
            runs:
              start: {series: gripper.current, where: {joint: "6"}, above: 0.5 A, for: 1s}
              stop: {series: cell.state, is: idle, outcome: success}
              outcome: {series: cell.result, words: {OK: success}}
            criteria: [{id: ok, statistic: proportion, outcome: success, at-least: 0.9}]
            """
        return try #require(
            RulePlan(try ScenarioDefinition(ConfigurationFile(name: "demo.yaml", text: text))))
    }

    private static func dictionary() throws -> [SeriesID: Series] {
        let milliampere = try #require(Unit("mA"))
        let tags = [Tag("device", "arm"), Tag("joint", "6")]
        return [
            SeriesID(rawValue: 1): Series("gripper.current", tags: tags, unit: milliampere),
            SeriesID(rawValue: 2): Series("gripper.current", tags: [Tag("joint", "5")], unit: milliampere),
            SeriesID(rawValue: 3): Series("cell.state", tags: [Tag("device", "arm")], kind: .state),
            SeriesID(rawValue: 4): Series("cell.result", kind: .state),
        ]
    }

    private static func sample(
        _ series: UInt32, _ second: Double, _ value: Value, _ quality: Quality = []
    ) -> Sample {
        Sample(
            series: SeriesID(rawValue: series),
            timestamp: Timestamp(seconds: 1000).advanced(byNanoseconds: Int64(second * 1e9)), value: value,
            quality: quality)
    }

    /// A frame of a box that booted at second 1000.
    private static func frame(_ samples: [Sample], isSynchronised: Bool = true) throws -> FrameDecoder {
        var batch = SampleBatch()
        for sample in samples { try batch.append(sample) }
        var encoder = FrameEncoder()
        var bytes: [UInt8] = []
        _ = try encoder.encode(
            batch, FrameExtras(), at: StreamHead(stream),
            clock: ClockReading(
                boot: UUIDBytes(high: 2, low: 2), sinceBoot: 100_000_000_000, wall: Timestamp(seconds: 1100),
                state: ClockState(isSynchronised: isSynchronised, maximumError: 1000)), into: &bytes)
        var decoder = FrameDecoder()
        try decoder.decode(bytes)
        return decoder
    }

    private static func part(_ samples: [Sample], series: [SeriesID: Series]? = nil) throws -> RulePart {
        let series = try series ?? dictionary()
        return try RuleFinder(plan(), of: stream, series: series).part(of: frame(samples))
    }

    @Test("samples are compared in the threshold's unit, and only of the series that a rule names")
    func units() throws {
        let part = try Self.part([
            Self.sample(1, 1, .double(400)), Self.sample(1, 2, .double(600)), Self.sample(1, 3, .double(700)),
            Self.sample(2, 1, .double(900)), Self.sample(3, 4, .text("idle")), Self.sample(4, 3, .text("OK")),
        ])
        #expect(part.sources.map(\.series.rawValue) == [1, 3, 4])
        #expect(part.sources[0].subject == SubjectKey(agent: Self.named("box"), name: "arm"))
        #expect(part.sources[2].subject == SubjectKey(agent: Self.named("box"), name: "box"))
        #expect(part.sources[0].conditions[0]?.beginnings.map(\.instant.sinceBoot) == [2_000_000_000])
        #expect(part.sources[0].conditions[1] == nil)
        #expect(part.sources[1].conditions[1]?.beginnings.map(\.instant.sinceBoot) == [4_000_000_000])
        #expect(part.sources[2].statements?.statements.map(\.outcome) == [0])
    }

    @Test("what is unreliable, no number, or out of the order of time begins nothing that is not there")
    func quality() throws {
        let part = try Self.part([
            Self.sample(1, 1, .double(100)), Self.sample(1, 2, .double(600), .unreliable),
            Self.sample(1, 3, .double(600)),
            Self.sample(1, 4, .double(.nan)), Self.sample(1, 6, .double(100)), Self.sample(1, 5, .double(600)),
        ])
        #expect(
            part.sources[0].conditions[0]?.beginnings.map(\.instant.sinceBoot) == [3_000_000_000],
            "from the first measurement on, over the NaN, to the sample at 6 s that came before that of 5 s")
    }

    @Test("a series that was not defined is remembered, and found again when it is")
    func unknown() throws {
        var dictionary = try Self.dictionary()
        let current = dictionary.removeValue(forKey: SeriesID(rawValue: 1))
        let part = try Self.part([Self.sample(1, 1, .double(900))], series: dictionary)
        #expect(part.unknown == [SeriesID(rawValue: 1)] && part.sources.isEmpty)
        #expect(part.isFound(by: dictionary))
        dictionary[SeriesID(rawValue: 1)] = current
        #expect(!part.isFound(by: dictionary))
        #expect(try Self.part([Self.sample(1, 1, .double(900))]).isFound(by: dictionary))
        dictionary[SeriesID(rawValue: 1)] = Series(
            "gripper.current", tags: [Tag("joint", "6")], unit: try #require(Unit("A")))
        #expect(try !Self.part([Self.sample(1, 1, .double(900))]).isFound(by: dictionary), "it is in another unit")
    }

    private static func rows() throws -> [RulePart] {
        var rows: [RulePart] = []
        for second in 0..<40 {
            let time = Double(second)
            let current = Value.double(second % 7 < 3 ? 600 : 20)
            let state = Value.text(second % 7 == 4 ? "idle" : "running")
            let word = Value.text(second % 9 == 0 ? "OK" : "NOK")
            rows.append(
                try part([sample(1, time, current), sample(3, time + 0.5, state), sample(4, time + 0.7, word)]))
        }
        return rows
    }

    @Test("what frames show together does not depend on their order, nor on how often they come", arguments: 1...8)
    func order(seed: UInt64) throws {
        let rows = try Self.rows()
        var ascending = RuleTree()
        var changed: Set<RuleTree.Node> = []
        for (index, part) in rows.enumerated() { ascending.insert(part, at: UInt64(index + 1), changed: &changed) }
        var random = SeededRandom(seed: seed)
        var other = RuleTree()
        var stored: [RuleTree.Node: [UInt8]] = [:]
        for index in (Array(rows.indices) + Array(rows.indices.prefix(9))).shuffled(using: &random) {
            changed = []
            other.insert(rows[index], at: UInt64(index + 1), changed: &changed)
            for node in changed { stored[node] = other[node]?.bytes }
        }
        #expect(Set(other.nodes) == Set(ascending.nodes))
        for node in ascending.nodes { #expect(other[node] == ascending[node], "seed \(seed)") }
        #expect(
            stored == other.nodes.reduce(into: [:]) { $0[$1] = other[$1]?.bytes }, "what is stored follows the tree")
        #expect(ascending.rows.count == 1 && ascending.covered.count == 40)
        let plan = try Self.plan()
        let read = try #require(RuleTree(try stored.mapValues { try RulePart(bytes: $0, plan) }))
        #expect(read.rows.first?.part == ascending.rows.first?.part)
    }

    @Test("no bytes but those that were written are taken for a part", arguments: 1...40)
    func damaged(seed: UInt64) throws {
        let plan = try Self.plan()
        var whole = RulePart()
        for part in try Self.rows() { whole.merge(part) }
        let bytes = whole.bytes
        #expect(try RulePart(bytes: bytes, plan) == whole)
        var random = SeededRandom(seed: seed)
        #expect(throws: AggregationError.self) {
            try RulePart(bytes: Array(bytes.prefix(Int.random(in: 0..<bytes.count, using: &random))), plan)
        }
        var damaged = bytes
        damaged[Int.random(in: 0..<bytes.count, using: &random)] ^= UInt8.random(in: 1...255, using: &random)
        if let part = try? RulePart(bytes: damaged, plan) {
            #expect(part.bytes == damaged, "seed \(seed): what is accepted is written so")
        }
    }

    @Test("memory grows with beginnings, not with samples")
    func memory() throws {
        var tree = RuleTree()
        var changed: Set<RuleTree.Node> = []
        let part = try Self.part((0..<50).map { Self.sample(1, Double($0), .double(600)) })
        for sequence in 1...4096 as ClosedRange<UInt64> {
            var later = part
            // The same row goes on, frame after frame.
            later.sources[0].conditions[0] = Self.trace(String(repeating: "#", count: 50), from: Int(sequence) * 50)
            tree.insert(later, at: sequence, changed: &changed)
        }
        #expect(tree.nodes.count <= 13)
        #expect(tree.nodes.compactMap { tree[$0]?.bytes.count }.reduce(0, +) < 2500, "200,000 samples")
    }
}
