import Agent
import Mosquitto
import Telemetry

/// A network of a set bandwidth between an agent and its collector; frames and answers take their time, and none is lost.
final class ThinLink: FrameWire {
    struct Packet {
        let priority: PriorityClass
        let token: Token
        let bytes: [UInt8]
        /// When the last byte of it is there.
        let arrival: Int64
    }

    var isUp = false
    private(set) var bytesSent = 0
    private let clock: SimulatedClock
    private let bytesPerSecond: Int
    private var busyUntil: Int64 = 0
    private var underWay: [Packet] = []
    private var answers: [(time: Int64, token: Token)] = []
    private var inFlight = 0

    /// One way, nanoseconds.
    static let latency: Int64 = 50_000_000
    /// How many messages the agent's connection has unanswered at most.
    private static let receiveMaximum = 64
    /// What TCP, IP and MQTT put around a frame: headers, topic, properties.
    private static let overhead = 100

    init(bytesPerSecond: Int, clock: SimulatedClock) {
        self.bytesPerSecond = bytesPerSecond
        self.clock = clock
    }

    func send(_ frame: [UInt8], of priority: PriorityClass, token: Token) throws(MosquittoError) {
        guard isUp else { throw MosquittoError(.notConnected, "no network") }
        guard inFlight < Self.receiveMaximum else { throw MosquittoError(.windowFull, "enough for now") }
        let size = frame.count + Self.overhead
        busyUntil = max(busyUntil, clock.monotonic) + Int64(size) * 1_000_000_000 / Int64(bytesPerSecond)
        underWay.append(Packet(priority: priority, token: token, bytes: frame, arrival: busyUntil + Self.latency))
        inFlight += 1
        bytesSent += size
    }

    /// What has arrived by now, in order.
    func takeArrivals() -> ArraySlice<Packet> {
        let arrived = underWay.prefix { $0.arrival <= clock.monotonic }
        underWay.removeFirst(arrived.count)
        for packet in arrived { answers.append((packet.arrival + Self.latency, packet.token)) }
        return arrived
    }

    /// The broker's answers that are back by now.
    func takeAnswers() -> [Token] {
        let back = answers.prefix { $0.time <= clock.monotonic }
        answers.removeFirst(back.count)
        inFlight -= back.count
        return back.map(\.token)
    }
}
