import Aggregation
import Scenarios
import Telemetry
import Testing

@Suite("Data of an unknown time")
struct UnknownTimeTests {
    private func summary(_ rules: String, isPeriodAsked: Bool = false) throws -> Summary {
        var bench = try Bench(more: "completeness: {\(rules)}")
        try bench.attempts(29, "success")
        var account = try Bench.account()
        account.isTimeKnown = false
        bench.streams = [account]
        var all: [RunKey: RunAggregate] = [:]
        for run in bench.runs { all[RunKey(run)] = RunFold(run: run, definition: bench.definition).finish() }
        var evidence = bench.evidence(all)
        evidence.isPeriodAsked = isPeriodAsked
        return try Summary(evidence)
    }

    @Test("block a pass where the clock error is bounded or a period was asked for, and are told in both languages")
    func blocking() throws {
        for summary in [try summary("clock-error-at-most: 1s"), try summary("loss-at-most: 0", isPeriodAsked: true)] {
            #expect(summary.verdict == .inconclusive)
            #expect(summary.completeness.untimed == 1000)
            #expect(
                summary.completeness.checks.last
                    == Summary.Check(id: .time, value: 1000, limit: 0, unit: "1", holds: false))
            #expect(
                summary.reason.en
                    == "The time of 1000 samples is not known, only the order: the clock of deqing/cell-3 was never synchronised."
            )
            #expect(summary.reason.zh == "1000 个样本只知先后、不知时间：deqing/cell-3的时钟从未同步。")
        }
    }

    @Test("are no obstacle to a verdict that rests on order and durations, but are named")
    func remark() throws {
        let summary = try summary("loss-at-most: 0")
        #expect(summary.verdict == .pass)
        #expect(summary.completeness.verdict == .complete)
        #expect(
            summary.reason.en.hasSuffix(
                "; the time of 1000 samples is not known, only the order: the clock of deqing/cell-3 was never synchronised."
            ))
    }
}
