import Aggregation
import Delivery
import Frames
import SegmentLog
import Storage
import StorageSupport
import Telemetry
import TestSupport
import Testing

@testable import Collector

@Suite("When frames expire")
struct ArchiveRetentionTests {
    private static let now = Centre.clock(Centre.begin)

    /// Bytes of an archive when it has let so many segments go.
    private static func size(of archive: borrowing Archive<FaultyFileSystem>, without segments: Int = 3) -> Int64 {
        Int64(archive.log.statistics.usedBytes - segments * Centre.segmentSize)
    }

    /// The disk of a closed archive that holds everything.
    private func written() throws -> SimulatedDisk {
        let files = FaultyFileSystem()
        try Centre.withStores { make in
            var archive = try Centre.open(files, make())
            try archive.take(Centre.sent)
            try archive.close()
        }
        return files.disk
    }

    @Test("the oldest go first, until the archive is as small as it should be; events stay")
    func size() throws {
        let files = FaultyFileSystem(disk: try written())
        try Centre.withStores { make in
            let store = try make()
            var archive = try Centre.open(files, store)
            let before = archive.spans
            let first = Centre.sent[1]
            let size = Self.size(of: archive)
            let expiry = try archive.expire(ArchiveRetention(size: size), at: Self.now)
            #expect(expiry.segments == 3)
            #expect(expiry.samples == expiry.frames * 100)
            #expect(!expiry.isTooLarge)
            #expect(Int64(archive.log.statistics.usedBytes) <= size)
            try archive.commit(to: store)
            let kept = try store.frames(of: Centre.everything)
            #expect(kept.count == Centre.sent.count - Int(expiry.frames))
            #expect(kept.first { $0.stream.priority == .event }?.sequence == 1)
            #expect(kept.first { $0.stream.priority == .metric }?.sequence == expiry.frames + 1)
            #expect(archive.spans == before)
            let through = archive.stored(Centre.stream(.metric))?.ledger.through
            #expect(through == UInt64(Centre.frames), "what is acknowledged")
            var decoder = FrameDecoder()
            try decoder.decode(first)
            let admission = try archive.admit(decoder, first)
            #expect(admission == .duplicate, "a frame that has expired is a duplicate, not a new one")
            #expect(try archive.expire(ArchiveRetention(size: 1), at: Self.now).isTooLarge)
        }
    }

    @Test("wherever the power is cut meanwhile, ledgers are as before, of the store and of one made anew")
    func everyOperation() throws {
        let disk = try written()
        try Centre.withStores { make in
            let reference = try Centre.open(FaultyFileSystem(disk: disk), make())
            let ledgers = reference.spans
            let retention = ArchiveRetention(size: Self.size(of: reference, without: 1))
            var operation = 0
            var isDone = false
            while !isDone {
                let files = FaultyFileSystem(disk: disk, seed: UInt64(operation))
                let store = try make()
                var archive = try Centre.open(files, store)
                files.plan(.crash, afterMore: operation)
                do throws(CollectorError) { _ = try archive.expire(retention, at: Self.now) } catch {}
                isDone = !files.isCrashed
                if isDone { try archive.commit(to: store) }
                _ = consume archive
                for survival in [.nothing, .everything, .seeded(UInt64(operation))] as [SimulatedDisk.Survival] {
                    for isAnew in survival == .nothing ? [true, false] : [true] {
                        let note = Comment("operation \(operation), \(survival), anew \(isAnew)")
                        let left = FaultyFileSystem(disk: files.disk.afterCrash(survival), seed: 3)
                        // The store that saw it goes on with each of the disks in turn.
                        let next = isAnew ? try make() : store
                        var archive = try Centre.open(left, next)
                        #expect(archive.spans == ledgers, note)
                        #expect(archive.damaged.isEmpty, note)
                        _ = try archive.expire(retention, at: Self.now)
                        try archive.commit(to: next)
                        #expect(archive.spans == ledgers, note)
                        var bytes: [UInt8] = []
                        let frames = try next.frames(of: Centre.everything)
                        for frame in frames { try archive.read(frame, into: &bytes) }
                        #expect((20..<Centre.sent.count - 5).contains(frames.count), note)
                    }
                }
                operation += 1
            }
            #expect(operation > 10)
        }
    }

