import Telemetry

#if canImport(Glibc)
import Glibc
#else
import Musl
#endif

/// What the agent itself takes of the box, from `/proc/self/stat` (proc_pid_stat(5)) and `/proc/self/smaps_rollup`
/// (kernel documentation, filesystems/proc).
struct AgentReader: HostReader {
    /// To sum up its memory the kernel walks all of the agent's pages, so that is not asked for every time.
    private static let memoryInterval: Int64 = 10_000_000_000

    private let times: HostFile
    private let memory: HostFile
    /// Clock ticks in a second, the unit of times in `/proc`.
    private let tick: Double
    private var series: (time: SeriesID?, resident: SeriesID?, dirty: SeriesID?)?
    private var memoryRead: Int64?

    init(root: String) {
        times = HostFile(root + "/proc/self/stat")
        memory = HostFile(root + "/proc/self/smaps_rollup")
        tick = Double(max(1, sysconf(Int32(_SC_CLK_TCK))))
    }

    mutating func read(_ pass: inout HostPass) -> Bool {
        guard pass.buffer.read(times, survey: pass.survey),
            let ticks = pass.buffer.withCursor({ Self.ticks(&$0) })
        else { return false }
        let series =
            self.series ?? (
                pass.register("agent.cpu.time", unit: .second, kind: .counter),
                pass.register("agent.memory.resident", unit: .byte),
                pass.register("agent.memory.private-dirty", unit: .byte)
            )
        self.series = series
        pass.add(series.time, .double(Double(ticks) / tick))
        let now = pass.moment.monotonic
        if memoryRead.map({ now - $0 >= Self.memoryInterval }) ?? true, pass.buffer.read(memory, survey: pass.survey) {
            memoryRead = now
            pass.buffer.withCursor { cursor in
                while var line = cursor.line() {
                    if line.skip("Rss:"), let size = line.unsigned() { pass.add(series.resident, count: size * 1024) }
                    if line.skip("Private_Dirty:"), let size = line.unsigned() {
                        pass.add(series.dirty, count: size * 1024)
                    }
                }
            }
        }
        return true
    }

    /// User and system time: the 14th and the 15th field. The name, the second, stands in parentheses and may hold any
    /// of them itself, so that fields are counted from the last `)`.
    private static func ticks(_ cursor: inout ByteCursor) -> UInt64? {
        guard let name = cursor.rest.lastIndex(of: UInt8(ascii: ")")) else { return nil }
        cursor.advance(by: name + 1)
        for _ in 3...13 { _ = cursor.word() }
        guard let user = cursor.unsigned(), let system = cursor.unsigned() else { return nil }
        return user &+ system
    }
}
