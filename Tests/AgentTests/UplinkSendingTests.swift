import Delivery
import Frames
import Installation
import SegmentLog
import Telemetry
import TestSupport
import Testing

@testable import Agent

@Suite("What the uplink sends")
struct UplinkSendingTests {
    /// Stores frames of one sample each and makes them durable.
    private func store(
        _ spool: inout Spool<FaultyFileSystem>, _ counts: [(PriorityClass, Int)]
    ) throws {
        for (priority, count) in counts {
            for _ in 0..<count { try spool.store(.noise(1), as: priority) }
        }
        try spool.synchronize()
    }

    private func uplink(
        _ spool: borrowing Spool<FaultyFileSystem>, window: Int = 64, authority: SendWindow.Authority = .collector
    ) -> Uplink {
        var uplink = Uplink(spool, authority: authority, window: window, jitter: { 0 })
        uplink.connected(spool)
        return uplink
    }

    @Test("nothing goes out without a connection, nor before it is durable")
    func connection() throws {
        let box = Box()
        let wire = ScriptedWire()
        var spool = try box.open()
        try store(&spool, [(.metric, 1)])
        try spool.store(.noise(1), as: .metric)
        var uplink = Uplink(spool, authority: .collector, jitter: { 0 })
        try uplink.pump(&spool, wire, at: 0)
        #expect(wire.take().isEmpty)
        uplink.connected(spool)
        try uplink.pump(&spool, wire, at: 0)
        #expect(wire.take().names == ["metric 1"])
        try spool.synchronize()
        try uplink.pump(&spool, wire, at: 0)
        #expect(wire.take().names == ["metric 2"])
        uplink.disconnected()
        try store(&spool, [(.metric, 1)])
        try uplink.pump(&spool, wire, at: 0)
        #expect(wire.take().isEmpty)
        let (sent, resent) = (uplink.sent, uplink.resent)
        #expect(sent == 2)
        #expect(resent == 0)
    }

    @Test("what goes out is the frame on disk, byte for byte, each under a token of its own")
    func bytes() throws {
        let box = Box()
        let wire = ScriptedWire()
        var spool = try box.open()
        try store(&spool, [(.bulk, 2), (.metric, 2), (.event, 2)])
        var uplink = uplink(spool)
        try uplink.pump(&spool, wire, at: 0)
        let sent = wire.take()
        #expect(sent.names == ["event 1", "event 2", "metric 1", "metric 2", "bulk 1", "bulk 2"])
        #expect(Set(sent.map(\.token)).count == 6)
        for priority in PriorityClass.allCases {
            let frames = try spool.frames(of: priority)
            #expect(sent.filter { $0.priority == priority }.map(\.frame) == frames)
        }
    }

    @Test("an event that comes late overtakes what still waits of the other classes")
    func overtaking() throws {
        let box = Box()
        let wire = ScriptedWire()
        var spool = try box.open()
        try store(&spool, [(.metric, 3), (.bulk, 3)])
        var uplink = uplink(spool)
        wire.room = 2
        try uplink.pump(&spool, wire, at: 0)
        #expect(wire.take().names == ["metric 1", "metric 2"])
        try store(&spool, [(.event, 1)])
        wire.room = 3
        try uplink.pump(&spool, wire, at: 0)
        #expect(wire.take().names == ["event 1", "metric 3", "bulk 1"])
    }

    @Test("a class has as many frames under way as its window allows, whatever the others do")
    func window() throws {
        let box = Box()
        let wire = ScriptedWire()
        var spool = try box.open()
        try store(&spool, [(.metric, 5), (.bulk, 5)])
        var uplink = uplink(spool, window: 2)
        try uplink.pump(&spool, wire, at: 0)
        #expect(wire.take().names == ["metric 1", "metric 2", "bulk 1", "bulk 2"])
        let unacknowledged = uplink.unacknowledged
        #expect(unacknowledged == 4)
        try uplink.pump(&spool, wire, at: 1)
        #expect(wire.take().isEmpty)
        uplink.acknowledged(spool.acknowledgement(.metric, through: 1), in: &spool)
        try uplink.pump(&spool, wire, at: 2)
        #expect(wire.take().names == ["metric 3"])
    }

