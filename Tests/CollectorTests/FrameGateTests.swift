import Frames
import StorageSupport
import Telemetry
import Testing

@testable import Collector

@Suite("What may enter the archive")
struct FrameGateTests {
    private static let site = Identifier.named("here")
    private static let agent = Identifier.named("box")

    private static func refusal(
        _ gate: inout FrameGate, _ payload: [UInt8], site: Identifier = site, agent: Identifier = agent,
        _ priority: PriorityClass = .metric
    ) -> FrameGate.Refusal? {
        gate.refusal(of: payload, site: site, agent: agent, priority: priority)
    }

    @Test("a sound frame of the topic's own agent and class passes, and is at hand", arguments: PriorityClass.allCases)
    func sound(priority: PriorityClass) throws {
        var gate = FrameGate()
        var sender = Sender(priority)
        let frame = try sender.frame(samples: 5)
        #expect(Self.refusal(&gate, frame, priority) == nil)
        #expect(gate.decoder.header?.stream == sender.stream)
        #expect(gate.decoder.header?.sampleCount == 5)
    }

    @Test("what is no frame is refused, and the next sound one passes all the same")
    func malformed() throws {
        var gate = FrameGate()
        var sender = Sender()
        let frame = try sender.frame()
        var payloads: [(what: String, bytes: [UInt8])] = [
            ("nothing", []), ("text", Array("online".utf8)), ("zeros", [UInt8](repeating: 0, count: 300)),
            ("more than any frame", [UInt8](repeating: 0xD9, count: FrameLimits.bytes + 1)),
            ("a frame and a byte", frame + [0]), ("two frames", frame + frame),
        ]
        payloads += (0..<frame.count).map { ("cut at \($0)", Array(frame[..<$0])) }
        payloads += (0..<frame.count).map { index in
            var bytes = frame
            bytes[index] ^= 0x10
            return ("damaged at \(index)", bytes)
        }
        for (what, bytes) in payloads {
            guard case .malformed = Self.refusal(&gate, bytes) else {
                Issue.record("\(what) was not refused as malformed")
                continue
            }
            #expect(gate.decoder.header == nil, "\(what) is not at hand")
        }
        #expect(Self.refusal(&gate, frame) == nil)
    }

    @Test("a frame passes on no topic but its own")
    func foreign() throws {
        var gate = FrameGate()
        var sender = Sender()
        let frame = try sender.frame()
        let claimed = FrameGate.Refusal.foreignIdentity(claimed: "here/box/metric")
        #expect(Self.refusal(&gate, frame, site: .named("there")) == claimed)
        #expect(Self.refusal(&gate, frame, agent: .named("other")) == claimed)
        #expect(Self.refusal(&gate, frame, .event) == claimed)
        #expect(Self.refusal(&gate, frame, .bulk) == claimed)
    }

    private static func isImplausible(_ frame: [UInt8]) -> Bool {
        var gate = FrameGate()
        if case .implausible = refusal(&gate, frame) { return true }
        return false
    }

    @Test(
        "an epoch that no box reaches is refused",
        arguments: [(1 << 53, false), ((1 << 53) + 1, true)] as [(UInt64, Bool)])
    func epoch(epoch: UInt64, isRefused: Bool) throws {
        var sender = Sender(epoch: epoch)
        #expect(Self.isImplausible(try sender.frame()) == isRefused)
    }

    @Test("ordinals that no stream reaches are refused", arguments: [(1 << 53, 3, true), ((1 << 53) - 4, 3, false)])
    func ordinals(sent: Int, count: Int, isRefused: Bool) throws {
        var sender = Sender()
        sender.pretend(samples: sent)
        #expect(Self.isImplausible(try sender.frame(samples: count)) == isRefused)
    }

    @Test(
        "a number that no stream reaches is refused",
        arguments: [(1 << 53, false), ((1 << 53) + 1, true)] as [(UInt64, Bool)])
    func sequence(number: UInt64, isRefused: Bool) throws {
        var sender = Sender()
        let frame = try sender.frame()
        // In the header: epoch 1, class 1, sequence 1, three samples, of which the first is number 1.
        let long = (0..<8).map { UInt8(truncatingIfNeeded: number >> UInt64(56 - 8 * $0)) }
        let forged = try #require(
            frame.forged([0x01, 0x01, 0x01, 0x03, 0x01], [0x01, 0x01, 0x1B] + long + [0x03, 0x01]))
        #expect(try FrameHeader.peek(forged).sequence == number)
        #expect(Self.isImplausible(forged) == isRefused)
    }

    @Test(
        "a boot clock that no machine shows is refused",
        arguments: [(-1, true), (0, false), (1 << 61, false), ((1 << 61) + 1, true), (.max, true)] as [(Int64, Bool)])
    func bootClock(sinceBoot: Int64, isRefused: Bool) throws {
        var sender = Sender()
        sender.sinceBoot = sinceBoot
        #expect(Self.isImplausible(try sender.frame()) == isRefused)
    }

    @Test("more losses than a spool can have at once are refused", arguments: [(4096, false), (4097, true)])
    func manyLosses(count: Int, isRefused: Bool) throws {
        var sender = Sender()
        let losses = (0..<UInt64(count)).map {
            LossDeclaration(
                epoch: 1, priority: .metric, sequences: (2 * $0 + 1)...(2 * $0 + 1), samples: .none, reason: .evicted)
        }
        #expect(Self.isImplausible(try sender.frame(samples: 0, FrameExtras(losses: losses))) == isRefused)
    }

    @Test(
        "a declared loss of what no stream reaches is refused",
        arguments: [
            LossDeclaration(epoch: 1, priority: .metric, sequences: 1...(1 << 54), samples: .unknown, reason: .evicted),
            LossDeclaration(
                epoch: 1, priority: .metric, sequences: 1...2, samples: .ordinals(1...(1 << 54)), reason: .evicted),
            LossDeclaration(epoch: 1 << 54, priority: .metric, sequences: 1...2, samples: .none, reason: .evicted),
        ])
    func losses(loss: LossDeclaration) throws {
        var sender = Sender()
        #expect(Self.isImplausible(try sender.frame(samples: 0, FrameExtras(losses: [loss]))))
        let honest = LossDeclaration(
            epoch: 1, priority: .metric, sequences: 1...2, samples: .ordinals(1...9), reason: .evicted)
        #expect(!Self.isImplausible(try sender.frame(samples: 0, FrameExtras(losses: [honest]))))
    }
}
