import Delivery
import Frames
import SegmentLog
import Telemetry
import TestSupport
import Testing

@testable import Agent

@Suite("Frames that go again although they were released")
struct UplinkReplayTests {
    private static let request = UUIDBytes(high: 4, low: 2)

    /// A connected uplink over `count` frames of class metric, all of them sent and acknowledged.
    private func released(
        _ box: Box, _ spool: inout Spool<FaultyFileSystem>, _ wire: ScriptedWire, _ count: UInt64, size: Int = 3
    ) throws -> Uplink {
        for number in 0..<count { try spool.store(.noise(size, seed: number), as: .metric) }
        try spool.synchronize()
        var uplink = Uplink(spool, authority: .collector, window: 1000, jitter: { 0 })
        uplink.connected(spool)
        try uplink.pump(&spool, wire, at: 0)
        uplink.acknowledged(spool.acknowledgement(.metric, through: count), in: &spool)
        #expect(spool.pending(.metric) == 0)
        _ = wire.take()
        return uplink
    }

    /// Lets the broker answer everything until nothing more is sent.
    private func run(
        _ uplink: inout Uplink, _ spool: inout Spool<FaultyFileSystem>, _ wire: ScriptedWire
    ) throws -> [ScriptedWire.Sent] {
        var all: [ScriptedWire.Sent] = []
        while true {
            try uplink.pump(&spool, wire, at: 1)
            let sent = wire.take()
            guard !sent.isEmpty else { return all }
            for frame in sent { uplink.answered(frame.token, reason: 0, at: 1, in: &spool) }
            all += sent
        }
    }

    private var stream: StreamReference { StreamReference(install: Box.install, epoch: 1, priority: .metric) }

    @Test("all that the disk still has goes again, a few at a time, and is not waited for")
    func everything() throws {
        let box = Box()
        let wire = ScriptedWire()
        var spool = try box.open()
        var uplink = try released(box, &spool, wire, 40)
        uplink.resend(.everything, for: Self.request, spool)
        try uplink.pump(&spool, wire, at: 1)
        let first = wire.take()
        #expect(first.map(\.header.sequence) == Array(1...UInt64(Replay.window)), "live frames need room, too")
        #expect(uplink.replay.takeEnded().isEmpty)
        for frame in first { uplink.answered(frame.token, reason: 0, at: 1, in: &spool) }
        let rest = try run(&uplink, &spool, wire)
        #expect((first + rest).map(\.header.sequence) == Array(1...40))
        let ended = uplink.replay.takeEnded()
        #expect(ended.map(\.request) == [Self.request] && ended.map(\.sent) == [40])
        let unacknowledged = uplink.unacknowledged
        #expect(unacknowledged == 0 && uplink.dueAt == nil)
    }

    @Test("also from segments that are free and not written over; what was written over is passed by")
    func recycled() throws {
        let box = Box()
        let wire = ScriptedWire()
        var spool = try box.open()
        // Some 900 bytes each, eight or nine to a segment; more than the budget holds.
        var uplink = try released(box, &spool, wire, 10, size: 100)
        for round in UInt64(1)...9 {
            for number in 0..<10 { try spool.store(.noise(100, seed: round * 100 + UInt64(number)), as: .metric) }
            try spool.synchronize()
            try uplink.pump(&spool, wire, at: 1)
            uplink.acknowledged(spool.acknowledgement(.metric, through: 10 * round + 10), in: &spool)
        }
        _ = wire.take()
        uplink.resend(.everything, for: Self.request, spool)
        let sent = try run(&uplink, &spool, wire).map(\.header.sequence)
        let first = try #require(sent.first)
        #expect(sent == Array(first...100), "without a gap up to the last")
        #expect(first > 1, "the oldest were written over")
        #expect(sent.count > 30, "more than the segment that is being written: \(sent.count)")
    }

