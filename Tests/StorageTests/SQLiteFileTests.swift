import Aggregation
import Foundation
import Frames
import GRDB
import Scenarios
import StorageSupport
import Telemetry
import Testing

@testable import Storage

@Suite("A file that is given as a store")
struct SQLiteFileTests {
    private let place: SQLitePlace

    init() throws { place = try SQLitePlace() }

    /// Everything in the directory, to the byte.
    private func contents() throws -> [String: Data] {
        let names = try FileManager.default.contentsOfDirectory(atPath: place.directory)
        return try names.reduce(into: [:]) { contents, name in
            contents[name] = try Data(contentsOf: URL(filePath: "\(place.directory)/\(name)"))
        }
    }

    @Test(
        "is refused and not touched when another program made it, whatever version and journal it has",
        arguments: [0, 3, 4, 77], ["DELETE", "WAL"])
    func foreign(version: Int, journal: String) throws {
        let queue = try DatabaseQueue(path: place.path)
        try queue.writeWithoutTransaction { database in
            try database.execute(
                sql: """
                    PRAGMA journal_mode = \(journal);
                    CREATE TABLE letters (id INTEGER PRIMARY KEY, text TEXT);
                    INSERT INTO letters VALUES (1, 'dear');
                    PRAGMA user_version = \(version);
                    """)
        }
        try queue.close()
        let before = try contents()
        for mustExist in [false, true] {
            let error = try #require(
                #expect(throws: StoreError.self) { try SQLiteStore(path: place.path, mustExist: mustExist) })
            #expect(error.code == .unusable)
            #expect(
                error.description == "\(place.path): is a database of another program (application_id 0, user_version "
                    + "\(version)) and was left as it is; name a file of its own under 'store', or move this one away")
        }
        #expect(try contents()["store.db"] == before["store.db"])
        // Looking into a log takes an index of it, which SQLite leaves when it may not write.
        if version != 3 || journal != "WAL" { #expect(try contents() == before) }
    }

    @Test("is refused while another program has it open, with its tables in the log only")
    func foreignInUse() throws {
        let queue = try DatabaseQueue(path: place.path)
        try queue.writeWithoutTransaction { database in
            try database.execute(sql: "PRAGMA journal_mode = WAL; CREATE TABLE letters (text TEXT)")
        }
        let before = try contents()
        #expect(before["store.db-wal"]?.isEmpty == false)
        let error = try #require(#expect(throws: StoreError.self) { try SQLiteStore(path: place.path) })
        #expect(error.message.hasPrefix("is a database of another program"))
        #expect(try contents()["store.db"] == before["store.db"])
        #expect(try contents()["store.db-wal"] == before["store.db-wal"])
        try queue.close()
    }

    @Test("is refused when its number is another program's, though its version is a store's")
    func otherNumber() throws {
        let queue = try DatabaseQueue(path: place.path)
        try queue.write { database in
            try database.execute(sql: "PRAGMA application_id = 7; PRAGMA user_version = \(SQLiteSchema.version)")
        }
        try queue.close()
        let error = try #require(#expect(throws: StoreError.self) { try SQLiteStore(path: place.path) })
        #expect(error.message.contains("application_id 7"))
    }

    @Test("becomes a store when it is empty", arguments: [false, true])
    func empty(isDatabase: Bool) throws {
        if isDatabase {
            // What is left when the program died while it made the file.
            let queue = try DatabaseQueue(path: place.path)
            try queue.writeWithoutTransaction { try $0.execute(sql: "PRAGMA journal_mode = WAL") }
            try queue.close()
        } else {
            try Data().write(to: URL(filePath: place.path))
        }
        try SQLiteStore(path: place.path).commit(.made([.made(1, times: 0...1)]))
        #expect(try SQLiteStore(path: place.path).load().streams.count == 1)
    }

    @Test("of version 3 is taken over when it is cleared: what the archive cannot give again stays, and no sooner")
    func version3() throws {
        let stretch = FoldedStretch.made(10..<20, bootSpan: .made(10..<20))
        let key = RunKey(site: .named("here"), run: .named("r"))
        do {
            let store = try SQLiteStore(path: place.path)
            var intake = StoredIntake.made([.made(1, times: 0...1)])
            intake.registrations = [.named("s"): "d"]
            try store.commit(intake)
            try store.save(StoredAggregate(stretch, bytes: [1, 2]), of: key, scenario: .named("s"), digest: "d")
        }
        let before = try SQLiteStore(path: place.path).load()
        try Version3Store.rewrite(place.path)
        let refusal = try #require(
            #expect(throws: StoreError.self) { try SQLiteStore(path: place.path, mustExist: true) })
        #expect(
            refusal.description == "\(place.path): has version 3, this program knows 4; start the collector or run "
                + "'fieldproof rebuild', which take it over")
        for _ in 0..<2 {
            let ledgers = try SQLiteStore(path: place.path).load()
            #expect(ledgers.isOutdated, "opening it changes nothing")
            #expect(ledgers.streams == before.streams && ledgers.boots == before.boots)
        }
        let store = try SQLiteStore(path: place.path)
        try store.clear(keepingAggregates: true)
        let ledgers = try store.load()
        #expect(!ledgers.isOutdated && ledgers.streams.isEmpty && ledgers.archive == nil)
        #expect(ledgers.boots == before.boots)
        let kept = try store.aggregates(scenario: .named("s"), digest: "d")
        #expect(kept == [key: StoredAggregate(stretch, bytes: [1, 2])])
        #expect(try store.registeredDigest(of: .named("s")) == "d")
        try store.commit(.made([.made(1, times: 0...1)]))
        #expect(try SQLiteStore(path: place.path, mustExist: true).load().streams == before.streams)
    }
}