    @Test("a full wire ends the round, is not asked again for time's sake, and goes on where it stopped on news")
    func fullWire() throws {
        let box = Box()
        let wire = ScriptedWire()
        var spool = try box.open()
        try store(&spool, [(.event, 1), (.metric, 3), (.bulk, 1)])
        var uplink = uplink(spool)
        wire.room = 2
        try uplink.pump(&spool, wire, at: 0)
        let sent = wire.take()
        #expect(sent.names == ["event 1", "metric 1"])
        #expect(wire.refusals == 1, "bulk is not even offered")
        let due = uplink.dueAt
        #expect(due == nil, "only the wire's own news can help")

        uplink.answered(sent[0].token, reason: 0, at: 1, in: &spool)
        wire.room = .max
        try uplink.pump(&spool, wire, at: 1)
        #expect(wire.take().names == ["metric 2", "metric 3", "bulk 1"])
        let next = uplink.dueAt
        #expect(next == 10_000_000_000, "then the first of the unacknowledged frames is due")
    }

    @Test("a frame without an answer goes again after 10 s, 20 s, 40 s and 60 s, in order, and before new ones")
    func resend() throws {
        let box = Box()
        let wire = ScriptedWire()
        var spool = try box.open()
        try store(&spool, [(.metric, 2)])
        var uplink = uplink(spool)
        try uplink.pump(&spool, wire, at: 0)
        let first = wire.take()
        var now: Int64 = 0
        for pause in [10, 20, 40, 60, 60] as [Int64] {
            try uplink.pump(&spool, wire, at: now + pause * 1_000_000_000 - 1)
            #expect(wire.take().isEmpty)
            now += pause * 1_000_000_000
            try uplink.pump(&spool, wire, at: now)
            let again = wire.take()
            #expect(again.names == ["metric 1", "metric 2"])
            #expect(again.map(\.frame) == first.map(\.frame))
            #expect(Set(again.map(\.token)).isDisjoint(with: first.map(\.token)))
        }
        try store(&spool, [(.metric, 1)])
        try uplink.pump(&spool, wire, at: now + 60_000_000_000)
        #expect(wire.take().names == ["metric 1", "metric 2", "metric 3"])
        let (sent, resent) = (uplink.sent, uplink.resent)
        #expect(sent == 15)
        #expect(resent == 12)
    }

    enum News: CaseIterable { case reconnection, greeting }

    @Test(
        "a new connection and a collector's greeting make everything unacknowledged due at once",
        arguments: News.allCases)
    func news(news: News) throws {
        let box = Box()
        let wire = ScriptedWire()
        var spool = try box.open()
        try store(&spool, [(.event, 1), (.metric, 3)])
        var uplink = uplink(spool)
        try uplink.pump(&spool, wire, at: 0)
        for sent in wire.take() { uplink.answered(sent.token, reason: 0, at: 1, in: &spool) }
        uplink.acknowledged(spool.acknowledgement(.metric, through: 0, also: [2...2]), in: &spool)
        try uplink.pump(&spool, wire, at: 2)
        #expect(wire.take().isEmpty, "the broker has them, the collector may not: no hurry yet")
        switch news {
        case .reconnection:
            uplink.disconnected()
            uplink.connected(spool)
        case .greeting: uplink.greeted(by: UUIDBytes(high: 1, low: 2))
        }
        try uplink.pump(&spool, wire, at: 3)
        #expect(wire.take().names == ["event 1", "metric 1", "metric 3"], "what the collector keeps stays out of it")
    }

    @Test("after a restart everything that was not released is sent again, of earlier epochs first")
    func restart() throws {
        let box = Box()
        let wire = ScriptedWire()
        var spool = try box.open()
        try store(&spool, [(.metric, 3)])
        var first = uplink(spool)
        try first.pump(&spool, wire, at: 0)
        first.acknowledged(spool.acknowledgement(.metric, through: 1), in: &spool)
        try spool.close()
        _ = wire.take()
        spool = try box.open()
        try store(&spool, [(.metric, 2)])
        var second = uplink(spool)
        try second.pump(&spool, wire, at: 0)
        let sent = wire.take()
        #expect(sent.names == ["metric 2", "metric 3", "metric 1", "metric 2"])
        #expect(sent.map(\.header.stream.epoch) == [1, 1, 2, 2])
        second.acknowledged(spool.acknowledgement(.metric, epoch: 1, through: 3), in: &spool)
        #expect(spool.pending(.metric) == 2)
        second.acknowledged(spool.acknowledgement(.metric, epoch: 2, through: 2), in: &spool)
        #expect(spool.pending(.metric) == 0)
    }
}
