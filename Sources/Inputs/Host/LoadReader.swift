import Telemetry

/// The run queue's averages, from `/proc/loadavg` (proc_loadavg(5)).
struct LoadReader: HostReader {
    private let file: HostFile
    private var series: (Averages, tasks: SeriesID?)?

    private typealias Averages = InlineArray<3, SeriesID?>

    init(root: String) { file = HostFile(root + "/proc/loadavg") }

    mutating func read(_ pass: inout HostPass) -> Bool {
        guard pass.buffer.read(file, survey: pass.survey) else { return false }
        let series =
            self.series ?? (
                [
                    pass.register("load.1m", unit: .one), pass.register("load.5m", unit: .one),
                    pass.register("load.15m", unit: .one),
                ], pass.register("load.tasks", unit: .one)
            )
        self.series = series
        return pass.buffer.withCursor { cursor in
            for index in series.0.indices {
                guard let load = cursor.decimal() else { return index > 0 }
                pass.add(series.0[index], .double((load * 100).rounded() / 100))
            }
            // `2/431`: of 431 threads and processes 2 want to run.
            if cursor.unsigned() != nil, cursor.skip("/"), let tasks = cursor.unsigned() {
                pass.add(series.tasks, count: tasks)
            }
            return true
        }
    }
}
