import Aggregation
import Configuration
import Foundation
import Frames
import Scenarios
import SegmentLog
import Storage
import Telemetry
import Testing

@testable import Collector

@Suite("Making a store anew, and verifying, from an archive on a disk")
struct RebuildingTests {
    private let folder: URL
    private let settings: CollectorSettings

    init() throws {
        folder = FileManager.default.temporaryDirectory.appending(path: "rebuilding-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let text = """
            mqtt: {url: "mqtt://127.0.0.1:1883"}
            archive: {path: \(folder.path)/archive}
            store: "sqlite:\(folder.path)/store.db"
            scenarios: \(folder.path)
            """
        settings = try ConfigurationFile(name: "collector.yaml", text: text).decode(CollectorSettings.self)
    }

    /// Runs `body`, and takes away what it left.
    private func cleanly(_ body: () throws -> Void) throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        try body()
    }

    private func store() throws -> SQLiteStore { try SQLiteStore(path: settings.store) }

    /// A collector takes frames in, and folds.
    private func collect(_ frames: some Sequence<[UInt8]>) throws {
        let store = try store()
        var archive = try Archive.open(settings.archive, files: POSIXFileSystem(), store: store)
        try archive.take(frames)
        try archive.commit(to: store)
        _ = try Rebuilding.fold([Centre.definition], &archive, store)
        try archive.close()
    }

    private var library: ScenarioLibrary { get throws { ScenarioLibrary([try Centre.definition.definition]) } }

    private func summary() throws -> Summary { try StoredEvidence(settings).summary(of: Centre.definition, .init()) }

    private func verify(
        _ summary: Summary, progress: (Rebuilding.Progress) -> Void = { _ in }
    ) throws -> Verification.Outcome {
        let scratch = folder.appending(path: "scratch-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: scratch, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: scratch) }
        return try Verification(Centre.definition, archive: settings.archive, scratch: scratch.path)
            .verify(summary, progress: progress)
    }

    @Test("while a rebuild goes on the store is what it was, and afterwards it says the same")
    func beside() throws {
        try cleanly {
            try collect(Centre.sent)
            let before = try summary()
            var looks = 0
            let result = try Rebuilding(settings, library).run { _ in
                looks += 1
                #expect((try? summary()) == before)
            }
            #expect(looks > 1)
            #expect(result == .init(frames: Centre.frames + 1, streams: 2, runs: Centre.runs))
            #expect(try summary() == before)
            #expect(
                try FileManager.default.contentsOfDirectory(atPath: folder.path).allSatisfy { !$0.contains("draft") })
        }
    }

    @Test("a rebuild that fails leaves the store as it was")
    func failing() throws {
        try cleanly {
            try collect(Centre.sent)
            let before = try summary()
            let held = try Archive.open(settings.archive, files: POSIXFileSystem(), store: store())
            #expect(throws: CollectorError.self) { try Rebuilding(settings, library).run { _ in } }
            try held.close()
            #expect(try summary() == before)
        }
    }

    @Test("the archive is held before the store is copied, so that nothing saved meanwhile is lost")
    func heldFirst() throws {
        try cleanly {
            try collect(Centre.sent)
            // A name so long that no draft can lie beside it: the copy fails.
            let long = folder.appending(path: String(repeating: "s", count: 245))
            try FileManager.default.copyItem(atPath: settings.store, toPath: long.path)
            var settings = settings
            settings.store = long.path
            #expect(throws: StoreError.self) { try Rebuilding(settings, library).run { _ in } }
            let held = try Archive.hold(settings.archive, files: POSIXFileSystem())
            #expect(throws: CollectorError.self) { try Rebuilding(settings, library).run { _ in } }
            _ = consume held
        }
    }

    @Test("what may be kept no longer is not taken over from the store, under whichever definition it was folded")
    func retired() throws {
        try cleanly {
            let definition = try Centre.definition(with: "governance: {retention: 2d}")
            func kept(_ entry: ScenarioLibrary.Entry) throws -> Int {
                try store().aggregates(scenario: entry.definition.id, digest: entry.digest).count
            }
            let day: Int64 = 86_400_000_000_000
            func time(_ days: Int64) -> Timestamp { Centre.begin.advanced(byNanoseconds: days * day) }
            do {
                let store = try store()
                var archive = try Archive.open(settings.archive, files: POSIXFileSystem(), store: store)
                try archive.take(Centre.sent)
                try archive.commit(to: store)
                _ = try Rebuilding.fold([Centre.definition, definition], &archive, store)
                // The first call ends the segment, and the second lets it go.
                var sender = Sender(site: "elsewhere")
                for (days, segments) in [(1, 0), (3, 1)] as [(Int64, Int)] {
                    let expiry = try archive.expire(ArchiveRetention(age: day), at: Centre.clock(time(days)))
                    #expect(expiry.segments == segments)
                    sender.wall = time(3)
                    try archive.take([sender.frame()], at: time(days))
                }
                try archive.commit(to: store)
                try archive.close()
            }
            for entry in [try Centre.definition, definition] { #expect(try kept(entry) == Centre.runs) }
            _ = try Rebuilding(settings, ScenarioLibrary([definition.definition])).run { _ in }
            for entry in [try Centre.definition, definition] { #expect(try kept(entry) == 0) }
            #expect(try StoredEvidence(settings).summary(of: definition, .init()).governance.retiredRuns == Centre.runs)
        }
    }

    @Test("an archive that has grown is read once, up to where it was, and on", arguments: [30, 50, 70])
    func grown(count: Int) throws {
        try cleanly {
            try collect(Centre.sent.prefix(count + 1))
            let then = try summary()
            try collect(Centre.sent.dropFirst(count + 1))
            let now = try summary()
            var greatest = 0
            let outcome = try verify(then) { progress in
                if case .reading(let frames, _) = progress { greatest = max(greatest, frames) }
            }
            #expect(outcome.differences.isEmpty && outcome.holds)
            #expect(outcome.frames == Centre.frames + 1 && greatest == Centre.frames + 1, "each once")
            #expect(outcome.today == (count < Centre.frames ? now : nil))
            #expect(try verify(now).today == nil)
            #expect(try verify(now).holds)
        }
    }

    @Test("a summary that says something else is told apart also in an archive that has grown")
    func tampered() throws {
        try cleanly {
            try collect(Centre.sent.prefix(40))
            var then = try summary()
            try collect(Centre.sent.dropFirst(40))
            then.completeness.delivered += 1
            let outcome = try verify(then)
            #expect(!outcome.holds)
            #expect(outcome.differences.map(\.path) == ["completeness.delivered"])
            #expect(outcome.today != nil)
        }
    }
}
