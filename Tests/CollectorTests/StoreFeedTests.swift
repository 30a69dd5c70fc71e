import Delivery
import Frames
import Storage
import StorageSupport
import Telemetry
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
}
