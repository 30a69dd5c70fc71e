import Telemetry

/// Memory and swap space, from `/proc/meminfo` (proc_meminfo(5)).
struct MemoryReader: HostReader {
    /// Which half of the file to give; the two are groups of their own.
    enum Part {
        case memory
        case swap
    }

    private let file: HostFile
    private let part: Part
    private var series: [SeriesID?] = []
    private var usage: SeriesID?
    private var isRegistered = false

    /// The file's names, each with the last word of its series'.
    private static let memory: [(key: StaticString, name: String)] = [
        ("MemTotal:", "total"), ("MemAvailable:", "available"), ("MemFree:", "free"), ("Buffers:", "buffers"),
        ("Cached:", "cached"), ("Dirty:", "dirty"),
    ]
    private static let swap: [(key: StaticString, name: String)] = [("SwapTotal:", "total"), ("SwapFree:", "free")]

    /// `file`: `/proc/meminfo`, the same for both parts.
    init(_ file: HostFile, _ part: Part) {
        self.file = file
        self.part = part
    }

    mutating func read(_ pass: inout HostPass) -> Bool {
        // The kernel adds all of it up anew for each read.
        guard pass.buffer.holds(file) || pass.buffer.read(file, survey: pass.survey) else { return false }
        let rows = part == .memory ? Self.memory : Self.swap
        // Total and what is left of it.
        var (total, available): (UInt64?, UInt64?)
        var bytes = InlineArray<6, UInt64?>(repeating: nil)
        pass.buffer.withCursor { cursor in
            while var line = cursor.line() {
                for index in rows.indices where bytes[index] == nil && line.skip(rows[index].key) {
                    bytes[index] = line.unsigned().map { $0.multipliedReportingOverflow(by: 1024).partialValue }
                    break
                }
            }
        }
        (total, available) = (bytes[0], bytes[1])
        // A box without swap has a line that says 0: the group is absent then.
        guard let total, total > 0 else { return false }
        register(pass)
        for index in rows.indices {
            if let count = bytes[index] { pass.add(series[index], count: count) }
        }
        if let available, available <= total {
            pass.add(usage, percent: 100 * Double(total - available) / Double(total))
        }
        return true
    }

    private mutating func register(_ pass: HostPass) {
        guard !isRegistered else { return }
        isRegistered = true
        let prefix = part == .memory ? "memory" : "swap"
        let rows = part == .memory ? Self.memory : Self.swap
        series = rows.map { pass.register("\(prefix).\($0.name)", unit: .byte) }
        usage = pass.register("\(prefix).usage", unit: .percent)
    }
}
