import Aggregation
import Frames
import Telemetry
import Testing

@Suite("Completeness is known for each run")
struct RunCompletenessTests {
    /// Three runs; the frames of `second...second` after the boot never come.
    private func centre(
        without seconds: ClosedRange<Int>, declared: Bool = false, rules: String = TestCentre.rules,
        perFrame: Int = 1
    ) throws -> Summary {
        var box = TestBox()
        let centre = try TestCentre(completeness: rules)
        try centre.take(box.definitions(at: 1))
        var gone: [UInt64] = []
        var ordinals: [UInt64] = []
        for run in 0..<3 {
            let first = 10 + run * 20
            for second in (first - 5)..<(first + 15) {
                if second == first { try centre.take(box.start("r\(run + 1)", at: Double(second))) }
                if second == first + 10 { try centre.take(box.stop("r\(run + 1)", at: Double(second))) }
                let frame = try box.samples(at: (0..<perFrame).map { Double(second) + Double($0) / 100 })
                let header = try FrameHeader.peek(frame)
                if seconds.contains(second) {
                    gone.append(header.sequence)
                    ordinals += header.ordinals.map { [$0.lowerBound, $0.upperBound] } ?? []
                } else {
                    try centre.take(frame)
                }
            }
        }
        if declared, let first = gone.min(), let last = gone.max(), let low = ordinals.min(), let high = ordinals.max()
        {
            try centre.take(
                box.declare(
                    [
                        LossDeclaration(
                            epoch: 1, priority: .metric, sequences: first...last, samples: .ordinals(low...high),
                            reason: .evicted)
                    ], at: 100))
        }
        try centre.fold()
        return try centre.summary()
    }

    @Test("a hole is held against the runs that it touches, and the reason names them")
    func named() throws {
        let summary = try centre(without: 33...34, perFrame: 60)
        #expect(summary.verdict == .inconclusive)
        #expect(summary.ledger.map { $0.completeness?.missing } == [0, 120, 0])
        #expect(summary.ledger.map { $0.completeness?.missingFrames } == [0, 2, 0])
        #expect(summary.ledger.map { $0.completeness?.broken.contains(.loss) } == [false, true, false])
        #expect(summary.reason.en.contains("run r2: 120 samples of box-01 missing"), "\(summary.reason.en)")
        #expect(summary.reason.zh.contains("运行 r2：box-01 缺 120 个样本"))
        let run = try #require(summary.ledger[1].completeness)
        #expect(run.longestGap.map { abs($0 - 2.41) < 1e-9 } == true)
        #expect((run.coverage ?? 1) < 0.9)
        #expect(run.broken == [.loss, .gap, .coverage])
    }

    @Test("a hole between runs is held against none, and still counts for the period")
    func between() throws {
        let summary = try centre(without: 22...23)
        #expect(summary.ledger.allSatisfy { $0.completeness?.missing == 0 && $0.completeness?.broken == [] })
        #expect(summary.completeness.pending == 2)
        #expect(summary.verdict == .inconclusive)
        #expect(!summary.reason.en.contains("run r"))
    }

    @Test("declared losses are the runs' losses; a run with more than its share is named even where all keep the rule")
    func declared() throws {
        let summary = try centre(without: 33...34, declared: true, rules: "{loss-at-most: 5%}")
        #expect(summary.ledger.map { $0.completeness?.lost } == [0, 2, 0])
        #expect(summary.ledger.map { $0.completeness?.missing } == [0, 0, 0])
        #expect(summary.completeness.verdict == .declaredLoss)
        #expect(summary.verdict == .pass, "the rule over the period decides")
        #expect(summary.reason.en.contains("run r2: 2 samples of box-01 lost"), "\(summary.reason.en)")
    }
}
