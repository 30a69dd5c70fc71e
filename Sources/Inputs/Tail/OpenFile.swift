import Telemetry

#if canImport(Glibc)
import Glibc
#else
import Musl
#endif

/// One file that is read as it grows, whatever its name is by now.
///
/// ``end(_:isKept:)`` is to be called before the value goes.
struct OpenFile {
    /// What tells one file from another under the same name.
    struct Identity: Hashable, Sendable {
        let device: UInt64
        let inode: UInt64

        init(device: UInt64, inode: UInt64) {
            self.device = device
            self.inode = inode
        }

        init(_ status: stat) { self.init(device: UInt64(status.st_dev), inode: UInt64(status.st_ino)) }

        /// The file that has a name now; nil and the system's number when there is none.
        static func named(_ path: String) -> (identity: Identity?, error: Int32) {
            var status = stat()
            guard stat(path, &status) == 0 else { return (nil, errno) }
            return (Identity(status), 0)
        }
    }

    /// Where reading begins.
    enum Beginning: Hashable {
        case start, end
        /// Behind what was read of it before; at the start where it is another file, or was emptied since.
        case after(TailPosition)
    }

    /// Why a file cannot be read.
    struct Failure: Error {
        let message: String
    }

    /// How often a file is read in one turn.
    private static let turn = 16

    let identity: Identity
    /// Whether reading goes on behind what was read before.
    private(set) var isContinued = false
    /// When something was last read, on the monotonic clock.
    private(set) var lastGrowth = monotonicNanoseconds()
    /// Its watch; -1 where the system gave none.
    let watch: Int32
    private let descriptor: Int32
    /// How far it has been read.
    private var offset: Int64 = 0
    /// Its first bytes, as they were when they could last be read.
    private var head: TailPosition.Head?
    private var stream: RecordStream

    /// - Parameters:
    ///   - path: the file's name.
    ///   - beginning: where reading begins.
    ///   - stream: takes the records.
    ///   - watch: tells of what is written to it.
    /// - Throws: `Failure` when it cannot be read, or is no regular file; also when it cannot be told whether it was read before.
    init(
        _ path: String, from beginning: Beginning, _ stream: RecordStream, _ watch: borrowing FileWatch
    ) throws(Failure) {
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
        self.watch = watch.add(opened.result)
        switch beginning {
        case .start: break
        case .end: skip(to: Int64(status.st_size))
        case .after(let position):
            guard let isSame = position.fits(opened.result, Identity(status), size: Int64(status.st_size)) else {
                end(watch, isKept: true)
                throw Failure(message: "its beginning cannot be read")
            }
            guard isSame else { break }
            isContinued = true
            if position.offset > 0 { skip(to: position.offset) }
        }
        noteHead()
    }

    /// Begins behind what is there before `size`, at the beginning of a record.
    private mutating func skip(to size: Int64) {
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

    /// How far it has been read, under the name `path`; nil when that cannot be told just now.
    func position(_ path: String) -> TailPosition? {
        let taken = taken
        guard let head = TailPosition.Head(of: descriptor, upTo: taken) ?? head else { return nil }
        return TailPosition(path: path, file: identity, offset: taken, head: head)
    }

    /// What waits for the end of its record is read again.
    private var taken: Int64 { offset - Int64(stream.splitter.pendingCount) }

    /// Keeps the checksum of the first bytes, for a time when they cannot be read.
    private mutating func noteHead() {
        let taken = taken
        guard head?.count != Int(min(taken, Int64(TailPosition.Head.longest))) else { return }
        if let present = TailPosition.Head(of: descriptor, upTo: taken) { head = present }
    }

    /// Reads what has been added.
    ///
    /// - Returns: whether more waits, when others are to have their turn first.
    /// - Throws: `Failure` when it cannot be read.
    mutating func read() throws(Failure) -> Bool {
        defer { noteHead() }
        var status = stat()
        if fstat(descriptor, &status) == 0, Int64(status.st_size) < offset {
            // Emptied in place (copytruncate): what was cut off is lost, and what is there is new.
            stream.finish(isWhole: false)
            stream.restart()
            offset = 0
            head = nil
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

    /// Lets the file go.
    ///
    /// - Parameters:
    ///   - watch: told of what was written to it.
    ///   - isKept: whether its position is kept: what waits for the end of its record is then read again. If not, it never gets it.
    mutating func end(_ watch: borrowing FileWatch, isKept: Bool = false) {
        if !isKept { stream.finish(isWhole: false) }
        watch.remove(self.watch)
        close(descriptor)
    }
}
