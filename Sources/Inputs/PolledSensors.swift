import Logging
import Telemetry

/// Sensors of the kernel's that are read at a steady cadence: `hwmon`, `w1`, `iio`.
struct PolledSensors {
    /// Nanoseconds between readings.
    let every: Int64
    let priority: PriorityClass
    /// What is read, as a person knows it, such as `/sys/class/hwmon`.
    let source: String
    /// What to do where there is nothing to read.
    let advice: String
    let environment: InputEnvironment

    /// Reads until `stop` is woken. Where there is nothing to read it looks again every minute, and says so once.
    func run(_ reader: consuming some HostReader, device: String?, into sink: any SampleSink, until stop: Waker) {
        var reader = reader
        var ticker = Ticker(every: every, watch: environment.watch)
        var pass = HostPass(
            root: environment.root, tags: environment.deviceTags(device), sink: sink, moment: moment)
        var state = SourceState(source, of: environment)
        while let tick = ticker.next(until: stop) {
            if tick.skipped > 0 { sink.reject(tick.skipped, from: environment.name, reason: "skipped tick") }
            pass.begin(at: moment)
            if reader.read(&pass) {
                state.answered()
            } else {
                _ = state.failed(advice)
            }
            if !pass.samples.isEmpty { sink.accept(pass.samples, priority: priority) }
            if pass.overLimit > 0 {
                sink.reject(pass.overLimit, from: environment.name, reason: "limit on series")
            }
        }
    }

    private var moment: HostMoment { HostMoment(wall: environment.now(), monotonic: monotonicNanoseconds()) }
}