    @Test("runs keep what was folded of them, also when the store is made anew, and the summary tells which they are")
    func rebuilding() throws {
        let files = FaultyFileSystem(disk: try written())
        try Centre.withStores { make in
            let store = try make()
            var archive = try Centre.open(files, store)
            #expect(try Rebuilding.fold([Centre.definition], &archive, store) == Centre.runs)
            let whole = try Centre.summary(archive, store)
            #expect(whole.reproduction.expiredRuns == 0)
            #expect(whole.verdict == .pass, "\(whole.reason.en)")
            let expiry = try archive.expire(ArchiveRetention(size: Self.size(of: archive)), at: Self.now)
            try archive.commit(to: store)
            #expect(try Rebuilding.fold([Centre.definition], &archive, store) == 0)
            let after = try Centre.summary(archive, store)
            let expired = (Int(expiry.frames) + 6) / 7
            #expect(after.reproduction.expiredRuns == expired)
            var same = after
            same.reproduction.expiredRuns = 0
            // The note on what expired stands in the archive too.
            same.reproduction.extent = whole.reproduction.extent
            #expect(same == whole, "to the digest of the archive")
            #expect(try Summary(json: after.json) == after)
            try archive.close()

            archive = try Centre.open(files, store, anew: true)
            #expect(try Rebuilding.fold([Centre.definition], &archive, store) == Centre.runs - expired)
            #expect(try Centre.summary(archive, store) == after)
            try archive.close()

            // With the store, what was folded of runs that expired is gone: they may not pass for evaluated.
            let empty = try make()
            archive = try Centre.open(files, empty)
            #expect(try Rebuilding.fold([Centre.definition], &archive, empty) == Centre.runs - expired)
            let poor = try Centre.summary(archive, empty)
            #expect(poor.verdict != .pass)
            #expect(poor.completeness.verdict == .incomplete)
            #expect(poor.completeness.checks.first { $0.id == .expired }?.value == Double(expired))
            #expect(poor.ledger.suffix(Centre.runs - expired) == whole.ledger.suffix(Centre.runs - expired))
            #expect(poor.reproduction.archive == whole.reproduction.archive)
        }
    }

