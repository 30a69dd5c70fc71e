import Agent
import Delivery
import Frames
import Mosquitto
import Telemetry
import TestSupport

/// What is under way: a network that loses, doubles, reorders and damages, as far as the world wants.
struct SimulatedNetwork {
    struct Packet {
        let agent: Identifier
        let priority: PriorityClass
        var bytes: [UInt8]
    }

    var frames: [Packet] = []
    var acknowledgements: [(agent: Identifier, json: [UInt8])] = []
    /// What a collector asks of agents.
    var requests: [(agent: Identifier, json: [UInt8])] = []

    /// Takes out a frame, or copies it.
    mutating func takeFrame(_ pick: Int, isKept: Bool = false) -> Packet? {
        guard !frames.isEmpty else { return nil }
        let index = pick % frames.count
        return isKept ? frames[index] : frames.remove(at: index)
    }

    mutating func takeAcknowledgement(_ pick: Int, isKept: Bool = false) -> (agent: Identifier, json: [UInt8])? {
        guard !acknowledgements.isEmpty else { return nil }
        let index = pick % acknowledgements.count
        return isKept ? acknowledgements[index] : acknowledgements.remove(at: index)
    }

    mutating func takeRequest(_ pick: Int) -> (agent: Identifier, json: [UInt8])? {
        requests.isEmpty ? nil : requests.remove(at: pick % requests.count)
    }

    mutating func damage(_ pick: Int) {
        guard !frames.isEmpty else { return }
        let index = pick % frames.count
        let bit = pick &* 7919 % (frames[index].bytes.count * 8)
        frames[index].bytes[bit / 8] ^= 1 << UInt8(bit % 8)
    }
}

/// Takes an agent's frames, and looks whether they may leave the box.
final class SimulatedWire: FrameWire {
    private(set) var taken: [SimulatedNetwork.Packet] = []
    private(set) var violation: Violation?
    private var sender: SimulatedAgent?
    private var tokens: [Token] = []
    private var sent: [(FrameHeader, [UInt8])] = []
    private var count = 0

    func begin(from agent: SimulatedAgent) { sender = agent }

    func takeTokens() -> [Token] {
        defer { tokens = [] }
        return tokens
    }

    /// Gives the network what was sent, and tells the truth of it.
    func handOver(to network: inout SimulatedNetwork, _ truth: inout Truth) throws(Violation) {
        if let violation { throw violation }
        for (header, bytes) in sent { try truth.sent(header, bytes) }
        network.frames += taken
        taken = []
        sent = []
    }

    func send(_ frame: [UInt8], of priority: PriorityClass, token: Token) throws(MosquittoError) {
        guard let sender, sender.isConnected else { throw MosquittoError(.notConnected, "no network") }
        guard tokens.count < 16 else { throw MosquittoError(.windowFull, "enough for now") }
        do throws(FrameError) {
            sent.append((try FrameHeader.peek(frame), frame))
        } catch {
            violation = Violation("agent \(sender.id) sends what is no frame: \(error)")
        }
        count += 1
        // The medium itself is asked, not the log: now and then, since that takes a while. Where bits flip, a frame may have been
        // read just before.
        if count % 16 == 0, !sender.isDamaged, !sender.files.isDurable(frame) {
            violation = Violation("agent \(sender.id) sends a frame that a power cut would take")
        }
        tokens.append(token)
        taken.append(SimulatedNetwork.Packet(agent: sender.id, priority: priority, bytes: frame))
    }
}
