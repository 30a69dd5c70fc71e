import Telemetry

#if canImport(Glibc)
import Glibc
#else
import Musl
#endif

/// How full a file system is.
package struct FileSystemUse: Hashable, Sendable {
    /// Bytes in all.
    package var size: UInt64
    /// Bytes that nobody uses, those kept for root included.
    package var free: UInt64
    /// Bytes that a program without privileges may still take.
    package var available: UInt64
    /// Inodes in all, 0 where there is no such limit.
    package var inodes: UInt64
    package var freeInodes: UInt64

    package init(size: UInt64, free: UInt64, available: UInt64, inodes: UInt64, freeInodes: UInt64) {
        self.size = size
        self.free = free
        self.available = available
        self.inodes = inodes
        self.freeInodes = freeInodes
    }

    /// Asks the kernel; nil when the mount point cannot be reached.
    @Sendable
    package static func probe(_ path: String) -> FileSystemUse? {
        var status = statvfs()
        guard path.withCString({ statvfs($0, &status) }) == 0 else { return nil }
        func bytes(_ blocks: some FixedWidthInteger) -> UInt64 {
            UInt64(blocks).multipliedReportingOverflow(by: UInt64(status.f_frsize)).partialValue
        }
        return FileSystemUse(
            size: bytes(status.f_blocks), free: bytes(status.f_bfree), available: bytes(status.f_bavail),
            inodes: UInt64(status.f_files), freeInodes: UInt64(status.f_ffree))
    }
}

/// How full the file systems on disks are: which there are from `/proc/self/mountinfo` (proc_pid_mountinfo(5)).
struct FileSystemReader: HostReader {
    package typealias Probe = @Sendable (_ path: String) -> FileSystemUse?

    private let root: String
    private let mounts: HostFile
    private let exclude: [NamePattern]
    private let probe: Probe
    private var rows: [Row]?

    private struct Row {
        let path: String
        let size, available, usage, inodeUsage: SeriesID?
    }

    init(root: String, exclude: [NamePattern], probe: @escaping Probe) {
        self.root = root
        self.exclude = exclude
        self.probe = probe
        mounts = HostFile(root + "/proc/self/mountinfo", .records)
    }

    mutating func read(_ pass: inout HostPass) -> Bool {
        guard mounts.open(survey: pass.survey) else {
            rows = nil
            return false
        }
        if rows == nil || hasChanged() {
            guard pass.buffer.read(mounts, survey: pass.survey) else { return false }
            rows = pass.buffer.withCursor { cursor in
                MountPoint.realOnes(&cursor).filter { !exclude.matches($0) }.map { Self.row($0, root, pass) }
            }
        }
        for row in rows ?? [] {
            guard let use = probe(row.path), use.size > 0 else { continue }
            pass.add(row.size, count: use.size)
            pass.add(row.available, count: use.available)
            // As df(1) has it: what is kept for root counts as neither used nor available.
            let used = use.size - min(use.size, use.free)
            if used &+ use.available > 0 {
                pass.add(row.usage, percent: 100 * Double(used) / Double(used &+ use.available))
            }
            if use.inodes > 0 {
                let taken = use.inodes - min(use.inodes, use.freeInodes)
                pass.add(row.inodeUsage, percent: 100 * Double(taken) / Double(use.inodes))
            }
        }
        return true
    }

    /// The kernel marks the open file once something was mounted or unmounted since it was last asked.
    private func hasChanged() -> Bool {
        var polled = pollfd(fd: mounts.descriptor, events: Int16(POLLPRI), revents: 0)
        return poll(&polled, 1, 0) > 0 && polled.revents & Int16(POLLPRI | POLLERR) != 0
    }

    private static func row(_ mount: String, _ root: String, _ pass: HostPass) -> Row {
        let tags = [Tag("mount", mount)]
        return Row(
            path: root + mount, size: pass.register("filesystem.size", tags, unit: .byte),
            available: pass.register("filesystem.available", tags, unit: .byte),
            usage: pass.register("filesystem.usage", tags, unit: .percent),
            inodeUsage: pass.register("filesystem.inodes.usage", tags, unit: .percent))
    }
}