    @Test("a store of version 3 is filled anew from the archive and keeps what that cannot give again")
    func version3() throws {
        let files = FaultyFileSystem(disk: try written())
        try Centre.withStores { make in
            var path = ""
            var summary: Summary?
            do {
                let store = try make()
                path = store.path
                var archive = try Centre.open(files, store)
                _ = try Rebuilding.fold([Centre.definition], &archive, store)
                try archive.take([Centre.sent[1]])
                _ = try archive.expire(ArchiveRetention(size: Self.size(of: archive)), at: Self.now)
                try archive.commit(to: store)
                summary = try Centre.summary(archive, store)
                try archive.close()
            }
            try Version3Store.rewrite(path)
            let store = try SQLiteStore(path: path)
            var archive = try Centre.open(files, store)
            let before = try #require(summary)
            #expect(before.completeness.duplicates == 1 && before.reproduction.expiredRuns > 0)
            #expect(
                try Rebuilding.fold([Centre.definition], &archive, store) == Centre.runs
                    - before.reproduction.expiredRuns)
            #expect(try Centre.summary(archive, store) == before)
        }
    }

    @Test("late frames take nothing away that cannot be made again")
    func lateFrames() throws {
        try Centre.withStores { make in
            let store = try make()
            var archive = try Centre.open(FaultyFileSystem(), store)
            try archive.take(Centre.sent.enumerated().filter { $0.offset != 3 }.map(\.element))
            try archive.commit(to: store)
            _ = try Rebuilding.fold([Centre.definition], &archive, store)
            let expiry = try archive.expire(ArchiveRetention(size: Self.size(of: archive)), at: Self.now)
            try archive.commit(to: store)
            let before = try Centre.summary(archive, store)
            // A hole among frames that are gone may have been anywhere among them, and nowhere behind.
            let touched = (Int(expiry.frames) + 8) / 7
            #expect(before.ledger.prefix(touched).allSatisfy { $0.completeness?.missing == 100 })
            #expect(before.ledger.dropFirst(touched).allSatisfy { $0.completeness?.missing == 0 })
            try archive.take([Centre.sent[3]])
            try archive.commit(to: store)
            #expect(try Rebuilding.fold([Centre.definition], &archive, store) == 0)
            let after = try Centre.summary(archive, store)
            let filled = before.ledger.map { entry in
                var entry = entry
                entry.completeness?.missing = 0
                entry.completeness?.missingFrames = 0
                entry.completeness?.broken.removeAll { $0 == .loss }
                return entry
            }
            #expect(after.ledger == filled, "it fills the hole, and no more")
            #expect(after.completeness.pending == 0 && before.completeness.pending == 100)
        }
    }

    /// Days after archiving: of the collector's clock, of an agent's; nil where it is not synchronised, or not heard.
    @Test(
        "age goes by two clocks that agree, so that one that jumps takes nothing",
        arguments: [
            (181, 181, true), (179, 181, false), (181, 179, false), (3650, 1, false), (1, 3650, false),
            (nil, 181, false), (181, nil, false), (-20_000, 181, false),
        ] as [(Int64?, Int64?, Bool)])
    func age(collector: Int64?, agent: Int64?, isGone: Bool) throws {
        let files = FaultyFileSystem(disk: try written())
        func time(_ days: Int64) -> Timestamp { Centre.begin.advanced(byNanoseconds: days * 86_400_000_000_000) }
        try Centre.withStores { make in
            var archive = try Centre.open(files, make())
            if let agent {
                var batch = SampleBatch()
                try batch.append(Sample(series: SeriesID(rawValue: 0), timestamp: time(agent), value: .integer(1)))
                var frame: [UInt8] = []
                var encoder = FrameEncoder()
                _ = try encoder.encode(
                    batch, FrameExtras(), at: StreamHead(Centre.stream(.bulk)), clock: Centre.clock(time(agent)),
                    into: &frame)
                try archive.take([frame])
            }
            let expiry = try archive.expire(
                ArchiveRetention(age: 180 * 86_400_000_000_000),
                at: Centre.clock(time(collector ?? 181), isSynchronised: collector != nil))
            #expect((expiry.segments > 0) == isGone)
        }
    }

    @Test("the time on which two clocks agree is on record in the archive, once a day and not more often")
    func agreedTime() throws {
        func time(_ hours: Int64) -> Timestamp { Centre.begin.advanced(byNanoseconds: hours * 3_600_000_000_000) }
        let retention = ArchiveRetention(age: 8 * 86_400_000_000_000)
        let files = FaultyFileSystem()
        try Centre.withStores { make in
            let store = try make()
            var archive = try Centre.open(files, store)
            _ = try archive.expire(retention, at: Centre.clock(time(1)))
            #expect(archive.ledgers.agreedTime == nil, "no agent was heard")
            var sender = Sender(site: Centre.site.text)
            sender.wall = time(100)
            try archive.take([sender.frame()])
            let steps: [(collector: Int64, isSynchronised: Bool, kept: Int64)] = [
                (3, true, 3), (26, true, 3), (50, false, 3), (27, true, 27), (20, true, 27), (200, true, 100),
            ]
            for step in steps {
                let notes = archive.log.durable(Archive<FaultyFileSystem>.eventLane).number
                let before = archive.ledgers.agreedTime
                let clock = Centre.clock(time(step.collector), isSynchronised: step.isSynchronised)
                _ = try archive.expire(retention, at: clock)
                try archive.commit(to: store)
                #expect(archive.ledgers.agreedTime == time(step.kept), "\(step)")
                #expect(try store.load().agreedTime == time(step.kept), "\(step)")
                let written = archive.log.durable(Archive<FaultyFileSystem>.eventLane).number - notes
                #expect(written == (before == time(step.kept) ? 0 : 1), "\(step)")
            }
            try archive.close()
            let other = try make()
            archive = try Centre.open(files, other)
            #expect(try other.load().agreedTime == time(100))
            #expect(archive.notes?.breaks == [] && archive.notes?.unlinked == 0)
        }
    }

    private static let run = ExpiredFrames(
        stream: Centre.stream(.metric), boot: UUIDBytes(high: 7, low: 7),
        span: FrameSpan(sequences: 3...9, firstOrdinal: 201, nextOrdinal: 901), recording: .synchronised(offset: -5),
        times: [-7...9, Int64.max - 1 ... .max], digest: FrameDigest(of: [1]))

    private static var everyNote: [ArchiveNote] {
        var bare = run
        bare.span.nextOrdinal = 201
        (bare.recording, bare.times) = (.unsynchronised, [])
        let least = BootClock.Mark(sinceBoot: .min, offset: .max, error: 0)
        let boots: [BootKey: BootClock] = [
            run.bootKey: BootClock(first: least, anchor: least, synchronised: -5...(.max)),
            BootKey(site: Centre.site, agent: Centre.agent, install: run.boot, boot: .init(high: 0, low: 0), epoch: 7):
                .unread,
        ]
        return [
            .clock(Centre.begin), .boots(boots), .expiry(.init(through: 77, runs: [run, bare])),
            .registration(Centre.site, digest: "sha256:0f"), .registration(Centre.site, digest: ""),
            .definition(Array("{}".utf8)),
        ]
    }

    @Test("notes are read back, cut short they are none, and nothing else is taken for one", arguments: everyNote)
    func notes(note: ArchiveNote) throws {
        let bytes = note.bytes
        #expect(ArchiveNote(bytes) == note)
        let readable = (0..<bytes.count).filter { ArchiveNote(Array(bytes.prefix($0))) != nil }
        // At the end of each of its parts.
        switch note {
        case .clock, .registration: #expect(readable.isEmpty)
        case .boots, .expiry: #expect(readable.count <= 2)
        // Text to the end, whose length is that of the log's record.
        case .definition: #expect(readable == Array(9..<bytes.count))
        }
        #expect(ArchiveNote(Centre.sent[1]) == nil)
    }

    @Test("a note on what expired in the first form says when, and no more of the clock")
    func firstForm() throws {
        var bytes: [UInt8] = Array("FPEXPIR1".utf8) + [0, 0, 0, 0, 0, 0, 0, 77]
        for text in [Centre.site.text, Centre.agent.text] { bytes += [UInt8(text.utf8.count)] + Array(text.utf8) }
        bytes += Self.run.stream.install.bytes + [0, 0, 0, 0, 0, 0, 0, 1, 1] + Self.run.boot.bytes
        for number in [3, 9, 201, 901] as [UInt16] {
            bytes += [0, 0, 0, 0, 0, 0, UInt8(number >> 8), UInt8(number & 255)]
        }
        let end = bytes.count
        for (flag, times) in [(1, [5...260]), (0, [])] as [(UInt8, [ClosedRange<Int64>])] {
            let dates: [UInt8] = [flag, 0, 0, 0, 0, 0, 0, 0, 5, 0, 0, 0, 0, 0, 0, 1, 4]
            var run = Self.run
            (run.recording, run.times) = (.placed, times)
            let note = bytes.prefix(end) + dates + Self.run.digest.bytes
            #expect(ArchiveNote(Array(note)) == .expiry(.init(through: 77, runs: [run])))
        }
    }
}
