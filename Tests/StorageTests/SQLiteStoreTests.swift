import Foundation
import Frames
import GRDB
import Scenarios
import StorageSupport
import Telemetry
import Testing

@testable import Storage

@Suite("The SQLite store")
struct SQLiteStoreTests {
    private let place: SQLitePlace

    init() throws { place = try SQLitePlace() }

    private func store() throws -> SQLiteStore { try SQLiteStore(path: place.path) }

    /// Another program's connection.
    private func connection() throws -> DatabaseQueue { try DatabaseQueue(path: place.path) }

    private func refusal(_ body: () throws -> Void) throws -> StoreError {
        try #require(#expect(throws: StoreError.self) { try body() })
    }

    @Test("a new file gets the tables, their version, and a log that lets others read")
    func creation() throws {
        _ = try store()
        try connection().read { database in
            #expect(try Int32.fetchOne(database, sql: "PRAGMA user_version") == SQLiteSchema.version)
            #expect(try Int32.fetchOne(database, sql: "PRAGMA application_id") == SQLiteSchema.applicationID)
            #expect(try String.fetchOne(database, sql: "PRAGMA journal_mode") == "wal")
            let tables = try String.fetchAll(
                database, sql: "SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name")
            #expect(
                Set(tables).isSuperset(of: [
                    "agent", "aggregate", "agreed", "alert", "boot", "checkpoint", "event", "expired", "frame", "loss",
                    "registration", "series", "stream",
                ]))
        }
    }

    @Test("opening a store again changes nothing in it")
    func reopening() throws {
        try store().commit(.made([.made(1, times: 0...1)]))
        func contents() throws -> [String] {
            try connection().read { database in
                try String.fetchAll(database, sql: "SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY name")
            }
        }
        let before = try contents()
        let ledgers = try store().load().streams
        _ = try store()
        #expect(try contents() == before)
        #expect(try store().load().streams == ledgers)
    }

    @Test(
        "a store of this version from before there was a table gets it, and keeps everything",
        arguments: ["alert", "agreed", "agent", "loss"])
    func withoutTable(table: String) throws {
        try store().commit(.made([.made(1, times: 0...1)]))
        let ledgers = try store().load().streams
        try connection().write { try $0.execute(sql: "DROP TABLE \(table)") }
        let store = try store()
        #expect(try store.load().streams == ledgers)
        #expect(try store.alerts().isEmpty)
        try store.save([StoredAlert(.named("s"), cause: "c", state: "1")])
        #expect(try self.store().alerts().count == 1)
        #expect(try store.load().agreedTime == nil)
        #expect(try store.agents().isEmpty && store.losses().isEmpty)
    }

    @Test("a store of another version is refused with a remedy, and left as it is", arguments: [1, 1000])
    func otherVersion(ahead: Int32) throws {
        try store().commit(.made([.made(1, times: 0...1)]))
        let version = SQLiteSchema.version + ahead
        try connection().write { try $0.execute(sql: "PRAGMA user_version = \(version)") }
        let error = try refusal { _ = try store() }
        #expect(error.code == .newerVersion)
        #expect(
            error.description == "\(place.path): has version \(version), and \(SQLiteSchema.version) is known: a newer "
                + "version of this program wrote it; install that version or a later one, or move the file away and run 'fieldproof rebuild', "
                + "which makes it again but for what only a store knows (aggregates of runs whose frames have expired); nothing "
                + "was changed")
        let (found, frames) = try connection().read { database in
            (
                try Int32.fetchOne(database, sql: "PRAGMA user_version"),
                try Int.fetchOne(database, sql: "SELECT count(*) FROM frame")
            )
        }
        #expect(found == version && frames == 1)
    }

    @Test("a file that is no database is refused and not touched")
    func noDatabase() throws {
        let bytes = Data("this is a letter, and no database, and it is longer than a header".utf8)
        try bytes.write(to: URL(filePath: place.path))
        let error = try refusal { _ = try store() }
        #expect(error.code == .unusable)
        #expect(error.message.hasSuffix("move it away and run 'fieldproof rebuild'"))
        #expect(FileManager.default.contents(atPath: place.path) == bytes)
    }

    @Test("a file that cannot be there is refused with what to look at")
    func noDirectory() throws {
        let error = try refusal { _ = try SQLiteStore(path: place.directory + "/none/store.db") }
        #expect(error.code == .unusable)
        #expect(error.message.hasSuffix("does its directory exist, and may this user write there?"))
        #expect(try refusal { _ = try SQLiteStore(path: place.directory) }.code == .unusable)
    }

    @Test("who only asks makes no file")
    func mustExist() throws {
        let error = try refusal { _ = try SQLiteStore(path: place.path, mustExist: true) }
        #expect(error.code == .unusable)
        #expect(error.message == "there is no store yet; start the collector, or run 'fieldproof rebuild'")
        #expect(!FileManager.default.fileExists(atPath: place.path))
    }

    @Test("a commit that fails half way leaves nothing of itself")
    func allOrNothing() throws {
        let store = try store()
        try store.commit(.made([.made(1, times: 0...1)]))
        let before = try store.load()
        try connection().write { database in
            try database.execute(
                sql: """
                    CREATE TRIGGER refuse BEFORE INSERT ON checkpoint BEGIN SELECT RAISE(ABORT, 'no more'); END
                    """)
        }
        let event = StoredEvent(
            site: .named("here"), source: .named("box"), event: Event("e", at: Timestamp(seconds: 0)), clock: .made())
        let intake = StoredIntake.made([.made(2, times: 5...9)], events: [event], over: before)
        let error = try refusal { try store.commit(intake) }
        #expect(error.code == .failed)
        #expect(error.message.contains("no more"))
        let after = try store.load()
        #expect(after.streams == before.streams && after.boots == before.boots)
        #expect(after.archivePosition == before.archivePosition)
        #expect(try store.events(named: ["e"]).isEmpty)
        #expect(try store.digest(of: 2, in: .made()) == nil)
    }

    @Test("frames of a stretch of time are found by a range of an index that has two ends, however long one of them is")
    func queryPlan() throws {
        let store = try store()
        let frames = (1...20).map { ArchivedFrame.made(UInt64($0), times: Int64($0)...Int64($0)) }
        try store.commit(.made(frames + [.made(21, times: 0...1 << 33)]))
        #expect(try store.frames(of: .made(.seconds(5..<7))).map(\.sequence) == [5, 6, 21])
        let plan = try connection().read { database in
            try Row.fetchAll(
                database, sql: "EXPLAIN QUERY PLAN " + SQLiteStore.framesOfLength, arguments: [1, 1, 1, 1, 1]
            ).map { $0["detail"] as String }
        }
        #expect(
            plan.first?.contains("frame_time (boot=? AND length=? AND last_time>? AND last_time<?)") == true, "\(plan)")
    }

    @Test("a draft begins as the store is, is seen by nobody, leaves no file, and takes the store's place in one step")
    func draft() throws {
        let store = try store()
        try store.commit(.made([.made(1, times: 0...1)]))
        let files = try FileManager.default.contentsOfDirectory(atPath: place.directory).sorted()
        let draft = try store.makeDraft()
        #expect(try FileManager.default.contentsOfDirectory(atPath: place.directory).sorted() == files)
        #expect(try draft.load().streams == store.load().streams)
        try draft.clear(keepingAggregates: false)
        try draft.commit(.made((1...3000).map { .made($0, times: 0...1) }))
        #expect(try store.frames(of: .everything).count == 1)
        let reader = try connection()
        try reader.read { database in
            #expect(try Int.fetchOne(database, sql: "SELECT count(*) FROM frame") == 1)
            try store.adopt(draft)
            #expect(try Int.fetchOne(database, sql: "SELECT count(*) FROM frame") == 1, "as when it began to read")
        }
        #expect(try store.frames(of: .everything).count == 3000)
        let mode = try connection().read { try String.fetchOne($0, sql: "PRAGMA journal_mode") }
        #expect(mode == "wal")
        #expect(try self.store().load().streams == draft.load().streams)
        #expect(
            try FileManager.default.contentsOfDirectory(atPath: place.directory).allSatisfy { $0.hasPrefix("store.db") }
        )
    }

    @Test("a draft that is given up leaves the store as it was")
    func forgottenDraft() throws {
        let store = try store()
        try store.commit(.made([.made(1, times: 0...1)]))
        do {
            let draft = try store.makeDraft()
            try draft.clear(keepingAggregates: false)
            try draft.commit(.made([.made(7, times: 0...1)]))
        }
        #expect(try store.frames(of: .everything).map(\.sequence) == [1])
        #expect(
            try FileManager.default.contentsOfDirectory(atPath: place.directory).allSatisfy { !$0.contains("draft") })
    }

    @Test("a reader sees what was there when it asked, beside a writer that is not done")
    func readersDoNotWait() throws {
        let store = try store()
        try store.commit(.made([.made(1, times: 0...1)]))
        let writer = try connection()
        try writer.writeWithoutTransaction { database in
            try database.execute(sql: "BEGIN IMMEDIATE; DELETE FROM frame; DELETE FROM stream")
            let reader = try SQLiteStore(path: place.path, mustExist: true)
            #expect(try reader.load().streams.count == 1)
            #expect(try reader.digest(of: 1, in: .made()) != nil)
            try database.execute(sql: "ROLLBACK")
        }
    }

    @Test(
        "a value that was damaged in the file is an error with a remedy, and no crash",
        arguments: [
            "UPDATE checkpoint SET archive = 'x'", "UPDATE stream SET site = 'Not A Site'",
            "UPDATE stream SET install = 'x'", "UPDATE stream SET class = 9", "UPDATE stream SET archived = '5-1:1-2'",
            "UPDATE stream SET archived = '1-2:1-9,2-3:9-9'", "UPDATE stream SET uncounted = 'a-b'",
            "UPDATE stream SET declared_frames = '1'",
            "UPDATE stream SET declared_samples = '1-2-3'", "UPDATE series SET definition = '{'",
            "UPDATE series SET definition = '{\"name\":\"a\",\"unit\":\"m\",\"kind\":9}'",
            "UPDATE event SET attributes = '[['", "UPDATE event SET attributes = '[[\"k\",[\"d\",\"xyz\"]]]'",
            "UPDATE event SET site = ''", "UPDATE frame SET digest = x'00'", "UPDATE boot SET install = 'x'",
            "UPDATE boot SET agent = 'Not An Agent'", "UPDATE boot SET boot = 'x'",
        ])
    func damaged(sql: String) throws {
        let store = try store()
        let definition = SeriesDefinition(id: SeriesID(rawValue: 0), series: Series("a"))
        let event = StoredEvent(
            site: .named("here"), source: .named("box"), event: Event("run.start", at: Timestamp(seconds: 0)),
            clock: .made())
        try store.commit(.made([.made(1, times: 0...1)], definitions: [(.made(), definition)], events: [event]))
        try connection().write { try $0.execute(sql: sql) }
        let error = try refusal {
            _ = try store.load()
            _ = try store.series(of: .made())
            _ = try store.events(named: ["run.start"])
            _ = try store.frames(of: .everything)
        }
        #expect(error.code == .unusable)
        #expect(error.message.hasSuffix("is damaged; remove the file and run 'fieldproof rebuild'"))
    }

    @Test(
        "what SQLite reports has a code and says what to do",
        arguments: [
            (ResultCode.SQLITE_BUSY, StoreError.Code.busy, "try again"), (.SQLITE_LOCKED, .busy, "try again"),
            (.SQLITE_FULL, .full, "make room"), (.SQLITE_CANTOPEN, .unusable, "does its directory exist"),
            (.SQLITE_READONLY, .unusable, "may this user write there?"), (.SQLITE_PERM, .unusable, "may this user"),
            (.SQLITE_CORRUPT, .unusable, "run 'fieldproof rebuild'"),
            (.SQLITE_NOTADB, .unusable, "run 'fieldproof rebuild'"), (.SQLITE_IOERR, .failed, "planned"),
        ])
    func codes(result: ResultCode, code: StoreError.Code, advice: String) {
        let error = StoreError(DatabaseError(resultCode: result, message: "planned"), path: "/store.db")
        #expect(error.code == code)
        #expect(error.message.contains(advice))
        #expect(error.description.hasPrefix("/store.db: "))
    }
}
