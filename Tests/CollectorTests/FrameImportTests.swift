import Aggregation
import Delivery
import Frames
import JSON
import SegmentLog
import Storage
import StorageSupport
import Telemetry
import TestSupport
import Testing

@testable import Collector

@Suite("From files into the archive")
struct FrameImportTests {
    private let files = FaultyFileSystem(seed: 1)

    /// Imports frames as one command does, and tells what became of them and how many runs were folded.
    private func load(_ frames: some Sequence<[UInt8]>, _ store: SQLiteStore) throws -> (ImportTally, runs: Int) {
        let archive = try Centre.open(files, store)
        var importing = try FrameImport(
            archive, store: store, library: [try Centre.definition], clock: { Centre.clock(Centre.begin) })
        var tally = ImportTally()
        for frame in frames { try importing.take(frame, into: &tally) }
        let runs = try importing.finish()
        files.endProcess()
        return (tally, runs)
    }

    private func summary(_ store: SQLiteStore) throws -> String {
        let archive = try Centre.open(files, store)
        let summary = try Centre.summary(archive, store)
        try archive.close()
        files.endProcess()
        return String(decoding: summary.json.compact(), as: UTF8.self)
    }

    @Test("everything is taken and every run folded, once; a second time changes nothing but the count of duplicates")
    func twice() throws {
        try Centre.withStores { make in
            let store = try make()
            let (first, runs) = try load(Centre.sent, store)
            #expect(first.frames == Centre.frames + 1 && first.taken == first.frames && first.isWhole)
            #expect(first.samples == UInt64(Centre.frames * 100 + Centre.runs * 2), "markers count too")
            #expect(runs == Centre.runs)
            let before = try summary(store)
            #expect(before.contains("\"duplicates\":0"))
            let (second, again) = try load(Centre.sent, store)
            #expect(second.duplicates == second.frames && second.taken == 0 && second.samples == 0 && second.isWhole)
            #expect(again == 0)
            #expect(
                try summary(store)
                    == before.replacing("\"duplicates\":0", with: "\"duplicates\":\(Centre.frames + 1)"))
        }
    }

    @Test("in parts, in any order, the summary is that of all at once")
    func parts() throws {
        try Centre.withStores { make in
            let store = try make()
            let whole = try load(Centre.sent, store)
            #expect(whole.runs == Centre.runs)
            let expected = try summary(store)
            let other = FrameImportTests()
            let fresh = try make()
            // Data before the dictionary and the markers, and the middle last: runs are folded again where more came.
            #expect(try other.load(Centre.sent[40...].reversed(), fresh).runs == 0)
            #expect(try other.load(Centre.sent[..<20], fresh).runs == Centre.runs)
            let (last, runs) = try other.load(Centre.sent[15..<45], fresh)
            #expect(last.duplicates == 10 && last.taken == 20)
            #expect((3...5).contains(runs), "only those that the last part touches: \(runs)")
            let duplicates = "\"duplicates\":10"
            let extent = /"extent":\{[^}]*\},?/
            #expect(
                try other.summary(fresh).replacing(duplicates, with: "\"duplicates\":0").replacing(extent, with: "")
                    == expected.replacing(extent, with: ""))
        }
    }

    @Test("what is no frame, of the collector, or contradicts its stream is refused with its reason, the rest is taken")
    func refusals() throws {
        try Centre.withStores { make in
            let store = try make()
            var operator_ = Sender(agent: "collector")
            var sender = Sender()
            let good = try sender.frame()
            var damaged = try sender.frame()
            damaged[damaged.count / 2] ^= 1
            var liar = Sender()
            liar.pretend(samples: 2)
            let lie = try liar.frame()
            let (tally, _) = try load([good, damaged, try operator_.frame(), lie, damaged], store)
            #expect(tally.frames == 5 && tally.taken == 1 && tally.refused == 4 && !tally.isWhole)
            #expect(tally.refusals.map(\.first) == [2, 3, 4])
            #expect(tally.refusals.map(\.count) == [2, 1, 1])
            #expect(tally.refusals[1].reason.contains("'collector'"))
            #expect(tally.refusals[2].reason.contains("two boxes have the same spool"))
        }
    }

    @Test("a hostile file cannot fill the memory with reasons")
    func reasons() throws {
        try Centre.withStores { make in
            var sender = Sender()
            let frames = try (0..<100).map { number in
                var frame = try sender.frame()
                frame[frame.count - 1 - number % 4] ^= UInt8(number + 1)
                return frame
            }
            let (tally, _) = try load(frames, try make())
            #expect(tally.refused == 100)
            #expect(tally.refusals.count <= 32)
        }
    }

    @Test("a box that was installed anew is told of; two whose lives overlap are two boxes, and the second is refused")
    func installs() throws {
        func frame(install: UInt64, at second: Int64, _ number: Int) throws -> [UInt8] {
            var sender = Sender(install: install, boot: install, .metric)
            sender.wall = Timestamp(seconds: second)
            for _ in 1..<number { _ = try sender.frame() }
            return try sender.frame()
        }
        try Centre.withStores { make in
            let one = [try frame(install: 1, at: 100, 1), try frame(install: 1, at: 200, 2)]
            let (tally, _) = try load(one + [try frame(install: 2, at: 300, 1)], try make())
            #expect(tally.taken == 3 && tally.replaced == ["here/box"])
        }
        try Centre.withStores { make in
            let other = FrameImportTests()
            let (tally, _) = try other.load(
                [
                    try frame(install: 1, at: 100, 1), try frame(install: 1, at: 200, 2),
                    try frame(install: 2, at: 150, 1), try frame(install: 1, at: 300, 3),
                ],
                try make())
            #expect(tally.taken == 3 && tally.refused == 1)
            #expect(tally.refusals[0].reason.contains("two boxes have this agent id"))
        }
    }

    @Test("an archive that a collector has open is left alone")
    func locked() throws {
        try Centre.withStores { make in
            let store = try make()
            let archive = try Centre.open(files, store)
            #expect {
                _ = try Centre.open(files, store)
            } throws: { error in
                (error as? CollectorError)?.message.contains("has this archive open; stop it first") == true
            }
            try archive.close()
        }
    }
}
