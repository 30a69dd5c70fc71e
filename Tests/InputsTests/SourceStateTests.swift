import Testing

@testable import Inputs

@Suite("The state of a source")
struct SourceStateTests {
    @Test("pauses double up to the longest, and begin anew once it answered")
    func pauses() {
        var state = SourceState("x", logger: RecordingLog().logger, first: 3, longest: 20)
        #expect((0..<5).map { _ in state.failed("away") } == [3, 6, 12, 20, 20])
        state.answered()
        #expect(state.isUp && state.failures == 0)
        #expect(state.failed("away") == 3)
        #expect(!state.isUp)
    }

    @Test("a thousand failures do not overflow")
    func longAway() {
        var state = SourceState("x", logger: RecordingLog().logger)
        #expect((0..<1000).map { _ in state.failed("away") }.max() == 60_000_000_000)
    }

    @Test("a line per change, not per failure")
    func lines() {
        let log = RecordingLog()
        var state = SourceState("x", logger: log.logger)
        for reason in ["away", "away", "wrong address", "wrong address"] { _ = state.failed(reason) }
        state.answered()
        state.answered()
        #expect(
            log.text == [
                "warning: a source does not answer; trying again", "warning: a source does not answer; trying again",
                "info: a source answers",
            ])
    }

    @Test("one that comes and goes all the time is a line in a minute, and what lasts is told in the end")
    func flapping() {
        let log = RecordingLog()
        let minute: Int64 = 60_000_000_000
        var state = SourceState("x", logger: log.logger, first: 3, longest: 20, now: 0)
        for turn in 0..<600 {
            // Back-off is as ever.
            #expect(state.failed("away", at: Int64(turn) * 100_000_000) == 3)
            state.answered(at: Int64(turn) * 100_000_000 + 50_000_000)
        }
        #expect(log.text.count == 10)
        _ = state.failed("away", at: minute)
        #expect(log.text.count == 11)
        #expect(log.metadata("changes-untold").last == "1190")
        state.answered(at: minute + 1)
        #expect(log.text.count == 11)
        state.answered(at: 2 * minute)
        #expect(log.text.last == "info: a source answers" && log.text.count == 12)
        #expect(log.metadata("changes-untold").count == 1, "nothing was left out")
    }
}
