import Delivery
import Frames
import SegmentLog
import Storage
import StorageSupport
import Telemetry
import TestSupport
import Testing

@testable import Collector

@Suite("From the network into the archive")
struct FrameIntakeTests {
    private static let install = UUIDBytes(high: 0xA, low: 0xB)
    private static let generation = UUIDBytes(high: 0xC, low: 0xD)
    private let files = FaultyFileSystem()
    private let store = ModelStore()

    private func open() throws -> FrameIntake<FaultyFileSystem> {
        FrameIntake(
            try Archive.open(
                "/archive", files: files, store: store, segmentSize: 8192, install: Self.install,
                generation: Self.generation))
    }

    private func acknowledgement(through: UInt64, also: [ClosedRange<UInt64>] = [], of sender: Sender)
        -> Acknowledgement
    {
        Acknowledgement(
            stream: StreamReference(
                install: sender.stream.install, epoch: sender.stream.epoch, priority: sender.stream.priority),
            through: through, also: also, generation: Self.generation)
    }

    @Test("what came is acknowledged once it is on the device, and not before")
    func order() throws {
        var intake = try open()
        var sender = Sender()
        let frame = try sender.frame()
        #expect(intake.isPending == false)
        #expect(try intake.take(frame, from: sender) == .admitted)
        #expect(intake.isPending == true)
        #expect(!files.isDurable(frame), "nothing was synced yet, so that this test can fail")
        let told = try intake.synchronize(at: 0)
        #expect(files.isDurable(frame))
        #expect(told.map(\.stream) == [sender.stream])
        #expect(told.map(\.1) == [acknowledgement(through: 1, of: sender)])
        #expect(try intake.synchronize(at: 0).count == 0, "it is told once")
    }

    @Test("each stream hears of its own, of what is beyond a hole too")
    func streams() throws {
        var intake = try open()
        var metric = Sender()
        var event = Sender(.event)
        let frames = try (0..<5).map { _ in try metric.frame() }
        for index in [0, 2, 4] { #expect(try intake.take(frames[index], from: metric) == .admitted) }
        #expect(try intake.take(try event.frame(), from: event) == .admitted)
        var told = Dictionary(uniqueKeysWithValues: try intake.synchronize(at: 0).map { ($0.stream, $0.1) })
        #expect(told[metric.stream] == acknowledgement(through: 1, also: [3...3, 5...5], of: metric))
        #expect(told[event.stream] == acknowledgement(through: 1, of: event))
        #expect(try intake.take(frames[1], from: metric) == .admitted)
        told = Dictionary(uniqueKeysWithValues: try intake.synchronize(at: 0).map { ($0.stream, $0.1) })
        #expect(told == [metric.stream: acknowledgement(through: 3, also: [5...5], of: metric)])
    }

    @Test("a frame that comes again is told of again, counted, and not written again")
    func duplicates() throws {
        var intake = try open()
        var sender = Sender()
        let frame = try sender.frame()
        _ = try intake.take(frame, from: sender)
        _ = try intake.synchronize(at: 0)
        try intake.archive.commit(to: store)
        let writes = files.history.count { $0 == .write }
        for _ in 0..<3 { #expect(try intake.take(frame, from: sender) == .duplicate) }
        #expect(try intake.synchronize(at: 0).map(\.1) == [acknowledgement(through: 1, of: sender)])
        #expect(files.history.count { $0 == .write } == writes)
        let stored = intake.archive.stored(sender.stream)
        let ledger = try #require(stored).ledger
        #expect(ledger.duplicates == 3 && ledger.deliveredCount == 3)
        try intake.archive.commit(to: store)
        #expect(try store.load().streams[sender.stream]?.ledger.duplicates == 3)
    }

    @Test("a refused payload costs nothing: no byte, no stream, no answer")
    func refused() throws {
        var intake = try open()
        var stranger = Sender(agent: "stranger")
        let before = files.history.count { $0 == .write }
        let outcome = try intake.take(try stranger.frame(), from: Sender())
        #expect(outcome == .refused(.gate(.foreignIdentity(claimed: "here/stranger/metric"))))
        #expect(intake.isPending == false)
        #expect(try intake.synchronize(at: 0).count == 0)
        #expect(intake.archive.allStreams.count == 0)
        #expect(files.history.count { $0 == .write } == before)
    }

    @Test("two boxes under one id are told apart: neither is taken until one was silent")
    func contested() throws {
        var intake = try open()
        var first = Sender(install: 1)
        var second = Sender(install: 2)
        let minute: Int64 = 60_000_000_000
        #expect(try intake.take(try first.frame(), from: first, at: 0) == .admitted)
        #expect(try intake.take(try second.frame(), from: second, at: minute) == .replaced(first.stream.install))
        let frame = try first.frame()
        #expect(
            try intake.take(frame, from: first, at: 2 * minute) == .refused(.contested(second.stream.install)))
        #expect(
            try intake.take(try second.frame(), from: second, at: 3 * minute)
                == .refused(.contested(first.stream.install)))
        let told = try intake.synchronize(at: 3 * minute)
        #expect(told.allSatisfy { $0.1.through == 1 }, "what was refused is not acknowledged")
        #expect(try intake.take(frame, from: first, at: 13 * minute) == .admitted)
    }

