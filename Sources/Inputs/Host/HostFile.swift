#if canImport(Glibc)
import Glibc
#else
import Musl
#endif

/// A file of `/proc` or `/sys` that is read over and over through one descriptor; the kernel makes its content anew for
/// each read from the start.
final class HostFile {
    /// How the kernel hands the content out.
    enum Layout {
        /// All of it with one read, given room enough.
        case whole
        /// About a page with each read, until a read gives nothing.
        case records
    }

    let path: String
    let layout: Layout
    private(set) var descriptor: Int32 = -1
    /// The survey in which the file was found to be missing.
    private var missingSince: Int?

    init(_ path: String, _ layout: Layout = .whole) {
        self.path = path
        self.layout = layout
    }

    deinit { closeDescriptor() }

    /// Opens the file if it is not open; one that was missing is tried again only in the next survey.
    ///
    /// - Returns: whether it is open.
    func open(survey: Int) -> Bool {
        if descriptor >= 0 { return true }
        if missingSince == survey { return false }
        descriptor = retryingInterrupts { systemOpen(path, O_RDONLY | O_CLOEXEC) }.result
        missingSince = descriptor < 0 ? survey : nil
        return descriptor >= 0
    }

    /// Fills `room` from the file's beginning.
    ///
    /// - Returns: the number of bytes; nil when the file cannot be read now.
    func read(into room: UnsafeMutableRawBufferPointer) -> Int? {
        var count = 0
        while count < room.count {
            let outcome = retryingInterrupts {
                pread(descriptor, room.baseAddress.map { $0 + count }, room.count - count, off_t(count))
            }
            guard outcome.error == 0 else {
                // The device behind the file is gone. Any other trouble, such as a sensor that is asleep, may pass.
                if outcome.error == ENODEV || outcome.error == ENOENT || outcome.error == ESRCH { closeDescriptor() }
                return nil
            }
            count += outcome.result
            if outcome.result == 0 || layout == .whole { break }
        }
        return count
    }

    private func closeDescriptor() {
        guard descriptor >= 0 else { return }
        close(descriptor)
        descriptor = -1
    }
}

private func systemOpen(_ path: String, _ flags: Int32) -> Int32 { open(path, flags) }

/// The room that every file is read into.
final class HostBuffer {
    /// More than `/proc` says of a box with some hundred disks and interfaces.
    private static let size = 262_144
    private let bytes = ReadBuffer(count: HostBuffer.size)
    private var count = 0
    /// Whose content it has.
    private var held: HostFile?

    init() {}

    /// Another reading begins: nothing is up to date any more.
    func forget() { held = nil }

    /// Whether it has the content of a file as it was read last, in this reading.
    func holds(_ file: HostFile) -> Bool { held === file }

    /// Reads a file; what ``withCursor(_:)`` sees is its content then.
    ///
    /// - Returns: whether it could be read.
    func read(_ file: HostFile, survey: Int) -> Bool {
        held = nil
        guard file.open(survey: survey) else { return false }
        guard let read = bytes.withUnsafeMutableBytes({ file.read(into: $0) }) else { return false }
        count = read
        held = file
        return true
    }

    func withCursor<Result>(_ body: (inout ByteCursor) -> Result) -> Result {
        bytes.withUnsafeBytes { bytes in
            var cursor = ByteCursor(UnsafeRawBufferPointer(rebasing: bytes[..<count]))
            return body(&cursor)
        }
    }
}

/// The names in a directory in natural order, `hwmon2` before `hwmon10`; empty when it cannot be read.
func directoryNames(_ path: String) -> [String] {
    guard let directory = opendir(path) else { return [] }
    defer { closedir(directory) }
    var names: [String] = []
    while let entry = readdir(directory) {
        let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
            String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
        }
        if !name.hasPrefix(".") { names.append(name) }
    }
    return names.sorted { ($0.utf8.count, $0) < ($1.utf8.count, $1) }
}

/// The first line of a small file without blanks around it; nil when it cannot be read or is empty.
func firstLine(_ path: String) -> String? {
    let descriptor = retryingInterrupts { systemOpen(path, O_RDONLY | O_CLOEXEC) }.result
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    return withUnsafeTemporaryAllocation(byteCount: 256, alignment: 1) { room in
        let count = retryingInterrupts { pread(descriptor, room.baseAddress, room.count, 0) }.result
        guard count > 0 else { return nil }
        var cursor = ByteCursor(UnsafeRawBufferPointer(rebasing: room[..<count]))
        guard var line = cursor.line() else { return nil }
        line.skipSpaces()
        let text = line.rest.text
        let end = text.lastIndex { $0 != " " && $0 != "\t" }
        return end.map { String(text[...$0]) }
    }
}
