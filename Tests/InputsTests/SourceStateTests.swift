import Inputs
import Testing

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
}
