import Foundation
import GRDB

/// A store in one SQLite file, through GRDB.
///
/// Write-ahead logging lets reports read while the collector writes. `synchronous` is `NORMAL`: a power cut may take the last commits,
/// which the collector then reads from the archive again; it never damages the file (SQLite, "PRAGMA synchronous").
package struct SQLiteStore: Store {
    let database: any DatabaseWriter
    package let path: String
    /// Whether nobody else can reach it; see `makeDraft()`.
    private let isDraft: Bool

    /// A draft in `database`.
    init(draft database: DatabaseQueue, path: String) {
        self.database = database
        self.path = path
        isDraft = true
    }

    /// - Parameters:
    ///   - path: the file; its directory must be there.
    ///   - mustExist: refuses a file that is missing instead of making it, for those who only ask.
    /// - Throws: `StoreError` when the file cannot be used, is another program's, or comes from another version. A store of version 3 is taken
    ///   over, by `clear(keepingAggregates:)`; those who only ask have to wait for that.
    package init(path: String, mustExist: Bool = false) throws(StoreError) {
        self.path = path
        isDraft = false
        guard !mustExist || FileManager.default.fileExists(atPath: path) else {
            throw StoreError(.unusable, path, "there is no store yet; start the collector, or run 'fieldproof rebuild'")
        }
        let file = SQLiteFile(path: path)
        if try file.owner() == .version3, mustExist {
            throw StoreError(
                .unusable, path,
                "has version 3, this program knows \(SQLiteSchema.version); start the collector or run 'fieldproof rebuild', "
                    + "which take it over")
        }
        var configuration = GRDB.Configuration()
        configuration.busyMode = .timeout(10)
        configuration.prepareDatabase { database in
            try database.execute(sql: "PRAGMA synchronous = NORMAL")
        }
        database = try Self.wrap(path) {
            let pool = try DatabasePool(path: path, configuration: configuration)
            try SQLiteSchema.prepare(pool, file)
            return pool
        }
    }

    /// Runs one piece of database work and turns what goes wrong into words for a person.
    static func wrap<Result>(_ path: String, _ body: () throws -> Result) throws(StoreError) -> Result {
        do {
            return try body()
        } catch let error as StoreError {
            throw error
        } catch let error as DatabaseError {
            throw StoreError(error, path: path)
        } catch {
            throw StoreError(.failed, path, "\(error)")
        }
    }

    func read<Result>(_ body: (Database) throws -> Result) throws(StoreError) -> Result {
        // What GRDB does to keep a reader from writing makes SQLite prepare every statement anew, each time. Nobody writes beside a reader of a
        // draft: one thread at a time has its connection.
        try Self.wrap(path) { try isDraft ? database.unsafeRead(body) : database.read(body) }
    }

    func write<Result>(_ body: (Database) throws -> Result) throws(StoreError) -> Result {
        try Self.wrap(path) { try database.write(body) }
    }

    /// What a value that this program wrote itself and cannot read back means.
    func damaged(_ what: String) -> StoreError {
        StoreError(.unusable, path, "\(what) is damaged; remove the file and run 'fieldproof rebuild'")
    }
}

extension StoreError {
    init(_ error: DatabaseError, path: String) {
        let detail = error.message ?? error.resultCode.description
        switch error.resultCode {
        case .SQLITE_CANTOPEN, .SQLITE_READONLY, .SQLITE_PERM:
            self.init(
                .unusable, path,
                "cannot be opened for writing (\(detail)); does its directory exist, and may this user write there?")
        case .SQLITE_NOTADB, .SQLITE_CORRUPT:
            self.init(.unusable, path, "is not a sound store (\(detail)); move it away and run 'fieldproof rebuild'")
        case .SQLITE_BUSY, .SQLITE_LOCKED: self.init(.busy, path, "is in use by another program (\(detail)); try again")
        case .SQLITE_FULL: self.init(.full, path, "the disk is full; make room")
        default: self.init(.failed, path, detail)
        }
    }
}
