#if canImport(Glibc)
import Glibc
#else
import Musl
#endif

/// What the kernel says of this process.
package struct ProcessFigures: Hashable, Sendable {
    /// Seconds of processor time, in user and in system mode.
    package let processorSeconds: Double
    /// Bytes; nil where `/proc` does not tell.
    package let residentBytes: UInt64?
    package let virtualBytes: UInt64?
    package let threads: UInt64?
    /// When it started, seconds since 1970 by the kernel's word of its boot.
    package let start: Double?
    package let openDescriptors: Int?
    package let mostDescriptors: UInt64?

    /// Reads them now.
    package init() {
        var time = timespec()
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        processorSeconds = Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
        // Behind the name, which is in brackets and may hold anything (proc(5)); the first field is then the third.
        let fields = Self.text(of: "/proc/self/stat").flatMap { text in
            text.lastIndex(of: ")").map { text[text.index(after: $0)...].split(separator: " ") }
        }
        func field(_ number: Int) -> UInt64? {
            guard let fields, fields.indices.contains(number - 3) else { return nil }
            return UInt64(fields[number - 3])
        }
        threads = field(20)
        virtualBytes = field(23)
        residentBytes = field(24).map { $0 * UInt64(max(1, sysconf(Int32(_SC_PAGESIZE)))) }
        let ticks = Double(max(1, sysconf(Int32(_SC_CLK_TCK))))
        let boot = Self.text(of: "/proc/stat")?.split(separator: "\n").first { $0.hasPrefix("btime ") }
            .flatMap { Double($0.dropFirst(6)) }
        start = field(22).flatMap { start in boot.map { $0 + Double(start) / ticks } }
        openDescriptors = Self.entries(of: "/proc/self/fd")
        var limit = rlimit()
        mostDescriptors =
            getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 ? UInt64(limit.rlim_cur) : nil
    }

    private static func text(of path: String) -> String? {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return nil }
        defer { close(file) }
        var bytes = [UInt8](repeating: 0, count: 64 * 1024)
        var length = 0
        while length < bytes.count {
            let count = bytes.withUnsafeMutableBytes {
                read(file, $0.baseAddress?.advanced(by: length), $0.count - length)
            }
            if count <= 0 { break }
            length += count
        }
        return length > 0 ? String(decoding: bytes.prefix(length), as: UTF8.self) : nil
    }

    /// How many there are, without the one that the counting itself takes.
    private static func entries(of path: String) -> Int? {
        guard let directory = opendir(path) else { return nil }
        defer { closedir(directory) }
        var count = 0
        while let entry = readdir(directory) {
            // Linux gives numbers and the two names with dots.
            if entry.pointee.d_name.0 != CChar(UInt8(ascii: ".")) { count += 1 }
        }
        return count - 1
    }
}