    @Test("a spool that was copied to another box is seen by its boot, and by samples that do not follow")
    func copiedSpool() throws {
        var intake = try open()
        var original = Sender()
        var copy = Sender(boot: 8)
        #expect(try intake.take(try original.frame(), from: original) == .admitted)
        _ = try copy.frame()
        let boots = FrameContradiction.twoBoots(Sender.clock.boot, UUIDBytes(high: 8, low: 8))
        #expect(try intake.take(try copy.frame(), from: copy) == .refused(.contradiction(boots)))
        var bent = Sender()
        _ = try bent.frame(samples: 4)
        #expect(try intake.take(try bent.frame(), from: bent) == .refused(.contradiction(.ordinals)))
        #expect(try intake.synchronize(at: 0).map(\.1.through) == [1])
    }

    @Test("a hole that does not fill is asked for")
    func requests() throws {
        var intake = try open()
        var sender = Sender()
        let frames = try (0..<4).map { _ in try sender.frame() }
        for index in [0, 3] { _ = try intake.take(frames[index], from: sender) }
        _ = try intake.synchronize(at: 0)
        let early = intake.requests(at: 0)
        #expect(early.isEmpty)
        let dueAt = intake.dueAt
        let due = try #require(dueAt)
        let asked = intake.requests(at: due)
        let reference = acknowledgement(through: 0, of: sender).stream
        #expect(asked.map(\.stream) == [sender.stream])
        #expect(asked.map(\.1) == [.resend(reference, ranges: [2...3])])
        for index in [1, 2] { _ = try intake.take(frames[index], from: sender) }
        _ = try intake.synchronize(at: due)
        let next = intake.dueAt
        #expect(next == nil)
    }

    @Test("a store that fails holds up neither archive nor acknowledgements, and is caught up")
    func storeFails() throws {
        var intake = try open()
        var sender = Sender()
        store.setFailing(StoreError(.full, "/store.db", "the disk is full; make room"))
        for _ in 0..<3 {
            _ = try intake.take(try sender.frame(), from: sender)
            #expect(try intake.synchronize(at: 0).count == 1)
            #expect(throws: StoreError.self) { try intake.archive.commit(to: store) }
        }
        #expect(intake.archive.uncommitted == 3)
        #expect(intake.isPending == true, "what the store lacks is not forgotten")
        store.setFailing(nil)
        try intake.archive.commit(to: store)
        #expect(try store.load().streams[sender.stream]?.ledger.through == 3)
        #expect(intake.archive.uncommitted == 0)
    }

    @Test("a device that cannot sync gets nothing acknowledged, now or later")
    func deviceFails() throws {
        var intake = try open()
        var sender = Sender()
        _ = try intake.take(try sender.frame(), from: sender)
        files.setFailing(.synchronize, true)
        for _ in 0..<2 {
            let error = #expect(throws: CollectorError.self) { _ = try intake.synchronize(at: 0) }
            #expect(error?.code == .archive)
        }
        #expect(try store.load().streams.isEmpty, "and the store hears of nothing")
    }

    /// One fault at each operation in turn, then a power cut that takes everything unsynced.
    @Test("whatever fails, what was acknowledged is in the archive after a power cut", arguments: [5, 28] as [Int32])
    func everyFault(errno: Int32) throws {
        var faults = 0
        var operation = 0
        var isDone = false
        while !isDone {
            let files = FaultyFileSystem(seed: 1)
            let store = ModelStore()
            var acknowledged: [UInt64: [UInt8]] = [:]
            do {
                var sender = Sender()
                var frames: [UInt64: [UInt8]] = [:]
                var intake = FrameIntake(
                    try Archive.open("/archive", files: files, store: store, segmentSize: 8192, install: Self.install))
                files.plan(.error(errno: errno), afterMore: operation)
                let end = files.history.count + operation
                defer { isDone = files.history.count <= end }
                for _ in 0..<12 {
                    let frame = try sender.frame(samples: 150)
                    frames[sender.head.sequence - 1] = frame
                    _ = try intake.take(frame, from: sender)
                    for (_, told) in try intake.synchronize(at: 0) {
                        for number in 1...told.through { acknowledged[number] = frames[number] }
                    }
                    try intake.archive.commit(to: store)
                }
            } catch is CollectorError {
                faults += 1
            }
            for (number, frame) in acknowledged {
                #expect(files.isDurable(frame), "frame \(number), fault at operation \(operation)")
            }
            files.reboot(.nothing)
            let archive = try Archive.open("/archive", files: files, store: store, segmentSize: 8192)
            let ledger = archive.stored(Sender().stream)?.ledger
            for number in acknowledged.keys {
                #expect(ledger?.has(number) == true, "frame \(number), fault at operation \(operation)")
            }
            operation += 1
        }
        #expect(operation > 20 && faults > 0, "so many operations were tried, and some of them mattered")
    }
}

extension FrameIntake {
    /// What comes on the topic of a sender's stream.
    fileprivate mutating func take(
        _ payload: [UInt8], from sender: Sender, at now: Int64 = 0
    ) throws(CollectorError) -> Outcome {
        let stream = sender.stream
        return try take(payload, site: stream.site, agent: stream.agent, priority: stream.priority, at: now)
    }
}
