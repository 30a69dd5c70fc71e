#if canImport(Glibc)
import Glibc
#else
import Musl
#endif

/// One connection, from its request to its end.
struct HealthConnection {
    private enum Phase {
        case reading(HTTPRequestReader)
        /// How much of the answer is gone.
        case writing([UInt8], Int)
        /// All is said. What still comes is taken and thrown away, so that the answer is not lost with it (RFC 9112, section 9.6).
        case leaving(discarded: Int)
        case over
    }

    /// For a request to be whole, for an answer to be taken, and for a client to go, nanoseconds.
    private static let requestTime: Int64 = 5_000_000_000
    private static let answerTime: Int64 = 10_000_000_000
    private static let leavingTime: Int64 = 1_000_000_000
    /// What is thrown away at the most, bytes.
    private static let discardLimit = 256 * 1024

    let descriptor: Int32
    private var phase: Phase
    /// `CLOCK_MONOTONIC`, nanoseconds.
    private(set) var deadline: Int64

    init(_ descriptor: Int32, at now: Int64) {
        self.descriptor = descriptor
        phase = .reading(HTTPRequestReader())
        deadline = now + Self.requestTime
    }

    /// What to wait for.
    var events: Int16 { if case .writing = phase { Int16(POLLOUT) } else { Int16(POLLIN) } }

    var isOver: Bool { if case .over = phase { true } else { false } }

    func close() {
        #if canImport(Glibc)
        _ = Glibc.close(descriptor)
        #else
        _ = Musl.close(descriptor)
        #endif
    }

    /// Something can be read or written, or the other side is gone.
    mutating func goOn(at now: Int64, _ answer: (HTTPRequest) -> HTTPAnswer) {
        switch phase {
        case .reading(let reader): read(reader, at: now, answer)
        case .writing: write(at: now)
        case .leaving(let discarded): discard(discarded)
        case .over: break
        }
    }

    /// Time is up.
    mutating func expire(at now: Int64) {
        guard case .reading(let reader) = phase, reader.hasBegun else {
            phase = .over
            return
        }
        reply(HTTPAnswer(.requestTimeout), withBody: true, at: now)
    }

    private mutating func read(_ reader: HTTPRequestReader, at now: Int64, _ answer: (HTTPRequest) -> HTTPAnswer) {
        var reader = reader
        // The copy in the phase would have the buffer copied with each piece that comes.
        phase = .over
        let (count, error, outcome) = withUnsafeTemporaryAllocation(byteCount: 2048, alignment: 1) { buffer in
            let count = recv(descriptor, buffer.baseAddress, buffer.count, 0)
            guard count > 0 else { return (count, errno, HTTPRequestReader.Outcome.unfinished) }
            return (count, 0, reader.take(UnsafeRawBufferPointer(rebasing: buffer[..<count])))
        }
        guard count > 0 else {
            if count < 0, error == EAGAIN || error == EINTR { phase = .reading(reader) }
            return
        }
        switch outcome {
        case .unfinished: phase = .reading(reader)
        case .refused(let status): reply(HTTPAnswer(status), withBody: true, at: now)
        case .request(let request): reply(answer(request), withBody: request.method != .head, at: now)
        }
    }

    private mutating func reply(_ answer: HTTPAnswer, withBody: Bool, at now: Int64) {
        phase = .writing(answer.bytes(withBody: withBody, at: time(nil)), 0)
        deadline = now + Self.answerTime
        write(at: now)
    }

    private mutating func write(at now: Int64) {
        guard case .writing(let bytes, var written) = phase else { return }
        while written < bytes.count {
            let count = bytes.withUnsafeBytes { bytes in
                send(descriptor, bytes.baseAddress?.advanced(by: written), bytes.count - written, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else {
                phase = count < 0 && (errno == EAGAIN || errno == EINTR) ? .writing(bytes, written) : .over
                return
            }
            written += count
        }
        shutdown(descriptor, Int32(SHUT_WR))
        phase = .leaving(discarded: 0)
        deadline = now + Self.leavingTime
    }

    private mutating func discard(_ discarded: Int) {
        let count = withUnsafeTemporaryAllocation(byteCount: 4096, alignment: 1) { buffer in
            let count = recv(descriptor, buffer.baseAddress, buffer.count, 0)
            return count < 0 && (errno == EAGAIN || errno == EINTR) ? 0 : count <= 0 ? -1 : count
        }
        phase = count < 0 || discarded + count > Self.discardLimit ? .over : .leaving(discarded: discarded + count)
    }
}
