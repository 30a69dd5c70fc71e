import Delivery
import Frames
import SegmentLog
import Telemetry
import TestSupport
import Testing

@testable import Agent

@Suite("What the uplink cannot send")
struct UplinkLossTests {
    /// Frames of 2, 3, 4 … samples.
    private func store(_ spool: inout Spool<FaultyFileSystem>, _ priority: PriorityClass, _ count: Int) throws {
        for number in 0..<count { try spool.store(.noise(number + 2, seed: UInt64(number)), as: priority) }
        try spool.synchronize()
    }

    private func uplink(_ spool: borrowing Spool<FaultyFileSystem>) -> Uplink {
        var uplink = Uplink(spool, authority: .collector, jitter: { 0 })
        uplink.connected(spool)
        return uplink
    }

    /// What the collector learns: the declarations among what was sent.
    private func declarations(_ sent: [ScriptedWire.Sent]) throws -> [LossDeclaration] {
        try sent.flatMap { try Frame(decoding: $0.frame).extras.losses }
    }

    @Test(
        "damaged frames are declared corrupt with exactly their numbers, once the next frame shows which they were",
        arguments: [PriorityClass.metric, .bulk], [2...2, 2...3, 4...4, 2...4] as [ClosedRange<UInt64>])
    func damaged(priority: PriorityClass, lost: ClosedRange<UInt64>) throws {
        let box = Box()
        let wire = ScriptedWire()
        var spool = try box.open()
        try store(&spool, priority, 5)
        for frame in try spool.frames(of: priority) where lost.contains(try FrameHeader.peek(frame).sequence) {
            try box.damage(frame)
        }
        var uplink = uplink(spool)
        try uplink.pump(&spool, wire, at: 0)
        let kept = (UInt64(1)...5).filter { !lost.contains($0) }
        var sent = wire.take()
        #expect(sent.map(\.header.sequence) == kept)
        let notices = uplink.takeNotices()
        let positions = notices.flatMap { notice -> [UInt64] in
            guard case .unreadable(priority, let positions) = notice else { return [] }
            return Array(positions)
        }
        #expect(positions == Array(lost))

        try uplink.pump(&spool, wire, at: 1)
        sent = wire.take()
        #expect(sent.names == ["event 1"])
        // Frame n has n + 1 samples, so that the first of frame n is number 1 + 2 + … + n.
        let first = lost.lowerBound * (lost.lowerBound + 1) / 2
        let next = (lost.upperBound + 1) * (lost.upperBound + 2) / 2
        #expect(
            try declarations(sent) == [
                LossDeclaration(
                    epoch: 1, priority: priority, sequences: lost, samples: .ordinals(first...(next - 1)),
                    reason: .corrupt)
            ])
        uplink.acknowledged(
            spool.acknowledgement(priority, through: 1, also: kept.dropFirst().map { $0...$0 }), in: &spool)
        #expect(spool.pending(priority) == 0, "the damaged ones hold nothing up")
    }

    @Test("a frame that went bad after it was sent is declared with its numbers when it would go again")
    func damagedAfterSending() throws {
        let box = Box()
        let wire = ScriptedWire()
        var spool = try box.open()
        // More than a segment, so that the first is read from the disk again.
        try store(&spool, .metric, 50)
        var uplink = uplink(spool)
        try uplink.pump(&spool, wire, at: 0)
        #expect(wire.take().map(\.header.sequence) == Array(1...50))
        try box.damage(try spool.frames(of: .metric)[1])
        uplink.disconnected()
        uplink.connected(spool)
        try uplink.pump(&spool, wire, at: 1)
        #expect(wire.take().map(\.header.sequence) == [1] + Array(3...50))
        try uplink.pump(&spool, wire, at: 2)
        let sent = wire.take()
        #expect(sent.names == ["event 1"])
        #expect(
            try declarations(sent) == [
                LossDeclaration(
                    epoch: 1, priority: .metric, sequences: 2...2, samples: .ordinals(3...5), reason: .corrupt)
            ])
        uplink.acknowledged(spool.acknowledgement(.metric, through: 1, also: [3...50]), in: &spool)
        #expect(spool.pending(.metric) == 0)
    }

    @Test("damage behind which nothing stands yet is told of, and declared when the next frame comes")
    func damagedAtTheEnd() throws {
        let box = Box()
        let wire = ScriptedWire()
        var spool = try box.open()
        try store(&spool, .metric, 3)
        try box.damage(try #require(try spool.frames(of: .metric).last))
        var uplink = uplink(spool)
        try uplink.pump(&spool, wire, at: 0)
        #expect(wire.take().names == ["metric 1", "metric 2"])
        #expect(uplink.takeNotices() == [.unreadable(.metric, positions: 3...3)])
        try spool.store(.noise(1), as: .metric)
        try spool.synchronize()
        try uplink.pump(&spool, wire, at: 1)
        try uplink.pump(&spool, wire, at: 2)
        let sent = wire.take()
        #expect(sent.names == ["metric 4", "event 1"])
        #expect(try declarations(sent).map(\.sequences) == [3...3])
        #expect(try declarations(sent).map(\.ordinals) == [6...9])
    }

    @Test(
        "damage before the first frame that can be read is declared by what follows it",
        arguments: [1...1, 1...2] as [ClosedRange<Int>])
    func damagedAtTheStart(lost: ClosedRange<Int>) throws {
        let box = Box()
        let wire = ScriptedWire()
        var spool = try box.open()
        try store(&spool, .metric, 4)
        for frame in try spool.frames(of: .metric)[(lost.lowerBound - 1)..<lost.upperBound] { try box.damage(frame) }
        var uplink = uplink(spool)
        try uplink.pump(&spool, wire, at: 0)
        try uplink.pump(&spool, wire, at: 1)
        let sent = wire.take()
        let kept = (lost.upperBound + 1)...4
        #expect(sent.names == kept.map { "metric \($0)" } + ["event 1"])
        let losses = try declarations(sent)
        #expect(losses.map(\.sequences) == [1...UInt64(lost.upperBound)])
        #expect(losses.map(\.ordinals) == [1...(lost.upperBound == 1 ? 2 : 5)])
        uplink.acknowledged(
            spool.acknowledgement(.metric, through: 0, also: [UInt64(kept.lowerBound)...4]), in: &spool)
        #expect(spool.pending(.metric) == 0)
    }

    @Test("damage at the end of one start and the beginning of the next is declared for both")
    func damagedAcrossStarts() throws {
        let box = Box()
        let wire = ScriptedWire()
        var spool = try box.open()
        try store(&spool, .metric, 4)
        try spool.close()
        spool = try box.open()
        try store(&spool, .metric, 3)
        let frames = try spool.frames(of: .metric)
        for frame in frames[2...5] { try box.damage(frame) }
        var uplink = uplink(spool)
        try uplink.pump(&spool, wire, at: 0)
        try uplink.pump(&spool, wire, at: 1)
        let sent = wire.take()
        #expect(sent.names == ["metric 1", "metric 2", "metric 3", "event 1"])
        let losses = try declarations(sent)
        #expect(losses.map(\.epoch) == [1, 2])
        #expect(losses.map(\.sequences) == [3...4, 1...2])
        #expect(losses.map(\.samples) == [.unknown, .ordinals(1...5)])
    }

    @Test(
        "frames of an earlier start that were released before it is asked for them are declared unavailable, once for each life of the archive"
    )
    func unavailable() throws {
        let box = Box()
        let wire = ScriptedWire()
        var spool = try box.open()
        try store(&spool, .metric, 6)
        var uplink = uplink(spool)
        try uplink.pump(&spool, wire, at: 0)
        uplink.acknowledged(spool.acknowledgement(.metric, through: 4), in: &spool)
        try spool.close()
        spool = try box.open()
        uplink = self.uplink(spool)
        try uplink.pump(&spool, wire, at: 0)
        _ = wire.take()
        let stream = StreamReference(install: Box.install, epoch: 1, priority: .metric)
        try uplink.asked(for: [2...3, 5...900], of: stream, in: &spool)
        try uplink.asked(for: [2...3, 5...900], of: stream, in: &spool)
        #expect(uplink.takeNotices() == [.unavailable(.metric, frames: 2)])
        try uplink.pump(&spool, wire, at: 1)
        let sent = wire.take()
        #expect(
            sent.names == ["event 1", "metric 5", "metric 6"],
            "what is held goes again; what is not yet made is not lost")
        #expect(
            try declarations(sent) == [
                LossDeclaration(epoch: 1, priority: .metric, sequences: 2...3, samples: .unknown, reason: .unavailable)
            ])
        uplink.greeted(by: UUIDBytes(high: 9, low: 9))
        try uplink.asked(for: [2...3], of: stream, in: &spool)
        #expect(uplink.takeNotices() == [.unavailable(.metric, frames: 2)], "this one may not know")
    }

    @Test("frames that were released and are still on the disk go again, beside what is unacknowledged")
    func stillThere() throws {
        let box = Box()
        let wire = ScriptedWire()
        var spool = try box.open()
        try store(&spool, .metric, 6)
        var uplink = uplink(spool)
        try uplink.pump(&spool, wire, at: 0)
        uplink.acknowledged(spool.acknowledgement(.metric, through: 4), in: &spool)
        _ = wire.take()
        let stream = StreamReference(install: Box.install, epoch: 1, priority: .metric)
        for _ in 0..<2 { try uplink.asked(for: [2...3, 5...900], of: stream, in: &spool) }
        try uplink.pump(&spool, wire, at: 1)
        #expect(wire.take().names == ["metric 5", "metric 6", "metric 2", "metric 3"])
        #expect(uplink.takeNotices().isEmpty)
        #expect(try spool.declarations().isEmpty)
    }

    @Test("nothing is declared for another install, or for a start that has not been")
    func askedForOthers() throws {
        let box = Box()
        var spool = try box.open()
        try store(&spool, .metric, 2)
        var uplink = uplink(spool)
        for (install, epoch) in [(UUIDBytes(high: 5, low: 5), UInt64(1)), (Box.install, 2), (Box.install, 1)] {
            let stream = StreamReference(install: install, epoch: epoch, priority: .metric)
            try uplink.asked(for: [1...2], of: stream, in: &spool)
        }
        #expect(uplink.takeNotices().isEmpty)
        #expect(try spool.declarations().isEmpty)
    }

    @Test("a record that is no frame is never sent, though the log's own checksum holds")
    func noFrame() throws {
        let box = Box()
        let wire = ScriptedWire()
        try box.open().close()
        var log = try SegmentedLog(
            directory: Box.path,
            options: Spool<FaultyFileSystem>.options(size: box.settings.size, segmentSize: Box.segmentSize),
            files: box.files)
        let junk = Array("no frame at all".utf8)
        _ = try log.append(junk.span.bytes, to: Lane(1))
        try log.close()
        var spool = try box.open()
        try store(&spool, .metric, 1)
        var uplink = uplink(spool)
        try uplink.pump(&spool, wire, at: 0)
        #expect(wire.take().names == ["metric 1"])
        #expect(uplink.takeNotices() == [.unreadable(.metric, positions: 1...1)])
    }

    @Test("a frame beyond the broker's limit is declared refused and does not stop those behind it")
    func tooLarge() throws {
        let box = Box()
        let wire = ScriptedWire()
        var spool = try box.open()
        try store(&spool, .bulk, 2)
        try store(&spool, .metric, 2)
        var uplink = uplink(spool)
        wire.tooLarge = [.bulk]
        try uplink.pump(&spool, wire, at: 0)
        #expect(wire.take().names == ["metric 1", "metric 2"])
        let notice = Uplink.Notice.unsendable(.bulk, "beyond the broker's limit")
        #expect(uplink.takeNotices() == [notice, notice])
        #expect(spool.pending(.bulk) == 0, "they hold nothing up")
        wire.tooLarge = []
        try store(&spool, .bulk, 1)
        try uplink.pump(&spool, wire, at: 1)
        let sent = wire.take()
        #expect(sent.names == ["event 1", "event 2", "bulk 3"])
        #expect(
            try declarations(sent) == [
                LossDeclaration(
                    epoch: 1, priority: .bulk, sequences: 1...1, samples: .ordinals(1...2), reason: .refused),
                LossDeclaration(
                    epoch: 1, priority: .bulk, sequences: 2...2, samples: .ordinals(3...5), reason: .refused),
            ])
    }

    @Test("a loss is declared durably before its frame is let go")
    func declaredFirst() throws {
        for operation in 0..<4 {
            let box = Box(seed: UInt64(operation) + 1)
            let wire = ScriptedWire()
            wire.tooLarge = [.metric]
            var spool = try box.open()
            try store(&spool, .metric, 1)
            var uplink = uplink(spool)
            box.files.plan(.crash, afterMore: operation)
            // The crash may come later than all of it.
            do throws(AgentError) { try uplink.pump(&spool, wire, at: 0) } catch { #expect(error.code == .spool) }
            try? spool.close()
            box.files.reboot(.seeded(UInt64(operation)))
            spool = try box.open()
            let isDeclared = try spool.declarations().contains { $0.priority == .metric && $0.sequences == 1...1 }
            #expect(isDeclared || spool.pending(.metric) == 1, "crash at operation \(operation)")
        }
    }

    @Test("frames evicted while they are under way are no longer waited for, nor sent again")
    func evictedUnderWay() throws {
        let box = Box()
        let wire = ScriptedWire()
        var spool = try box.open()
        for number in UInt64(0)..<9 { try spool.store(.noise(120, seed: number), as: .bulk) }
        try spool.synchronize()
        var uplink = uplink(spool)
        try uplink.pump(&spool, wire, at: 0)
        #expect(wire.take().count == 9)
        var evictions: [Spool<FaultyFileSystem>.Eviction] = []
        for number in UInt64(0)..<100 where evictions.isEmpty {
            try spool.store(.noise(120, seed: number), as: .bulk)
            evictions += spool.takeEvictions()
        }
        let eviction = try #require(evictions.first)
        let before = uplink.unacknowledged
        uplink.forgot(through: eviction.through, of: eviction.priority)
        let after = uplink.unacknowledged
        #expect(before - after == eviction.frames)
        uplink.greeted(by: UUIDBytes(high: 1, low: 2))
        try spool.synchronize()
        try uplink.pump(&spool, wire, at: 1)
        let sent = wire.take().filter { $0.priority == .bulk }.map(\.header.sequence)
        #expect(sent.min() == UInt64(eviction.frames) + 1)
        #expect(sent == sent.sorted() && Set(sent).count == sent.count)
    }

    @Test("a resend that comes too late for what was evicted passes over it, even when nobody told the uplink")
    func evictedUnnoticed() throws {
        let box = Box()
        let wire = ScriptedWire()
        var spool = try box.open()
        for number in UInt64(0)..<9 { try spool.store(.noise(120, seed: number), as: .bulk) }
        try spool.synchronize()
        var uplink = uplink(spool)
        try uplink.pump(&spool, wire, at: 0)
        _ = wire.take()
        spool.release(through: 5, of: .bulk)
        uplink.greeted(by: UUIDBytes(high: 1, low: 2))
        try uplink.pump(&spool, wire, at: 1)
        #expect(wire.take().map(\.header.sequence) == [6, 7, 8, 9])
        spool.release(through: 9, of: .bulk)
        uplink.greeted(by: UUIDBytes(high: 1, low: 2))
        try uplink.pump(&spool, wire, at: 2)
        #expect(wire.take().isEmpty)
        let unacknowledged = uplink.unacknowledged
        #expect(unacknowledged == 0)
    }

    @Test("with no room to declare a loss the class waits, and goes on when events were delivered")
    func noRoomToDeclare() throws {
        let box = Box()
        let wire = ScriptedWire()
        var spool = try box.open()
        try store(&spool, .metric, 3)
        try box.damage(try spool.frames(of: .metric)[1])
        var events: UInt64 = 0
        // Small ones last, so that not even a declaration finds a place.
        for size in [120, 10, 0] {
            do {
                while true {
                    try spool.store(.noise(size, seed: events), as: .event)
                    events += 1
                }
            } catch let error as AgentError {
                #expect(error.code == .full)
            }
        }
        try spool.synchronize()
        var uplink = Uplink(spool, authority: .collector, window: 1000, jitter: { 0 })
        uplink.connected(spool)
        try uplink.pump(&spool, wire, at: 0)
        var sent = wire.take()
        #expect(sent.filter { $0.priority == .metric }.map(\.header.sequence) == [1])
        #expect(sent.count == Int(events) + 1)
        uplink.acknowledged(spool.acknowledgement(.event, through: events), in: &spool)
        try uplink.pump(&spool, wire, at: 1)
        try uplink.pump(&spool, wire, at: 2)
        sent = wire.take()
        #expect(sent.names == ["metric 3", "event \(events + 1)"])
        #expect(try declarations(sent).map(\.sequences) == [2...2])
    }
}
