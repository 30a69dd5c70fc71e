import SegmentLog
import Storage
import StorageSupport
import Telemetry
import TestSupport
import Testing

@testable import Collector

@Suite("The definition by which a scenario began")
struct RegistrationTests {
    private static let (first, second) = ("sha256:1", "sha256:2")

    @Test("is in the archive: a store that is lost, or made anew, has it again, and the first one holds")
    func lostStore() throws {
        let files = FaultyFileSystem()
        try Centre.withStores { make in
            let store = try make()
            var archive = try Centre.open(files, store)
            try archive.take(Centre.sent.prefix(1))
            for digest in [Self.first, Self.second] { try archive.register(digest, for: Centre.site) }
            try archive.commit(to: store)
            #expect(try store.registeredDigest(of: Centre.site) == Self.first)
            try archive.close()

            let empty = try make()
            archive = try Centre.open(files, empty)
            #expect(try empty.registeredDigest(of: Centre.site) == Self.first)
            try archive.register(Self.second, for: Centre.site)
            try archive.close()
            archive = try Centre.open(files, empty, anew: true)
            #expect(try empty.registeredDigest(of: Centre.site) == Self.first)
            #expect(archive.registrations == [Centre.site: Self.first])
        }
    }

    @Test("is durable with the frames that came before it", arguments: [false, true])
    func powerCut(isSynchronized: Bool) throws {
        let files = FaultyFileSystem()
        try Centre.withStores { make in
            var archive = try Centre.open(files, make())
            try archive.register(Self.first, for: Centre.site)
            if isSynchronized { try archive.synchronize() }
            _ = consume archive
            let left = FaultyFileSystem(disk: files.disk.afterCrash(.nothing))
            let store = try make()
            archive = try Centre.open(left, store)
            #expect(try store.registeredDigest(of: Centre.site) == (isSynchronized ? Self.first : nil))
        }
    }

    @Test("is taken over from a store that an earlier version kept it in, and not from another archive's")
    func takenOver() throws {
        let files = FaultyFileSystem()
        try Centre.withStores { make in
            var path = ""
            do {
                let store = try make()
                path = store.path
                var archive = try Centre.open(files, store)
                try archive.take(Centre.sent.prefix(2))
                try archive.commit(to: store)
                var intake = archive.pending
                intake.registrations = [Centre.site: Self.first]
                try store.commit(intake)
                try archive.close()
            }
            try Version3Store.rewrite(path)
            try Centre.open(files, SQLiteStore(path: path)).close()
            let empty = try make()
            try Centre.open(files, empty).close()
            #expect(try empty.registeredDigest(of: Centre.site) == Self.first)
            let other = try Archive.open(
                "/other", files: files, store: empty, segmentSize: Centre.segmentSize, install: .init(high: 8, low: 8))
            #expect(other.registrations.isEmpty)
            #expect(try empty.registeredDigest(of: Centre.site) == nil)
        }
    }
}
