import Telemetry

#if canImport(Glibc)
import Glibc
#else
import Musl
#endif

/// One file that is read as it grows, whatever its name is by now.
///
/// ``end()`` is to be called before the value goes.
struct OpenFile {
    /// What tells one file from another under the same name.
    struct Identity: Hashable {
        let device: UInt64
        let inode: UInt64

        init(_ status: stat) {
            device = UInt64(status.st_dev)
            inode = UInt64(status.st_ino)
        }

        /// The file that has a name now; nil and the system's number when there is none.
        static func named(_ path: String) -> (identity: Identity?, error: Int32) {
            var status = stat()
            guard stat(path, &status) == 0 else { return (nil, errno) }
            return (Identity(status), 0)
        }
    }

    /// Why a file cannot be read.
    struct Failure: Error {
        let message: String
    }

    /// How often a file is read in one turn.
    private static let turn = 16

    let identity: Identity
    /// When something was last read, on the monotonic clock.
    private(set) var lastGrowth = monotonicNanoseconds()
    private let descriptor: Int32
    /// How far it has been read.
    private var offset: Int64 = 0
    private var stream: RecordStream

    /// - Parameters:
    ///   - path: the file's name.
    ///   - start: where reading begins.
    ///   - stream: takes the records.
    /// - Throws: `Failure` when it cannot be read, or is no regular file.
    init(_ path: String, from start: TailSettings.Start, _ stream: RecordStream) throws(Failure) {
        // Never waits, as the opening of a named pipe would.
        let opened = retryingInterrupts { open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC) }
        guard opened.error == 0 else { throw Failure(message: systemMessage(opened.error)) }
        var status = stat()
        guard fstat(opened.result, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            close(opened.result)
            throw Failure(message: "it is no regular file")
        }
        descriptor = opened.result
        identity = Identity(status)
        self.stream = stream
        if start == .end { skipToEnd(Int64(status.st_size)) }
    }

    /// Begins behind what is there, at the beginning of a record.
    private mutating func skipToEnd(_ size: Int64) {
        // A header says how to read what comes; a file that has not even that is read from its start.
        if stream.intake.wantsHead, !takeHead() { return }
        offset = size
        lseek(descriptor, off_t(size), SEEK_SET)
        guard case .byte(let end) = stream.splitter.terminator else { return }
        var last = end
        if size > 0 { _ = pread(descriptor, &last, 1, off_t(size - 1)) }
        if last != end { stream.splitter.skipRecord() }
    }

    /// - Returns: whether the file has a first record.
    private mutating func takeHead() -> Bool {
        guard case .byte(let terminator) = stream.splitter.terminator else { return false }
        var head = [UInt8](repeating: 0, count: RecordIntake.longestRecord)
        let descriptor = descriptor
        let outcome = head.withUnsafeMutableBytes { bytes in
            retryingInterrupts { pread(descriptor, bytes.baseAddress, bytes.count, 0) }
        }
        return head.withUnsafeBytes { bytes in
            let came = UnsafeRawBufferPointer(rebasing: bytes[..<max(0, outcome.result)])
            guard let end = came.firstOffset(of: terminator) else { return false }
            stream.intake.take(UnsafeRawBufferPointer(rebasing: came[..<end]), arrival: Timestamp(nanoseconds: 0))
            return true
        }
    }

    /// Reads what has been added.
    ///
    /// - Returns: whether more waits, when others are to have their turn first.
    /// - Throws: `Failure` when it cannot be read.
    mutating func read() throws(Failure) -> Bool {
        var status = stat()
        if fstat(descriptor, &status) == 0, Int64(status.st_size) < offset {
            // Emptied in place (copytruncate): what was cut off is lost, and what is there is new.
            stream.finish(isWhole: false)
            stream.restart()
            offset = 0
            lseek(descriptor, 0, SEEK_SET)
        }
        for _ in 0..<Self.turn {
            switch stream.read(descriptor) {
            case .bytes(let count):
                offset += Int64(count)
                lastGrowth = monotonicNanoseconds()
            case .nothing, .end: return false
            case .failure(let error): throw Failure(message: systemMessage(error))
            }
        }
        return true
    }

    /// Lets the file go; what waits for the end of its record never gets it.
    mutating func end() {
        stream.finish(isWhole: false)
        close(descriptor)
    }
}
