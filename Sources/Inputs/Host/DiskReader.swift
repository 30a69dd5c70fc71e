import Telemetry

#if canImport(Glibc)
import Glibc
#else
import Musl
#endif

/// Reads, writes and busy time of whole disks, from `/proc/diskstats` (kernel documentation, admin-guide/iostats).
struct DiskReader: HostReader {
    /// The unit of the kernel's counts, whatever the disk's own sectors are.
    private static let sector: UInt64 = 512

    private let root: String
    private let file: HostFile
    private let exclude: [NamePattern]
    private var rows = NamedRows<Row?>()

    private struct Row {
        var readBytes, reads, writtenBytes, writes, busy: SeriesID?
        /// Milliseconds with something under way, and when they were read.
        var previous: (busy: UInt64, at: Int64)?
    }

    init(root: String, exclude: [NamePattern]) {
        self.root = root
        self.exclude = exclude
        file = HostFile(root + "/proc/diskstats", .records)
    }

    mutating func read(_ pass: inout HostPass) -> Bool {
        guard pass.buffer.read(file, survey: pass.survey) else { return false }
        rows.begin()
        pass.buffer.withCursor { cursor in
            while var line = cursor.line() {
                // Major and minor number come before the name.
                guard line.unsigned() != nil, line.unsigned() != nil else { continue }
                let name = line.word()
                rows.update(name, make: { [root, exclude] in Self.row($0, root, exclude, pass) }) { row in
                    guard row != nil else { return }
                    Self.add(&line, &row, &pass)
                }
            }
        }
        return true
    }

    /// Nil for what is not a whole disk: partitions would count everything twice.
    private static func row(_ disk: String, _ root: String, _ exclude: [NamePattern], _ pass: HostPass) -> Row? {
        // The kernel writes '!' for a '/' in the names under /sys.
        let directory = String(disk.map { $0 == "/" ? "!" : $0 })
        guard !exclude.matches(disk), access("\(root)/sys/class/block/\(directory)/partition", F_OK) != 0 else {
            return nil
        }
        let tags = [Tag("disk", disk)]
        return Row(
            readBytes: pass.register("disk.read.bytes", tags, unit: .byte, kind: .counter),
            reads: pass.register("disk.read.operations", tags, unit: .one, kind: .counter),
            writtenBytes: pass.register("disk.write.bytes", tags, unit: .byte, kind: .counter),
            writes: pass.register("disk.write.operations", tags, unit: .one, kind: .counter),
            busy: pass.register("disk.busy", tags, unit: .percent))
    }

    private static func add(_ line: inout ByteCursor, _ row: inout Row?, _ pass: inout HostPass) {
        // reads, merged, sectors, ms; writes, merged, sectors, ms; in flight, ms busy
        var fields = InlineArray<10, UInt64>(repeating: 0)
        for index in fields.indices {
            guard let value = line.unsigned() else { return }
            fields[index] = value
        }
        pass.add(row?.readBytes, count: fields[2].multipliedReportingOverflow(by: sector).partialValue)
        pass.add(row?.reads, count: fields[0])
        pass.add(row?.writtenBytes, count: fields[6].multipliedReportingOverflow(by: sector).partialValue)
        pass.add(row?.writes, count: fields[4])
        let now = pass.moment.monotonic
        defer { row?.previous = (fields[9], now) }
        // The count has 32 bits on some kernels and begins anew after 49 days: no sample then.
        guard let previous = row?.previous, fields[9] >= previous.busy, now > previous.at else { return }
        let share = Double(fields[9] - previous.busy) * 1_000_000 * 100 / Double(now - previous.at)
        pass.add(row?.busy, percent: min(100, share))
    }
}
