import Logging
import Telemetry

#if canImport(Glibc)
import Glibc
#else
import Musl
#endif

/// Reads lines from every client of one socket, in one thread that blocks in `poll`.
///
/// A client that is slow or stuck holds a descriptor and the beginning of its line, at most 64 KiB, and nobody's turn:
/// each that has something to say is read once per round.
struct LineServer {
    /// How much is read at once.
    private static let readSize = 65_536
    /// How long the end of a quoted text is awaited, nanoseconds.
    private static let textPatience: Int64 = 1_000_000_000

    let socket: LineSocket
    let input: String
    let now: @Sendable () -> Timestamp
    let logger: Logger
    let sink: any SampleSink
    let connectionLimit: Int
    var intake: LineIntake
    var connections: [LineConnection] = []
    var accepted = 0
    /// Until when no client is taken in, because the system had no descriptor for one.
    var acceptsAgain: Int64 = 0
    var throttle = LogThrottle(now: monotonicNanoseconds())
    /// Datagrams that the kernel had dropped when it was last heard of.
    var lostDatagrams: UInt32 = 0
    /// What waited from before, and what was read now.
    private let buffer = ReadBuffer(count: LineIntake.longestLine + readSize + 1)

    init(_ socket: LineSocket, _ settings: LineSettings, environment: InputEnvironment, sink: any SampleSink) {
        self.socket = socket
        self.sink = sink
        input = environment.name
        now = environment.now
        logger = environment.logger
        connectionLimit = settings.connections
        intake = LineIntake(settings, environment: environment, sink: sink)
    }

    /// Serves until the waker is woken; then reads what clients have already sent, and closes.
    ///
    /// - Throws: `InputError` when the system does not let the thread wait.
    mutating func serve(until waker: Waker) throws(InputError) {
        defer { drain() }
        var polled: [pollfd] = []
        while true {
            polled.removeAll(keepingCapacity: true)
            polled.append(pollfd(fd: waker.descriptor, events: Int16(POLLIN), revents: 0))
            // poll skips negative descriptors.
            let listens = monotonicNanoseconds() >= acceptsAgain
            polled.append(pollfd(fd: listens ? socket.descriptor : -1, events: Int16(POLLIN), revents: 0))
            for connection in connections {
                polled.append(pollfd(fd: connection.descriptor, events: Int16(POLLIN), revents: 0))
            }
            let wait = timeout(listens: listens)
            let ready = retryingInterrupts { poll(&polled, nfds_t(polled.count), wait) }
            guard ready.error == 0 else {
                throw InputError(.system, input: input, "cannot wait for clients", cause: ready.error)
            }
            if polled[0].revents != 0 { return }
            for index in connections.indices {
                if polled[index + 2].revents != 0 {
                    read(connections[index])
                } else {
                    giveUpOpenText(connections[index])
                }
            }
            connections.removeAll { $0.isClosed }
            if polled[1].revents != 0 { takeIn() }
            intake.flush()
        }
    }

    /// Milliseconds until something is due by itself; -1 for never.
    private func timeout(listens: Bool) -> Int32 {
        var due: Int64? = listens ? nil : acceptsAgain
        for case let since? in connections.lazy.map(\.source.openTextSince) {
            due = min(due ?? .max, since + Self.textPatience)
        }
        guard let due else { return -1 }
        return Int32(clamping: max(0, (due - monotonicNanoseconds()) / 1_000_000 + 1))
    }

    /// Reads once from a client that has something, or has gone.
    ///
    /// - Returns: whether there may be more to read.
    @discardableResult
    private mutating func read(_ connection: LineConnection) -> Bool {
        let waiting = connection.pending.count
        let descriptor = connection.descriptor
        let outcome = buffer.withUnsafeMutableBytes { bytes in
            bytes.copyBytes(from: connection.pending)
            let room = UnsafeMutableRawBufferPointer(rebasing: bytes[waiting..<waiting + Self.readSize])
            return retryingInterrupts { recv(descriptor, room.baseAddress, room.count, Int32(MSG_DONTWAIT)) }
        }
        if outcome.error == EAGAIN { return false }
        let count = max(0, outcome.result)
        // A reset ends a connection just as a close does; what came before it is as good.
        take(waiting + count, connection, ending: count > 0 ? .open : .closed)
        if count == 0 { connection.close() }
        return count > 0
    }

    private mutating func take(_ count: Int, _ connection: LineConnection, ending: LineSource.Ending) {
        let arrival = now()
        let since = connection.source.openTextSince
        let patient: LineSource.Ending =
            ending == .open && connection.isOverdue(Self.textPatience) ? .overdueText : ending
        buffer.withUnsafeBytes { bytes in
            let all = UnsafeRawBufferPointer(rebasing: bytes[..<count])
            var used = intake.take(all, from: &connection.source, arrival: arrival, ending: patient)
            if connection.source.openTextSince != nil {
                if all.count - used > LineIntake.longestLine {
                    let rest = UnsafeRawBufferPointer(rebasing: all[used...])
                    used += intake.take(rest, from: &connection.source, arrival: arrival, ending: .overdueText)
                } else if used == 0, let since {
                    // Still the same text: its patience does not begin anew with every byte.
                    connection.source.openTextSince = since
                }
            }
            connection.pending.removeAll(keepingCapacity: true)
            connection.pending.append(contentsOf: all[used...])
        }
        connection.releaseSpareRoom()
    }

    private mutating func giveUpOpenText(_ connection: LineConnection) {
        guard connection.isOverdue(Self.textPatience) else { return }
        let count = connection.pending.count
        buffer.withUnsafeMutableBytes { $0.copyBytes(from: connection.pending) }
        take(count, connection, ending: .overdueText)
    }

    private mutating func takeIn() {
        if case .udp = socket.address { receiveDatagrams() } else { acceptClients() }
    }

    private mutating func receiveDatagrams() {
        let descriptor = socket.descriptor
        // Bounded, so that a flood of datagrams cannot keep the end from being seen.
        for _ in 0..<256 {
            guard let datagram = buffer.withUnsafeMutableBytes({ Datagram.receive(descriptor, into: $0) }) else {
                return
            }
            if let lost = datagram.lostSoFar, lost != lostDatagrams {
                sink.reject(Int(lost &- lostDatagrams), from: input, reason: "datagram lost")
                lostDatagrams = lost
            }
            var source = LineSource(.address(datagram.sender))
            let arrival = now()
            _ = buffer.withUnsafeBytes { bytes in
                intake.take(
                    UnsafeRawBufferPointer(rebasing: bytes[..<datagram.count]), from: &source, arrival: arrival,
                    ending: .datagram)
            }
        }
    }

    /// Takes what has been sent before the end, at most a few buffers of each client, then closes everything.
    private mutating func drain() {
        takeIn()
        for index in connections.indices {
            for _ in 0..<16 {
                guard !connections[index].isClosed, read(connections[index]) else { break }
            }
            guard !connections[index].isClosed else { continue }
            let count = connections[index].pending.count
            buffer.withUnsafeMutableBytes { $0.copyBytes(from: connections[index].pending) }
            take(count, connections[index], ending: .closed)
            connections[index].close()
        }
        connections.removeAll()
        intake.flush()
        socket.close()
    }
}
