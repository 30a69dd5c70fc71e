import SegmentLog
import Storage
import StorageSupport
import Telemetry
import TestSupport
import Testing

@testable import Collector

@Suite("The chain of an archive's notes")
struct NoteChainTests {
    private static let notes: [ArchiveNote] = (0..<5).map { .registration(Centre.site, digest: "sha256:\($0)") }

    /// The records of the notes, each with the hash of the one before.
    private static var records: [[UInt8]] {
        var chain = NoteChain()
        return notes.enumerated().map { place, note in
            let record = ChainedNote.record(note, after: chain.head)
            chain.note(record, at: UInt64(place))
            return record
        }
    }

    private func breaks(_ records: [[UInt8]]) -> [UInt64] {
        var chain = NoteChain()
        for (place, record) in records.enumerated() { chain.note(record, at: UInt64(place)) }
        return chain.breaks
    }

    @Test("holds as it was written, and a note in it reads as it does without")
    func whole() {
        #expect(breaks(Self.records) == [])
        #expect(Self.records.map { ArchiveNote($0) } == Self.notes)
        #expect(ChainedNote(Self.notes[0].bytes).previous == nil)
    }

    @Test("shows a note that was changed, left out, put in or moved, and the first one gone")
    func tampered() {
        let records = Self.records
        var changed = records
        changed[2] = ChainedNote.record(
            .registration(Centre.site, digest: "sha256:x"), after: ChainedNote(records[2]).previous ?? [])
        #expect(breaks(changed) == [3])
        #expect(breaks(records.enumerated().filter { $0.offset != 2 }.map(\.element)) == [2])
        #expect(breaks(Array(records.dropFirst())) == [0])
        #expect(breaks([records[0], records[2], records[1], records[3], records[4]]) == [1, 2, 3])
        var inserted = records
        inserted.insert(Self.notes[4].bytes, at: 2)
        #expect(breaks(inserted) == [2, 3], "a note without a link stands behind one with")
    }

    @Test("begins behind what an earlier version wrote, the last of which it holds fast")
    func earlier() {
        let old = Self.notes[0].bytes
        var chain = NoteChain()
        chain.note(old, at: 1)
        let next = ChainedNote.record(Self.notes[1], after: chain.head)
        #expect(breaks([old, next]) == [])
        #expect(breaks([Self.notes[2].bytes, next]) == [1])
        chain.note(next, at: 2)
        #expect(chain.unlinked == 1)
    }

    private static let retention = ArchiveRetention(size: 6 * Int64(Centre.segmentSize))

    /// An archive that has registered and expired over several starts, one of them after a power cut.
    private func written(_ make: () throws -> SQLiteStore) throws -> FaultyFileSystem {
        var files = FaultyFileSystem()
        let store = try make()
        for start in 0..<4 {
            var archive = try Centre.open(files, store)
            let count = Centre.sent.count / 4
            try archive.take(Centre.sent[(start * count)..<((start + 1) * count)])
            try archive.register("sha256:\(start)", for: Centre.named("scenario-\(start)"))
            _ = try archive.expire(Self.retention, at: Centre.clock(Centre.begin))
            try archive.commit(to: store)
            if start == 1 {
                // What is not synchronised is gone; the chain goes on from what is there.
                try archive.register("sha256:lost", for: Centre.named("lost"))
                _ = consume archive
                files = FaultyFileSystem(disk: files.disk.afterCrash(.nothing))
            } else {
                try archive.close()
            }
        }
        return files
    }

    /// The same archive with the records of lane 0 that `change` makes of them.
    private func rewritten(_ files: FaultyFileSystem, _ change: ([[UInt8]]) -> [[UInt8]]) throws -> FaultyFileSystem {
        let other = FaultyFileSystem()
        func open(_ files: FaultyFileSystem) throws -> SegmentedLog<FaultyFileSystem> {
            try SegmentedLog(
                directory: Centre.directory,
                options: LogOptions(
                    laneCount: 2, segmentSize: Centre.segmentSize, capacity: .growing, scan: .unsealed), files: files)
        }
        var source = try open(files)
        var target = try open(other)
        for lane in [Lane(0), Lane(1)] {
            var records: [[UInt8]] = []
            var reader = source.reader(of: lane, after: Position(0))
            var bytes: [UInt8] = []
            reading: while true {
                switch try source.next(&reader, into: &bytes) {
                case .end: break reading
                case .lost: continue
                case .record: records.append(bytes)
                }
            }
            for record in lane == Lane(0) ? change(records) : records {
                try target.append(record.span.bytes, to: lane)
            }
        }
        _ = try target.synchronize()
        try target.close()
        try source.close()
        return other
    }

    private func chain(_ files: FaultyFileSystem, _ store: SQLiteStore) throws -> NoteChain {
        let archive = try Archive.open(
            Centre.directory, files: files, store: store, segmentSize: Centre.segmentSize,
            install: UUIDBytes(high: 1, low: 2), checkingChains: true)
        let notes = archive.notes
        try archive.close()
        return try #require(notes)
    }

    @Test("goes on over restarts, expiry and a power cut, and whoever rewrites the log without a note is seen")
    func archive() throws {
        try Centre.withStores { make in
            let files = try written(make)
            let whole = try chain(files, make())
            #expect(whole.breaks == [] && whole.unlinked == 0)
            let copied = try chain(try rewritten(files) { $0 }, make())
            #expect(copied.breaks == [] && copied.head == whole.head)
            func isRegistration(_ record: [UInt8]) -> Bool {
                if case .registration? = ArchiveNote(record) { true } else { false }
            }
            func isExpiry(_ record: [UInt8]) -> Bool { if case .expiry? = ArchiveNote(record) { true } else { false } }
            for isGone in [isRegistration, isExpiry] {
                let without = try rewritten(files) { records in
                    let place = records.firstIndex(where: isGone)
                    return records.enumerated().filter { $0.offset != place }.map(\.element)
                }
                #expect(try chain(without, make()).breaks.count == 1)
            }
            // In the earlier form altogether: nothing is proven, and that is told.
            let old = try rewritten(files) { $0.map { Array(ChainedNote($0).note) } }
            let unlinked = try chain(old, make())
            #expect(unlinked.breaks == [] && unlinked.unlinked >= 5)
        }
    }
}
