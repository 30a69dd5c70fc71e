import Foundation
import GRDB

/// What a file says of itself before anything is done to it.
///
/// A connection that may write changes a file by opening it: it sets the journal mode. So a file is looked at first, and one that is another
/// program's is left as it is, to the byte.
struct SQLiteFile {
    /// Whose file it is.
    enum Owner: Hashable, Sendable {
        /// Nobody's: there is no file, or an empty one.
        case nobody
        /// A store of this version.
        case current
        /// A store that version 3 made, which had no `application_id`.
        case version3
    }

    /// The numbers by which SQLite lets programs tell their files apart ("Database File Format", section 1.3).
    struct Marks: Hashable, Sendable {
        var userVersion: Int32
        var applicationID: Int32
        /// Tables, indices and triggers that are there.
        var objects: Set<String>
    }

    let path: String

    /// - Throws: `StoreError` for a file of another program or version. A file that is no database at all is left to the connection to refuse.
    func owner() throws(StoreError) -> Owner {
        guard let marks = try marks() else { return .nobody }
        return try owner(by: marks)
    }

    func owner(by marks: Marks) throws(StoreError) -> Owner {
        let (version, known) = (marks.userVersion, SQLiteSchema.version)
        if marks.applicationID == SQLiteSchema.applicationID {
            guard version <= known else {
                throw StoreError(
                    .newerVersion, path,
                    "has version \(version), and \(known) is known: a newer version of this program wrote it; install that version or a "
                        + "later one, or move the file away and run 'fieldproof rebuild', which makes it again but for what only a store "
                        + "knows (aggregates of runs whose frames have expired); nothing was changed")
            }
            guard version == known else {
                throw StoreError(
                    .unusable, path,
                    "has version \(version), and \(known) is known; move the file away and run 'fieldproof rebuild'")
            }
            return .current
        }
        if marks == Marks(userVersion: 0, applicationID: 0, objects: []) { return .nobody }
        if marks.applicationID == 0, version == 3, marks.objects.isSuperset(of: SQLiteSchema.version3Tables) {
            return .version3
        }
        throw StoreError(
            .unusable, path,
            "is a database of another program (application_id \(marks.applicationID), user_version \(version)) and was left as it "
                + "is; name a file of its own under 'store', or move this one away")
    }

    /// Nil where there is nothing, or nothing that is a database.
    private func marks() throws(StoreError) -> Marks? {
        guard let header = header() else { return nil }
        guard !header.isEmpty || hasLog else { return nil }
        // An empty schema and no number of anybody: no need to look further, and no file is made beside this one.
        if !hasLog, header.schemaCookie == 0, header.userVersion == 0, header.applicationID == 0 { return nil }
        // A log beside it can make its version only later. No reader is opened, who would make files beside it.
        if header.applicationID == SQLiteSchema.applicationID, header.userVersion > SQLiteSchema.version {
            return Marks(userVersion: header.userVersion, applicationID: header.applicationID, objects: ["?"])
        }
        // Without a log the header is the truth; a reader of a database in that mode would leave an empty one behind.
        if !hasLog, header.isForeign {
            return Marks(userVersion: header.userVersion, applicationID: header.applicationID, objects: ["?"])
        }
        return try SQLiteStore.wrap(path) {
            var configuration = GRDB.Configuration()
            configuration.readonly = true
            configuration.busyMode = .timeout(10)
            return try DatabaseQueue(path: path, configuration: configuration).read(Self.marks)
        }
    }

    static func marks(_ database: Database) throws -> Marks {
        Marks(
            userVersion: try Int32.fetchOne(database, sql: "PRAGMA user_version") ?? 0,
            applicationID: try Int32.fetchOne(database, sql: "PRAGMA application_id") ?? 0,
            objects: try Set(String.fetchAll(database, sql: "SELECT name FROM sqlite_schema")))
    }

    /// Whether something is committed that is not in the file itself yet.
    private var hasLog: Bool {
        let attributes = try? FileManager.default.attributesOfItem(atPath: path + "-wal")
        return (attributes?[.size] as? Int ?? 0) > 0
    }

    /// The first 100 bytes; nil where there is no file, or where it does not begin as a database does.
    private func header() -> Header? {
        guard let file = FileHandle(forReadingAtPath: path) else { return nil }
        defer { try? file.close() }
        let bytes = (try? file.read(upToCount: 100)).map { [UInt8]($0) } ?? []
        return bytes.isEmpty ? Header() : Header(bytes)
    }

    /// Offsets as in "Database File Format", section 1.3; big-endian.
    private struct Header {
        var isEmpty = true
        var schemaCookie: UInt32 = 0
        var userVersion: Int32 = 0
        var applicationID: Int32 = 0

        init() {}

        init?(_ bytes: [UInt8]) {
            guard bytes.count == 100, bytes.starts(with: Array("SQLite format 3\0".utf8)) else { return nil }
            func number(at offset: Int) -> UInt32 { bytes[offset..<offset + 4].reduce(0) { $0 << 8 | UInt32($1) } }
            isEmpty = false
            schemaCookie = number(at: 40)
            userVersion = Int32(bitPattern: number(at: 60))
            applicationID = Int32(bitPattern: number(at: 68))
        }

        /// Whether the numbers alone show that it is no store.
        var isForeign: Bool {
            applicationID != SQLiteSchema.applicationID && !(applicationID == 0 && userVersion == 3)
        }
    }
}
