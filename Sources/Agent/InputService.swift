import Inputs
import Logging
import Platform

/// One input that runs: started again with growing pauses when it fails, without touching the others.
struct InputService: Sendable {
    let name: String
    let input: any RunnableInput
    let sink: SampleIntake
    let watch: InputWatch
    let logger: Logger

    /// Returns when `stop` was woken; whatever the moment of that, the input has been started once.
    func run(until stop: Waker) {
        var pause: Int64 = 1_000_000_000
        let sink = WatchedSink(sink, watch)
        while true {
            var reason = "it ended by itself"
            watch.begins()
            do throws(InputError) {
                try input.run(into: sink, until: stop)
            } catch {
                reason = error.description
            }
            if stop.isWoken { return }
            watch.fails(reason)
            logger.error(
                "an input has stopped; trying again",
                metadata: [
                    "input": "\(name)", "reason": "\(reason)", "retry": "\(Duration.nanoseconds(pause))",
                ])
            let clock = SystemClock()
            let end = clock.monotonic + pause
            while clock.monotonic < end {
                if stop.wait(nanoseconds: end - clock.monotonic) { return }
            }
            pause = min(pause * 2, 60_000_000_000)
        }
    }
}
