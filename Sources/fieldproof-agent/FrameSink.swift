#if canImport(Glibc)
import Glibc
#else
import Musl
#endif

/// Where dumped frames go: a new file, or standard output unless that is a terminal.
final class FrameSink {
    private let descriptor: Int32
    private let path: String
    private var failure: Int32 = 0

    /// - Throws: `ExitStatus` after saying why.
    init(path: String?) throws {
        guard let path else {
            guard isatty(STDOUT_FILENO) == 0 else {
                complain("frames are binary; use '--output FILE', or pipe them: … | fieldproof decode --format senml")
                throw ExitStatus.usage
            }
            descriptor = STDOUT_FILENO
            self.path = "standard output"
            return
        }
        self.path = path
        descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o640)
        guard descriptor >= 0 else {
            let advice = errno == EEXIST ? "; remove it or name another, nothing is written over" : ""
            complain("\(path): cannot be made: \(String(cString: strerror(errno)))\(advice)")
            throw ExitStatus.cannotCreate
        }
    }

    /// The first failure is kept for `finish`; nothing is written after it.
    func write(_ frame: [UInt8]) {
        var rest = frame[...]
        while failure == 0, !rest.isEmpty {
            let count = rest.withUnsafeBytes { put($0) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else {
                failure = errno
                return
            }
            rest = rest.dropFirst(count)
        }
    }

    /// - Throws: `ExitStatus` after saying what could not be written.
    func finish() throws {
        if descriptor != STDOUT_FILENO, close(descriptor) != 0, failure == 0 { failure = errno }
        guard failure == 0 else {
            complain("\(path): cannot be written: \(String(cString: strerror(failure)))")
            throw ExitStatus.inputOutput
        }
    }

    private func put(_ bytes: UnsafeRawBufferPointer) -> Int {
        #if canImport(Glibc)
        Glibc.write(descriptor, bytes.baseAddress, bytes.count)
        #else
        Musl.write(descriptor, bytes.baseAddress, bytes.count)
        #endif
    }
}