    @Test("only those that were named go again, and the answer tells how many were there")
    func named() throws {
        let box = Box()
        let wire = ScriptedWire()
        var spool = try box.open()
        var uplink = try released(box, &spool, wire, 20)
        uplink.resend(.frames(stream, ranges: [3...5, 18...90]), for: Self.request, spool)
        #expect(try run(&uplink, &spool, wire).map(\.header.sequence) == [3, 4, 5, 18, 19, 20])
        #expect(uplink.replay.takeEnded().map(\.sent) == [6])
        for (install, epoch) in [(UUIDBytes(high: 5, low: 5), UInt64(1)), (Box.install, 2)] {
            let other = StreamReference(install: install, epoch: epoch, priority: .metric)
            uplink.resend(.frames(other, ranges: [1...5]), for: Self.request, spool)
            #expect(try run(&uplink, &spool, wire).isEmpty)
            #expect(uplink.replay.takeEnded().map(\.sent) == [0])
        }
    }

    @Test("a lost connection sends again what was not answered, and nothing is sent without one")
    func disconnected() throws {
        let box = Box()
        let wire = ScriptedWire()
        var spool = try box.open()
        var uplink = try released(box, &spool, wire, 30)
        uplink.resend(.everything, for: Self.request, spool)
        try uplink.pump(&spool, wire, at: 1)
        let first = wire.take()
        for frame in first.prefix(4) { uplink.answered(frame.token, reason: 0, at: 1, in: &spool) }
        uplink.disconnected()
        #expect(uplink.dueAt == nil, "no turn of the engine for it")
        uplink.connected(spool)
        #expect(try run(&uplink, &spool, wire).map(\.header.sequence) == Array(5...30))
        #expect(uplink.replay.takeEnded().map(\.sent) == [30])
    }

    @Test("a broker that refuses ends it")
    func refused() throws {
        let box = Box()
        let wire = ScriptedWire()
        var spool = try box.open()
        var uplink = try released(box, &spool, wire, 5)
        uplink.resend(.everything, for: Self.request, spool)
        try uplink.pump(&spool, wire, at: 1)
        let token = try #require(wire.take().first?.token)
        uplink.answered(token, reason: 0x87, at: 1, in: &spool)
        let ended = uplink.replay.takeEnded()
        #expect(ended.map(\.request) == [Self.request] && ended.map(\.sent) == [nil])
        #expect(uplink.replay.jobs.isEmpty)
    }

    @Test("new frames go before those that go again")
    func livesFirst() throws {
        let box = Box()
        let wire = ScriptedWire()
        var spool = try box.open()
        var uplink = try released(box, &spool, wire, 5)
        uplink.resend(.everything, for: Self.request, spool)
        try spool.store(.noise(3, seed: 99), as: .bulk)
        try spool.synchronize()
        try uplink.pump(&spool, wire, at: 1)
        #expect(wire.take().names == ["bulk 1"] + (1...5).map { "metric \($0)" })
    }

    @Test("what the collector lacks is sent if the disk has it, and declared unavailable if it turns out damaged")
    func damaged() throws {
        let box = Box()
        let wire = ScriptedWire()
        var spool = try box.open()
        for number in UInt64(0)..<6 { try spool.store(.noise(3, seed: number), as: .metric) }
        try spool.synchronize()
        let frames = try spool.frames(of: .metric)
        var uplink = Uplink(spool, authority: .collector, window: 1000, jitter: { 0 })
        uplink.connected(spool)
        try uplink.pump(&spool, wire, at: 0)
        uplink.acknowledged(spool.acknowledgement(.metric, through: 6), in: &spool)
        _ = wire.take()
        try box.damage(frames[2])
        try uplink.asked(for: [2...4], of: stream, in: &spool)
        try uplink.asked(for: [2...4], of: stream, in: &spool)
        #expect(uplink.takeNotices().isEmpty, "nobody knows yet")
        #expect(try run(&uplink, &spool, wire).names == ["metric 2", "metric 4"])
        #expect(try run(&uplink, &spool, wire).names == ["event 1"])
        #expect(uplink.takeNotices() == [.unavailable(.metric, frames: 1)])
        #expect(
            try spool.declarations() == [
                LossDeclaration(epoch: 1, priority: .metric, sequences: 3...3, samples: .unknown, reason: .unavailable)
            ])
    }
}
