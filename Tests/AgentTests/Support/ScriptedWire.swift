import Frames
import Mosquitto
import Telemetry

@testable import Agent

/// A wire that takes what it is told to take, and remembers it.
final class ScriptedWire: FrameWire {
    struct Sent {
        let priority: PriorityClass
        let token: Token
        let frame: [UInt8]
        let header: FrameHeader
    }

    private(set) var sent: [Sent] = []
    /// How many more frames it takes before it is full.
    var room = Int.max
    /// Classes whose frames are beyond the broker's limit.
    var tooLarge: Set<PriorityClass> = []
    /// How often it was full.
    private(set) var refusals = 0

    /// What was sent since the last call.
    func take() -> [Sent] {
        defer { sent = [] }
        return sent
    }

    func send(_ frame: [UInt8], of priority: PriorityClass, token: Token) throws(MosquittoError) {
        if tooLarge.contains(priority) { throw MosquittoError(.tooLarge, "beyond the broker's limit") }
        guard room > 0 else {
            refusals += 1
            throw MosquittoError(.windowFull, "enough for now")
        }
        room -= 1
        let header: FrameHeader
        do throws(FrameError) {
            header = try FrameHeader.peek(frame)
        } catch {
            throw MosquittoError(.library, "this is no frame: \(error)")
        }
        sent.append(Sent(priority: priority, token: token, frame: frame, header: header))
    }
}

extension Array where Element == ScriptedWire.Sent {
    /// `event 1`, `metric 3`: what went out, in order.
    var names: [String] { map { "\($0.priority.name) \($0.header.sequence)" } }
}
