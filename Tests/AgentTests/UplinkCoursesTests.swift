import Delivery
import Frames
import SegmentLog
import Telemetry
import TestSupport
import Testing

@testable import Agent

@Suite("After an outage the uplink sends the present beside the past")
struct UplinkCoursesTests {
    private func store(_ spool: inout Spool<FaultyFileSystem>, _ count: Int) throws {
        for _ in 0..<count { try spool.store(.noise(1), as: .metric) }
        try spool.synchronize()
    }

    /// An uplink with a window of 8 that comes back to `count` frames that wait.
    private func uplink(_ spool: inout Spool<FaultyFileSystem>, after count: Int) throws -> Uplink {
        try store(&spool, count)
        var uplink = Uplink(spool, authority: .collector, window: 8, jitter: { 0 })
        uplink.connected(spool)
        return uplink
    }

    /// What the uplink sends now, by sequence number; acknowledged at once, as far as `keeping` lets it.
    private func round(
        _ uplink: inout Uplink, _ spool: inout Spool<FaultyFileSystem>, _ received: inout IntervalSet
    ) throws -> [UInt64] {
        let wire = ScriptedWire()
        try uplink.pump(&spool, wire, at: 0)
        let sent = wire.take().filter { $0.priority == .metric }.map(\.header.sequence)
        for sequence in sent { received.insert(sequence) }
        uplink.acknowledged(
            spool.acknowledgement(
                .metric, through: received.through, also: received.ranges.filter { $0.lowerBound > received.through }),
            in: &spool)
        return sent
    }

    @Test("no more than a window full is the present: it goes in order")
    func shortOutage() throws {
        let box = Box()
        var spool = try box.open()
        var uplink = try uplink(&spool, after: 8)
        try store(&spool, 2)
        var received = IntervalSet()
        #expect(try round(&uplink, &spool, &received) == [1, 2, 3, 4, 5, 6, 7, 8])
        #expect(try round(&uplink, &spool, &received) == [9, 10])
    }

    @Test("what is stored after the connection came up goes first, in a quarter of the window, and never twice")
    func longOutage() throws {
        let box = Box()
        var spool = try box.open()
        var uplink = try uplink(&spool, after: 20)
        try store(&spool, 3)
        var received = IntervalSet()
        #expect(try round(&uplink, &spool, &received) == [21, 22, 1, 2, 3, 4, 5, 6])
        #expect(spool.released(.metric) == 6)
        try store(&spool, 1)
        #expect(try round(&uplink, &spool, &received) == [23, 24, 7, 8, 9, 10, 11, 12])
        #expect(try round(&uplink, &spool, &received) == [13, 14, 15, 16, 17, 18, 19, 20])
        #expect(spool.released(.metric) == 24, "the courses have met")
        try store(&spool, 2)
        #expect(try round(&uplink, &spool, &received) == [25, 26])
        #expect(spool.pending(.metric) == 0)
        let resent = uplink.resent
        #expect(resent == 0)
    }

    @Test("the present that was sent and not acknowledged goes again with the rest, and is released in its turn")
    func unacknowledged() throws {
        let box = Box()
        let wire = ScriptedWire()
        var spool = try box.open()
        var uplink = try uplink(&spool, after: 12)
        try store(&spool, 1)
        try uplink.pump(&spool, wire, at: 0)
        #expect(wire.take().map(\.header.sequence) == [13, 1, 2, 3, 4, 5, 6, 7])
        uplink.acknowledged(spool.acknowledgement(.metric, through: 0, also: [13...13]), in: &spool)
        #expect(spool.released(.metric) == 0)
        uplink.disconnected()
        uplink.connected(spool)
        try uplink.pump(&spool, wire, at: 1)
        #expect(wire.take().map(\.header.sequence) == [1, 2, 3, 4, 5, 6, 7, 8], "13 is safe, and stays so")
        uplink.acknowledged(spool.acknowledgement(.metric, through: 8, also: [13...13]), in: &spool)
        try uplink.pump(&spool, wire, at: 2)
        #expect(wire.take().map(\.header.sequence) == [9, 10, 11, 12])
        uplink.acknowledged(spool.acknowledgement(.metric, through: 13), in: &spool)
        #expect(spool.pending(.metric) == 0)
    }

    /// What is declared lost when the frame at `damaged` cannot be read back, of a backlog of 12 with three frames sent beside it.
    private func declarations(damaging damaged: ClosedRange<Int>) throws -> [LossDeclaration] {
        let box = Box()
        var spool = try box.open()
        try store(&spool, 12)
        for frame in try spool.frames(of: .metric) where damaged.contains(Int(try FrameHeader.peek(frame).sequence)) {
            try box.damage(frame)
        }
        var uplink = Uplink(spool, authority: .collector, window: 8, jitter: { 0 })
        uplink.connected(spool)
        try store(&spool, 2)
        var received = IntervalSet()
        for _ in 0..<3 { _ = try round(&uplink, &spool, &received) }
        try store(&spool, 2)
        for _ in 0..<3 { _ = try round(&uplink, &spool, &received) }
        #expect(received.count == 16 - UInt64(damaged.count))
        try spool.synchronize()
        return try spool.declarations()
    }

    @Test("damage in the middle of the backlog is declared to the frame", arguments: [5...5, 3...6, 11...11])
    func damagedBacklog(damaged: ClosedRange<Int>) throws {
        let lost = UInt64(damaged.lowerBound)...UInt64(damaged.upperBound)
        let losses = try declarations(damaging: damaged)
        #expect(losses.map(\.sequences) == [lost])
        #expect(losses.map(\.ordinals) == [lost])
    }

    @Test(
        "damage where the courses meet is declared without the frames that went ahead", arguments: [12...12, 11...12])
    func damagedSeam(damaged: ClosedRange<Int>) throws {
        let lost = UInt64(damaged.lowerBound)...UInt64(damaged.upperBound)
        let losses = try declarations(damaging: damaged)
        for loss in losses { #expect(loss.sequences.clamped(to: lost) == loss.sequences, "no more than is lost") }
        #expect(losses.map(\.sequences) == [lost])
    }
}
