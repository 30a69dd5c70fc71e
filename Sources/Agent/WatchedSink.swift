import Inputs
import Platform
import Telemetry

/// The intake, as one input sees it: what it gives is counted under its name, a few words of memory for each call, and none for each sample.
final class WatchedSink: SampleSink {
    private let intake: SampleIntake
    private let watch: InputWatch
    private let clock = SystemClock()

    init(_ intake: SampleIntake, _ watch: InputWatch) {
        self.intake = intake
        self.watch = watch
    }

    func register(_ series: Series) -> SeriesID? { intake.register(series) }

    func accept(_ samples: [Sample], priority: PriorityClass) {
        watch.gave(samples: samples.count, at: clock.monotonic)
        intake.accept(samples, priority: priority)
    }

    func accept(_ event: Event) {
        watch.gave(samples: 0, events: 1, at: clock.monotonic)
        intake.accept(event)
    }

    func reject(_ count: Int, from input: String, reason: String) {
        intake.reject(count, from: input, reason: reason)
    }
}
