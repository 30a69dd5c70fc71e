import Telemetry

/// Seconds since the box was started, from `/proc/uptime` (proc_uptime(5)).
struct UptimeReader: HostReader {
    private let file: HostFile
    private var series: SeriesID??

    init(root: String) { file = HostFile(root + "/proc/uptime") }

    mutating func read(_ pass: inout HostPass) -> Bool {
        guard pass.buffer.read(file, survey: pass.survey), let uptime = pass.buffer.withCursor({ $0.decimal() }) else {
            return false
        }
        let series = self.series ?? pass.register("uptime", unit: .second, kind: .counter)
        self.series = .some(series)
        pass.add(series, .double((uptime * 100).rounded() / 100))
        return true
    }
}
