#if canImport(Glibc)
import Glibc
#else
import Musl
#endif

/// The file system of the machine.
package struct POSIXFileSystem: FileSystem {
    /// There is nothing to set.
    package init() {}

    package func open(_ path: String, _ mode: OpenMode) throws(LogError) -> OpenFile {
        let flags: Int32 =
            switch mode {
            case .read: O_RDONLY | O_CLOEXEC
            case .readWrite: O_RDWR | O_CLOEXEC
            case .create: O_RDWR | O_CREAT | O_CLOEXEC
            }
        let descriptor = try retrying("open", path) { openFile(path, flags) }
        return OpenFile(descriptor: descriptor, path: path)
    }

    package func close(_ file: OpenFile) {
        // Linux frees the descriptor whatever close returns; what had to be durable was synchronized before.
        _ = closeFile(file.descriptor)
    }

    package func size(of file: OpenFile) throws(LogError) -> Int {
        var status = stat()
        try retrying("read the size of", file.path) { fstat(file.descriptor, &status) }
        return Int(status.st_size)
    }

    package func read(
        _ file: OpenFile, at offset: Int, into bytes: inout [UInt8], range: Range<Int>
    ) throws(LogError) -> Int {
        precondition(range.lowerBound >= 0 && range.upperBound <= bytes.count, "range outside the buffer")
        return try retrying("read", file.path) {
            bytes.withUnsafeMutableBytes {
                pread(
                    file.descriptor, UnsafeMutableRawBufferPointer(rebasing: $0[range]).baseAddress, range.count,
                    off_t(offset))
            }
        }
    }

    package func write(_ file: OpenFile, at offset: Int, _ bytes: RawSpan) throws(LogError) -> Int {
        try retrying("write", file.path) {
            bytes.withUnsafeBytes { pwrite(file.descriptor, $0.baseAddress, $0.count, off_t(offset)) }
        }
    }

    package func synchronize(_ file: OpenFile) throws(LogError) {
        // Never repeated, not even when interrupted: after a failure the kernel takes the pages for clean.
        guard fdatasync(file.descriptor) == 0 else { throw failure("synchronize", file.path, errno) }
    }

    package func allocate(_ file: OpenFile, size: Int) throws(LogError) {
        let present = try self.size(of: file)
        guard present < size else { return }
        var code: Int32
        repeat { code = posix_fallocate(file.descriptor, 0, off_t(size)) } while code == EINTR
        if code == EOPNOTSUPP || code == EINVAL {
            try writeZeros(file, present..<size)
        } else if code != 0 {
            throw failure("allocate \(size) bytes for", file.path, code)
        }
    }

    package func lock(_ file: OpenFile) throws(LogError) -> Bool {
        // A program that is being started holds a copy of every descriptor for the moment until it is that program; so one look does not
        // show that somebody else has the lock.
        for _ in 0..<50 {
            if flock(file.descriptor, LOCK_EX | LOCK_NB) == 0 { return true }
            let code = errno
            guard code == EWOULDBLOCK || code == EINTR else { throw failure("lock", file.path, code) }
            usleep(10_000)
        }
        return false
    }

    package func randomSalt() -> UInt64 { .random(in: .min ... .max) }

    private func writeZeros(_ file: OpenFile, _ range: Range<Int>) throws(LogError) {
        let zeros = [UInt8](repeating: 0, count: 256 << 10)
        var offset = range.lowerBound
        while offset < range.upperBound {
            let count = min(zeros.count, range.upperBound - offset)
            try writeAll(file, at: offset, zeros.span.bytes.extracting(0..<count))
            offset += count
        }
    }
}

/// Makes a system call again while it is interrupted.
@discardableResult
func retrying<Result: SignedInteger>(
    _ verb: String, _ path: String, _ call: () -> Result
) throws(LogError) -> Result {
    while true {
        let result = call()
        if result >= 0 { return result }
        let code = errno
        if code != EINTR { throw failure(verb, path, code) }
    }
}

/// The error for what the system refused.
func failure(_ verb: String, _ path: String, _ code: Int32) -> LogError {
    let kind: LogError.Code =
        switch code {
        case ENOSPC, EDQUOT: .outOfSpace
        case ENOENT: .notFound
        default: .io
        }
    let reason = String(cString: strerror(code))
    let advice = kind == .outOfSpace ? "; free some space or configure a smaller budget" : ""
    return LogError(kind, "could not \(verb) it: \(reason)\(advice)", path: path, errno: code)
}

// Inside the type these names mean its methods.
private func openFile(_ path: String, _ flags: Int32) -> Int32 { open(path, flags, 0o600) }
private func closeFile(_ descriptor: Int32) -> Int32 { close(descriptor) }
