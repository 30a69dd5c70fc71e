import Telemetry

/// Where the processors' time went, from `/proc/stat` (proc_stat(5)).
struct CPUReader: HostReader {
    private static let modes = ["user", "system", "interrupt", "iowait", "steal", "idle"]

    private let file: HostFile
    private let cores: HostSettings.CoreDetail
    private var rows = NamedRows<Row>()

    init(root: String, cores: HostSettings.CoreDetail) {
        file = HostFile(root + "/proc/stat")
        self.cores = cores
    }

    /// Ticks since boot, by mode in the order of ``modes``.
    private typealias Times = InlineArray<6, UInt64>

    private struct Row {
        var usage: SeriesID?
        var modes: [SeriesID?]
        var previous: Times?
    }

    mutating func read(_ pass: inout HostPass) -> Bool {
        guard pass.buffer.read(file, survey: pass.survey) else { return false }
        rows.begin()
        let buffer = pass.buffer
        return buffer.withCursor { cursor in
            var any = false
            while var line = cursor.line(), line.skip("cpu") {
                let name = line.attachedWord()
                if !name.isEmpty, cores == .none { break }
                guard let times = Self.times(&line) else { continue }
                add(name, times, to: &pass)
                any = true
            }
            return any
        }
    }

    private mutating func add(_ core: UnsafeRawBufferPointer, _ times: Times, to pass: inout HostPass) {
        let detail = core.isEmpty ? .modes : cores
        rows.update(core, make: { Self.row($0, detail, pass) }) { row in
            defer { row.previous = times }
            guard let previous = row.previous, let shares = Self.shares(from: previous, to: times) else { return }
            pass.add(row.usage, percent: 100 - shares[3] - shares[5])
            for (index, series) in row.modes.enumerated() { pass.add(series, percent: shares[index]) }
        }
    }

    private static func row(_ core: String, _ detail: HostSettings.CoreDetail, _ pass: HostPass) -> Row {
        let tags = core.isEmpty ? [] : [Tag("core", core)]
        return Row(
            usage: pass.register("cpu.usage", tags, unit: .percent),
            modes: detail == .modes ? modes.map { pass.register("cpu.\($0)", tags, unit: .percent) } : [])
    }

    /// The columns user, nice, system, idle, iowait, irq, softirq, steal; guest time is already in user and nice.
    /// Kernels before 2.6.11 have fewer: those count as 0.
    private static func times(_ line: inout ByteCursor) -> Times? {
        guard let user = line.unsigned(), let nice = line.unsigned(), let system = line.unsigned(),
            let idle = line.unsigned()
        else { return nil }
        let iowait = line.unsigned() ?? 0
        let interrupt = (line.unsigned() ?? 0) &+ (line.unsigned() ?? 0)
        return [user &+ nice, system, interrupt, iowait, line.unsigned() ?? 0, idle]
    }

    /// The share of each mode in percent of the time between two readings; nil when no time went by or the counters
    /// began anew.
    private static func shares(from previous: Times, to times: Times) -> InlineArray<6, Double>? {
        var (before, after, spent): (UInt64, UInt64, UInt64) = (0, 0, 0)
        var deltas = InlineArray<6, UInt64>(repeating: 0)
        for mode in times.indices {
            before &+= previous[mode]
            after &+= times[mode]
            // Idle and iowait may go back by a tick when a core wakes up (proc_stat(5)); that is no time spent.
            deltas[mode] = times[mode] > previous[mode] ? times[mode] - previous[mode] : 0
            spent &+= deltas[mode]
        }
        guard after > before, spent > 0 else { return nil }
        var shares = InlineArray<6, Double>(repeating: 0)
        for mode in shares.indices { shares[mode] = Double(deltas[mode]) * 100 / Double(spent) }
        return shares
    }
}
