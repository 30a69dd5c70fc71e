import Delivery
import Frames
import Storage
import StorageSupport
import Telemetry
import TestSupport
import Testing

@testable import Collector

@Suite("What is read goes to the store beside the reading")
struct StoreFeedTests {
    private func intake(_ position: UInt64) -> StoredIntake {
        var intake = StoredIntake(of: UUIDBytes(high: 1, low: 2))
        intake.archivePosition = position
        return intake
    }

    @Test("everything that was given is in the store when the feed has finished, the last of it last")
    func order() throws {
        let store = ModelStore()
        var feed = StoreFeed(store)
        for position in 1...50 { try feed.give(intake(UInt64(position))) }
        try feed.finish()
        #expect(try store.load().archivePosition == 50)
        try feed.give(intake(51))
        // Also what has not been waited for.
        feed.close()
        #expect(try store.load().archivePosition == 51)
    }

    @Test("a store that fails is told of at the next chance, and again")
    func failing() throws {
        let store = ModelStore()
        var feed = StoreFeed(store)
        store.setFailing(StoreError(.full, "store.db", "the disk is full; make room"))
        #expect(throws: StoreError.self) {
            for position in 1...3 { try feed.give(intake(UInt64(position))) }
            try feed.finish()
        }
        store.setFailing(nil)
        #expect(throws: StoreError.self) { try feed.finish() }
        feed.close()
    }

    @Test("after a stretch that failed none is taken in, though the store would take it")
    func nothingBehind() throws {
        let store = ModelStore()
        var feed = StoreFeed(store)
        store.setFailing(StoreError(.busy, "store.db", "in use"), commits: 1)
        // The second is on its way before anybody has asked what became of the first, or is refused.
        #expect(throws: StoreError.self) {
            try feed.give(intake(1000))
            try feed.give(intake(2000))
            try feed.finish()
        }
        #expect(throws: StoreError.self) { try feed.give(intake(3000)) }
        feed.close()
        #expect(try store.load().archivePosition == 0)
    }

    @Test("an archive that one commit failed to follow is read again from there at the next start", arguments: 1...4)
    func readAgain(failing: Int) throws {
        let files = FaultyFileSystem()
        try Centre.withStores { make in
            var archive = try Centre.open(files, make())
            // More than three stretches of a thousand frames.
            try archive.take(Centre.sent)
            var sender = Sender(site: Centre.site.text)
            let count = 3100
            try archive.take((0..<count).map { _ in try sender.frame() })
            let whole = archive.spans
            try archive.close()
            let store = ModelStore()
            store.setFailing(StoreError(.busy, "store.db", "in use"), commits: 1, after: failing - 1)
            func open() throws -> Archive<FaultyFileSystem> {
                try Archive.open(Centre.directory, files: files, store: store, segmentSize: Centre.segmentSize)
            }
            #expect(throws: StoreError.self) { _ = try open() }
            files.endProcess()
            archive = try open()
            #expect(archive.spans == whole)
            #expect(try store.frames(of: Centre.everything).count == Centre.sent.count + count)
        }
    }
}
