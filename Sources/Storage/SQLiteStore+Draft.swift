import Foundation
import GRDB

/// A store that is made at leisure and seen by nobody until it is whole.
extension SQLiteStore {
    /// An empty store in a file without a name: it goes with the last who holds it, however the process ends.
    ///
    /// Without a journal and without syncs, since nobody would take it up again after a crash. A write that fails leaves it useless.
    ///
    /// `path`: what the file is beside, so that it lies where there is room; named in errors.
    package init(draftBeside path: String) throws(StoreError) { try self.init(draftBeside: path, of: nil) }

    /// A draft that begins with everything this store has.
    package func makeDraft() throws(StoreError) -> SQLiteStore { try SQLiteStore(draftBeside: path, of: database) }

    private init(draftBeside path: String, of original: (any DatabaseWriter)?) throws(StoreError) {
        let place = "\(path).draft-\(UInt64.random(in: .min ... .max))"
        var configuration = GRDB.Configuration()
        configuration.prepareDatabase { database in
            // The cache counts KiB where the number is negative.
            try database.execute(
                sql: """
                    PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA locking_mode = EXCLUSIVE;
                    PRAGMA cache_size = -16384
                    """)
        }
        let queue = try Self.wrap(path) {
            let queue = try DatabaseQueue(path: place, configuration: configuration)
            // SQLite holds it open, and without a journal asks for no file by name again.
            defer { for end in ["", "-wal", "-shm"] { try? FileManager.default.removeItem(atPath: place + end) } }
            if let original {
                try original.backup(to: queue)
                // The copy says that it has a write-ahead log, as the original does.
                try queue.writeWithoutTransaction { try $0.execute(sql: "PRAGMA journal_mode = OFF") }
            }
            try SQLiteSchema.prepare(queue, SQLiteFile(path: place))
            return queue
        }
        self.init(draft: queue, path: path)
    }

    /// Takes the content of a draft in the place of its own, in one transaction: whoever reads sees the one or the other, and so does whoever opens the
    /// store after a crash.
    package func adopt(_ draft: SQLiteStore) throws(StoreError) {
        try Self.wrap(path) { try draft.database.backup(to: database) }
    }
}
