import Delivery
import Frames
import Installation
import SegmentLog
import Telemetry
import TestSupport
import Testing

@testable import Agent

@Suite("What the uplink releases")
struct UplinkReleasingTests {
    /// Stores metric frames of one sample each, connects, and sends all that goes.
    private func begin(
        _ count: Int, _ spool: inout Spool<FaultyFileSystem>, _ wire: ScriptedWire,
        authority: SendWindow.Authority = .collector
    ) throws -> Uplink {
        for _ in 0..<count { try spool.store(.noise(1), as: .metric) }
        try spool.synchronize()
        var uplink = Uplink(spool, authority: authority, jitter: { 0 })
        uplink.connected(spool)
        try uplink.pump(&spool, wire, at: 0)
        return uplink
    }

    @Test("the broker's word alone releases nothing where the collector decides")
    func brokerAlone() throws {
        let box = Box()
        let wire = ScriptedWire()
        var spool = try box.open()
        var uplink = try begin(3, &spool, wire)
        for sent in wire.take() { uplink.answered(sent.token, reason: 0, at: 1, in: &spool) }
        #expect(spool.released(.metric) == 0)
        let unacknowledged = uplink.unacknowledged
        #expect(unacknowledged == 3)
    }

    @Test("acknowledgements out of order release only what is contiguous, then all of it at once")
    func outOfOrder() throws {
        let box = Box()
        let wire = ScriptedWire()
        var spool = try box.open()
        var uplink = try begin(6, &spool, wire)
        let steps: [(through: UInt64, also: [ClosedRange<UInt64>], released: UInt64)] = [
            (0, [4...5], 0), (0, [2...2, 4...5], 0), (0, [], 0), (2, [], 2), (2, [4...6], 2), (3, [], 6), (6, [], 6),
        ]
        for step in steps {
            uplink.acknowledged(spool.acknowledgement(.metric, through: step.through, also: step.also), in: &spool)
            #expect(spool.released(.metric) == step.released, "\(step)")
        }
        let unacknowledged = uplink.unacknowledged
        #expect(unacknowledged == 0)
        #expect(spool.pending(.metric) == 0)
    }

    @Test("an acknowledgement of another install, class or epoch releases nothing")
    func others() throws {
        let box = Box()
        let wire = ScriptedWire()
        var spool = try box.open()
        var uplink = try begin(2, &spool, wire)
        var wrong = [spool.acknowledgement(.bulk, through: 2), spool.acknowledgement(.metric, epoch: 9, through: 2)]
        wrong.append(spool.acknowledgement(.metric, through: 2))
        wrong[2].stream.install = UUIDBytes(high: 1, low: 1)
        for acknowledgement in wrong { uplink.acknowledged(acknowledgement, in: &spool) }
        #expect(spool.released(.metric) == 0)
        uplink.acknowledged(spool.acknowledgement(.metric, through: 99), in: &spool)
        #expect(spool.released(.metric) == 2, "and one that reaches too far releases what there is")
    }

    @Test("what was acknowledged before it was sent on this connection is taken all the same")
    func acknowledgedWhileDown() throws {
        let box = Box()
        let wire = ScriptedWire()
        var spool = try box.open()
        var uplink = try begin(3, &spool, wire)
        _ = wire.take()
        uplink.disconnected()
        uplink.acknowledged(spool.acknowledgement(.metric, through: 2), in: &spool)
        #expect(spool.released(.metric) == 2)
        uplink.connected(spool)
        try uplink.pump(&spool, wire, at: 5)
        #expect(wire.take().names == ["metric 3"])
    }

    @Test("without a collector the broker's word releases, in order; the collector's is not asked for")
    func brokerAuthority() throws {
        let box = Box()
        let wire = ScriptedWire()
        var spool = try box.open()
        var uplink = try begin(3, &spool, wire, authority: .broker)
        let sent = wire.take()
        uplink.acknowledged(spool.acknowledgement(.metric, through: 3), in: &spool)
        #expect(spool.released(.metric) == 0)
        uplink.answered(sent[1].token, reason: 0x10, at: 1, in: &spool)
        #expect(spool.released(.metric) == 0)
        uplink.answered(sent[0].token, reason: 0, at: 1, in: &spool)
        #expect(spool.released(.metric) == 2)
        uplink.answered(sent[2].token, reason: 0x97, at: 1, in: &spool)
        #expect(spool.released(.metric) == 2, "a refusal is no word of safety")
        #expect(uplink.takeNotices() == [.refused(.metric, reason: 0x97, permanent: false)])
    }

    struct Refusal: CustomTestStringConvertible {
        let reason: UInt8
        let isPermanent: Bool
        var testDescription: String { "0x\(String(reason, radix: 16))" }
    }

    /// MQTT 5, section 3.4.2.1.
    static let refusals =
        [0x80, 0x83, 0x91, 0x97].map { Refusal(reason: $0, isPermanent: false) }
        + [0x87, 0x90, 0x95, 0x99].map { Refusal(reason: $0, isPermanent: true) }

    @Test("a refusal pauses its class, and that class alone, for a second and then longer", arguments: refusals)
    func refused(refusal: Refusal) throws {
        let box = Box()
        let wire = ScriptedWire()
        var spool = try box.open()
        var uplink = try begin(1, &spool, wire)
        var now: Int64 = 0
        for pause in [1, 2, 4, 8, 16, 32, 60, 60] as [Int64] {
            let token = try #require(wire.take().first?.token)
            uplink.answered(token, reason: refusal.reason, at: now, in: &spool)
            #expect(
                uplink.takeNotices() == [.refused(.metric, reason: refusal.reason, permanent: refusal.isPermanent)])
            try spool.store(.noise(1), as: .event)
            try spool.synchronize()
            try uplink.pump(&spool, wire, at: now + pause * 1_000_000_000 - 1)
            let others = wire.take()
            #expect(others.allSatisfy { $0.priority == .event } && !others.isEmpty, "events go on")
            uplink.acknowledged(
                spool.acknowledgement(.event, through: others.last?.header.sequence ?? 0), in: &spool)
            let due = uplink.dueAt
            now += pause * 1_000_000_000
            #expect(due == now)
            try uplink.pump(&spool, wire, at: now)
            #expect(wire.sent.names == ["metric 1"])
        }
        #expect(spool.released(.metric) == 0, "it stays on disk")
    }

    @Test("an answer that belongs to nothing changes nothing")
    func unexpected() throws {
        let box = Box()
        let wire = ScriptedWire()
        var spool = try box.open()
        var uplink = try begin(2, &spool, wire, authority: .broker)
        let sent = wire.take()
        uplink.answered(12345, reason: 0, at: 1, in: &spool)
        uplink.answered(12345, reason: 0x87, at: 1, in: &spool)
        uplink.disconnected()
        uplink.connected(spool)
        try uplink.pump(&spool, wire, at: 2)
        // The answer to what went over the connection before; the broker may have it, but the packet went again.
        uplink.answered(sent[0].token, reason: 0, at: 3, in: &spool)
        #expect(spool.released(.metric) == 0)
        #expect(uplink.takeNotices().isEmpty)
        for again in wire.take() { uplink.answered(again.token, reason: 0, at: 4, in: &spool) }
        #expect(spool.released(.metric) == 2)
    }
}
