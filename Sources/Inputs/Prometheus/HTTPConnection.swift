#if canImport(Glibc)
import Glibc
#else
import Musl
#endif

/// One request and its answer over a socket of its own.
///
/// Every wait watches the waker too and ends at the deadline; only the look-up of a host's name, where the url has one, waits for as long as the
/// system's resolver does.
struct HTTPConnection {
    /// Why it ended before the answer was there.
    enum Failure: Error {
        /// The input is to end.
        case stopped
        case failed(ScrapeProblem)
    }

    private let descriptor: Int32
    private let stop: Waker
    private let deadline: Int64

    /// Sends a request and reads its answer into `response`.
    ///
    /// - Parameters:
    ///   - target: where, and what.
    ///   - response: gets the answer.
    ///   - deadline: on the monotonic clock, nanoseconds.
    ///   - stop: ends it.
    /// - Throws: `Failure` when the answer did not come as a whole.
    static func get(
        _ target: ScrapeTarget, into response: inout HTTPResponse, deadline: Int64, until stop: Waker
    ) throws(Failure) {
        var last: Failure = .failed(ScrapeProblem("the name of the host has no address"))
        for address in try addresses(of: target) {
            do throws(Failure) {
                let connection = try HTTPConnection(address, deadline: deadline, until: stop)
                defer { connection.close() }
                try connection.send(request(target))
                try connection.receive(into: &response)
                return
            } catch {
                if case .stopped = error { throw error }
                last = error
                // Another address is tried only when this one did not answer at all.
                guard response.status == 0 else { throw error }
                response.reset()
            }
        }
        throw last
    }

    private static func request(_ target: ScrapeTarget) -> String {
        // No compression: on a box, bytes over the loopback cost less than unpacking them.
        """
        GET \(target.path) HTTP/1.1\r
        Host: \(target.authority)\r
        User-Agent: fieldproof-agent\r
        Accept: text/plain;version=0.0.4;q=1,application/openmetrics-text;version=1.0.0;q=0.5,*/*;q=0.1\r
        Accept-Encoding: identity\r
        Connection: close\r
        \r

        """
    }

    private static func addresses(of target: ScrapeTarget) throws(Failure) -> [SocketAddress] {
        switch target.place {
        case .unix(let path): return SocketAddress(path: path).map { [$0] } ?? []
        case .tcp(let host, let port):
            do throws(StreamConnector.UnknownHost) {
                return try StreamConnector.addresses(of: host, port)
            } catch {
                throw .failed(ScrapeProblem("the name '\(host)' is not known: \(error.message)"))
            }
        }
    }

    private init(_ address: SocketAddress, deadline: Int64, until stop: Waker) throws(Failure) {
        self.stop = stop
        self.deadline = deadline
        do throws(StreamConnector.Failure) {
            descriptor = try StreamConnector.connect(address, deadline: deadline, until: stop)
        } catch {
            throw Self.failure(error, "cannot connect")
        }
    }

    private static func failure(_ failure: StreamConnector.Failure, _ what: String) -> Failure {
        switch failure {
        case .stopped: .stopped
        case .late: .failed(ScrapeProblem("no answer came in time; raise 'timeout' if it is slow"))
        case .system(let error): .failed(ScrapeProblem("\(what): \(systemMessage(error))"))
        }
    }

    private func close() {
        #if canImport(Glibc)
        _ = Glibc.close(descriptor)
        #else
        _ = Musl.close(descriptor)
        #endif
    }

    private func wait(for events: Int16) throws(Failure) {
        do throws(StreamConnector.Failure) {
            try StreamConnector.wait(for: events, on: descriptor, deadline: deadline, until: stop)
        } catch {
            throw Self.failure(error, "cannot wait")
        }
    }

    private func send(_ text: String) throws(Failure) {
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let outcome = rest.withUnsafeBytes { bytes in
                retryingInterrupts { systemSend(descriptor, bytes.baseAddress, bytes.count, Int32(MSG_NOSIGNAL)) }
            }
            if outcome.error == EAGAIN {
                try wait(for: Int16(POLLOUT))
            } else if outcome.error != 0 {
                throw .failed(ScrapeProblem("the request could not be sent: \(systemMessage(outcome.error))"))
            } else {
                rest = rest.dropFirst(outcome.result)
            }
        }
    }

    private func receive(into response: inout HTTPResponse) throws(Failure) {
        let buffer = ReadBuffer(count: 65_536)
        while true {
            try wait(for: Int16(POLLIN))
            let outcome = buffer.withUnsafeMutableBytes { bytes in
                retryingInterrupts { recv(descriptor, bytes.baseAddress, bytes.count, 0) }
            }
            if outcome.error == EAGAIN { continue }
            guard outcome.error == 0 else {
                throw .failed(ScrapeProblem("the answer broke off: \(systemMessage(outcome.error))"))
            }
            do throws(ScrapeProblem) {
                guard outcome.result > 0 else {
                    try response.end()
                    return
                }
                let progress = try buffer.withUnsafeBytes { (bytes) throws(ScrapeProblem) in
                    try response.take(UnsafeRawBufferPointer(rebasing: bytes[..<outcome.result]))
                }
                if progress == .complete { return }
            } catch {
                throw .failed(error)
            }
        }
    }
}

private func systemSend(_ descriptor: Int32, _ bytes: UnsafeRawPointer?, _ count: Int, _ flags: Int32) -> Int {
    #if canImport(Glibc)
    Glibc.send(descriptor, bytes, count, flags)
    #else
    Musl.send(descriptor, bytes, count, flags)
    #endif
}
