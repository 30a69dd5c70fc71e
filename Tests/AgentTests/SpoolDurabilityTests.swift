import Frames
import Installation
import SegmentLog
import Telemetry
import TestSupport
import Testing

@testable import Agent

@Suite("What the spool keeps")
struct SpoolDurabilityTests {
    @Test("nothing can be read, and so nothing sent, before it is synchronized")
    func readsOnlyDurable() throws {
        let box = Box()
        var spool = try box.open()
        try spool.store(.noise(1), as: .metric)
        #expect(try spool.headers(of: .metric).isEmpty)
        try spool.synchronize()
        try spool.store(.noise(1), as: .metric)
        #expect(try spool.headers(of: .metric).map(\.sequence) == [1])
        let frame = try #require(try spool.frames(of: .metric).first)
        #expect(box.files.isDurable(frame), "the medium itself has it")
    }

    @Test(
        "a power cut before the sync takes what was not synchronized, and nobody ever gets its numbers again",
        arguments: PriorityClass.allCases)
    func crashBeforeSync(priority: PriorityClass) throws {
        let box = Box()
        var spool = try box.open()
        for size in 1...2 { try spool.store(.noise(size), as: priority) }
        try spool.synchronize()
        let lost = try spool.store(.noise(3), as: priority)
        _ = consume spool
        box.files.reboot(.nothing)

        spool = try box.open()
        let headers = try spool.headers(of: priority)
        #expect(headers.map(\.sequence) == [1, 2])
        #expect(headers.map(\.stream.epoch) == [1, 1])
        let next = try spool.store(.noise(9), as: priority)
        #expect(next.stream.epoch == 2)
        #expect(next.stream != lost.stream, "the same number under another name")
        let tail = spool.recovery.lanes[Int(priority.rawValue)].tail
        #expect(tail != .clean, "the crash is on record")
    }

    @Test("what was synchronized outlives a power cut that keeps nothing else", arguments: [1, 2, 3] as [UInt64])
    func crashAfterSync(seed: UInt64) throws {
        let box = Box(segments: 12, seed: seed)
        var spool = try box.open()
        var expected: [[FrameHeader]] = []
        for priority in PriorityClass.allCases {
            expected.append(try (1...8).map { try spool.store(.noise(60, seed: UInt64($0)), as: priority) })
        }
        try spool.synchronize()
        _ = consume spool
        box.files.reboot(.nothing)
        spool = try box.open()
        for priority in PriorityClass.allCases {
            #expect(try spool.headers(of: priority) == expected[Int(priority.rawValue)])
        }
    }

    @Test("an epoch is spent before its first frame, whichever operation of a start the power is cut at")
    func epochIsSpent() throws {
        let reference = Box()
        try reference.open().close()
        let before = reference.files.history.count
        try reference.open().close()
        let operations = reference.files.history.count - before
        try #require(operations > 10)
        for operation in 0..<operations {
            for survival in [.nothing, .everything, .seeded(UInt64(operation))] as [SimulatedDisk.Survival] {
                let box = Box(seed: UInt64(operation) + 1)
                try box.open().close()
                box.files.plan(.crash, afterMore: operation)
                var seen = UInt64(1)
                do throws(AgentError) {
                    let spool = try box.open()
                    seen = spool.identity.epoch
                    try spool.close()
                } catch {
                    #expect(error.code == .spool)
                }
                box.files.reboot(survival)
                let epoch = try box.open().identity.epoch
                #expect(epoch > seen, "crash at operation \(operation), \(survival)")
            }
        }
    }

    @Test("a failing sync is an error of the spool with the device's words, and loses nothing that was durable")
    func failingSync() throws {
        let box = Box()
        var spool = try box.open()
        try spool.store(.noise(1), as: .metric)
        try spool.synchronize()
        try spool.store(.noise(2), as: .metric)
        box.files.setFailing(.synchronize, true)
        let error = #expect(throws: AgentError.self) { try spool.synchronize() }
        #expect(error?.code == .spool)
        #expect(error?.path == Box.path)
        #expect(error?.message.contains("check the device") == true, "\(error?.message ?? "")")
        _ = consume spool
        box.files.reboot(.seeded(3))
        spool = try box.open()
        let headers = try spool.headers(of: .metric)
        #expect(headers.first?.sequence == 1)
        #expect(headers.allSatisfy { $0.stream.epoch == 1 })
    }

    @Test("one failed sync is made good in another segment, with every frame in its place")
    func oneFailedSync() throws {
        let box = Box()
        var spool = try box.open()
        for size in 1...3 { try spool.store(.noise(size), as: .metric) }
        // The write, then the sync.
        let start = box.files.history.count
        box.files.plan(.error(errno: 5), at: start + 1)
        try spool.synchronize()
        #expect(box.files.history[start...].prefix(2) == [.write, .synchronize])
        #expect(try spool.headers(of: .metric).map(\.sampleCount) == [1, 2, 3])
        _ = consume spool
        box.files.reboot(.nothing)
        spool = try box.open()
        #expect(try spool.headers(of: .metric).map(\.sampleCount) == [1, 2, 3])
    }

    @Test(
        "a torn last frame is not data, and not a loss of what was promised", arguments: 1...20 as ClosedRange<UInt64>)
    func tornTail(seed: UInt64) throws {
        let box = Box(seed: seed)
        var spool = try box.open()
        try spool.store(.noise(10), as: .metric)
        try spool.synchronize()
        try spool.store(.noise(300), as: .metric)
        box.files.plan(.crash, afterMore: 0)
        #expect(throws: AgentError.self) { try spool.synchronize() }
        _ = consume spool
        box.files.reboot(.seeded(seed))
        spool = try box.open()
        let sizes = try spool.headers(of: .metric).map(\.sampleCount)
        #expect(sizes == [10] || sizes == [10, 300], "whole or not at all")
        #expect(spool.recovery.lanes[1].lost.isEmpty)
    }

    @Test("a release is forgotten by a crash at most: what was released may come again, the rest always does")
    func release() throws {
        let box = Box()
        var spool = try box.open()
        for size in 1...4 { try spool.store(.noise(size), as: .metric) }
        try spool.synchronize()
        spool.release(through: 2, of: .metric)
        #expect(try spool.headers(of: .metric).map(\.sequence) == [3, 4])
        #expect(spool.pending(.metric) == 2)
        #expect(spool.released(.metric) == 2)
        try spool.close()
        spool = try box.open()
        #expect(spool.released(.metric) == 2, "a clean stop keeps it")
        #expect(try spool.headers(of: .metric).map(\.sequence) == [3, 4])
        spool.release(through: 3, of: .metric)
        _ = consume spool
        box.files.reboot(.nothing)
        spool = try box.open()
        #expect([[3, 4], [4]].contains(try spool.headers(of: .metric).map(\.sequence)))
    }
}
