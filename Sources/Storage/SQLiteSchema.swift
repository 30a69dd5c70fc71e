import GRDB

/// The tables of a SQLite store.
enum SQLiteSchema {
    /// Raised when the tables change. Of earlier versions one is taken over; see `replaceVersion3(_:)`.
    static let version: Int32 = 4

    /// `FPST`: tells a store from another program's database, whose version may be the same number.
    static let applicationID: Int32 = 0x4650_5354

    /// What every store of version 3 has.
    static let version3Tables: Set<String> = [
        "checkpoint", "boot", "stream", "frame", "expired", "series", "event", "aggregate", "registration",
    ]

    /// Makes the tables of a new store, and in one of this version that which it lacks; changes nothing in any other.
    ///
    /// - Throws: `StoreError` for a file that has become another program's since it was looked at, `DatabaseError`.
    static func prepare(_ writer: some DatabaseWriter, _ file: SQLiteFile) throws {
        func isComplete(_ database: Database) throws -> Bool {
            let marks = try SQLiteFile.marks(database)
            return switch try file.owner(by: marks) {
            case .nobody: false
            case .current: marks.objects.isSuperset(of: addedTables)
            case .version3: true
            }
        }
        if try writer.read(isComplete) { return }
        try writer.write { database in
            // Another program may have made them since.
            switch try file.owner(by: SQLiteFile.marks(database)) {
            case .nobody:
                try database.execute(sql: derived + kept + added)
                try mark(database)
            case .current: try database.execute(sql: added)
            case .version3: return
            }
        }
    }

    static func isVersion3(_ database: Database) throws -> Bool {
        try Int32.fetchOne(database, sql: "PRAGMA user_version") == 3
    }

    /// Makes a store of version 3 one of this version, within the caller's transaction.
    ///
    /// What only a store knows stays: registrations, and aggregates with the boots that they go by. Everything else is read from the archive again.
    static func replaceVersion3(_ database: Database) throws {
        for table in ["frame", "stream", "series", "event", "expired", "checkpoint"] {
            try database.execute(sql: "DROP TABLE \(table)")
        }
        try database.execute(sql: derived + added)
        try mark(database)
    }

    private static func mark(_ database: Database) throws {
        try database.execute(sql: "PRAGMA application_id = \(applicationID); PRAGMA user_version = \(version)")
    }

    /// Tables of what the archive can give again.
    private static let derived = """
        CREATE TABLE checkpoint (
            id INTEGER PRIMARY KEY CHECK (id = 1), archive TEXT NOT NULL, position INTEGER NOT NULL,
            frame_position INTEGER NOT NULL);
        CREATE TABLE stream (
            id INTEGER PRIMARY KEY, site TEXT NOT NULL, agent TEXT NOT NULL, install TEXT NOT NULL, epoch INTEGER NOT NULL,
            class INTEGER NOT NULL, archived TEXT NOT NULL, declared_frames TEXT NOT NULL, declared_samples TEXT NOT NULL,
            uncounted TEXT NOT NULL, duplicates INTEGER NOT NULL, boot TEXT, first_time INTEGER, last_time INTEGER,
            first_unsynchronised INTEGER, last_unsynchronised INTEGER, end_frames INTEGER, end_samples INTEGER,
            UNIQUE (site, agent, install, epoch, class));
        CREATE TABLE frame (
            stream INTEGER NOT NULL REFERENCES stream, sequence INTEGER NOT NULL, segment INTEGER NOT NULL,
            offset INTEGER NOT NULL, boot INTEGER REFERENCES boot, since_boot INTEGER, wall_offset INTEGER,
            synchronised INTEGER, first_time INTEGER, last_time INTEGER, digest BLOB NOT NULL,
            length INTEGER, PRIMARY KEY (stream, sequence)) WITHOUT ROWID;
        CREATE INDEX frame_time ON frame (boot, length, last_time);
        CREATE TABLE expired (
            boot INTEGER NOT NULL REFERENCES boot, recording INTEGER NOT NULL, wall_offset INTEGER NOT NULL,
            first_time INTEGER NOT NULL, last_time INTEGER NOT NULL,
            PRIMARY KEY (boot, recording, wall_offset, first_time)) WITHOUT ROWID;
        CREATE TABLE series (
            site TEXT NOT NULL, agent TEXT NOT NULL, install TEXT NOT NULL, epoch INTEGER NOT NULL, id INTEGER NOT NULL,
            definition TEXT NOT NULL, PRIMARY KEY (site, agent, install, epoch, id)) WITHOUT ROWID;
        CREATE TABLE event (
            site TEXT NOT NULL, source TEXT NOT NULL, time INTEGER NOT NULL, name TEXT NOT NULL, attributes TEXT NOT NULL,
            boot INTEGER NOT NULL REFERENCES boot, since_boot INTEGER NOT NULL, wall_offset INTEGER NOT NULL,
            synchronised INTEGER NOT NULL,
            PRIMARY KEY (name, site, time, source, attributes, boot, since_boot, wall_offset, synchronised)) WITHOUT ROWID;
        CREATE TABLE document (digest TEXT PRIMARY KEY, content BLOB NOT NULL) WITHOUT ROWID;
        """

    private static let addedTables: Set<String> = ["alert", "rule_part", "agreed", "agent", "loss"]

    /// Tables that came after the first stores of this version were made: programs that do not know them leave them alone, so the version is the
    /// same. What such a program does meanwhile makes no part of a rule untrue, for a frame is a fact; of frames that the archive does not have any
    /// more, parts are left out when they are taken up.
    private static let added = """
        CREATE TABLE IF NOT EXISTS alert (
            scenario TEXT NOT NULL, cause BLOB NOT NULL, state TEXT NOT NULL, PRIMARY KEY (scenario, cause)) WITHOUT ROWID;
        CREATE TABLE IF NOT EXISTS rule_part (
            rules TEXT NOT NULL, site TEXT NOT NULL, agent TEXT NOT NULL, install TEXT NOT NULL, epoch INTEGER NOT NULL,
            class INTEGER NOT NULL, level INTEGER NOT NULL, place INTEGER NOT NULL, bytes BLOB NOT NULL,
            PRIMARY KEY (rules, site, agent, install, epoch, class, level, place)) WITHOUT ROWID;
        CREATE TABLE IF NOT EXISTS agreed (id INTEGER PRIMARY KEY CHECK (id = 1), time INTEGER NOT NULL);
        CREATE TABLE IF NOT EXISTS agent (
            site TEXT NOT NULL, agent TEXT NOT NULL, state TEXT NOT NULL, PRIMARY KEY (site, agent)) WITHOUT ROWID;
        CREATE TABLE IF NOT EXISTS loss (
            site TEXT NOT NULL, agent TEXT NOT NULL, install TEXT NOT NULL, epoch INTEGER NOT NULL, class INTEGER NOT NULL,
            reason INTEGER NOT NULL, frames TEXT NOT NULL, samples TEXT NOT NULL,
            PRIMARY KEY (site, agent, install, epoch, class, reason)) WITHOUT ROWID;
        """

    /// Tables that stay as they are when a store is taken over from version 3.
    private static let kept = """
        CREATE TABLE boot (
            id INTEGER PRIMARY KEY, site TEXT NOT NULL, agent TEXT NOT NULL, install TEXT NOT NULL, boot TEXT NOT NULL,
            epoch INTEGER NOT NULL, first_since INTEGER NOT NULL, first_offset INTEGER NOT NULL,
            first_error INTEGER NOT NULL, anchor_since INTEGER, anchor_offset INTEGER, anchor_error INTEGER,
            least_offset INTEGER, greatest_offset INTEGER, UNIQUE (site, agent, install, boot, epoch));
        CREATE TABLE aggregate (
            scenario TEXT NOT NULL, digest TEXT NOT NULL, site TEXT NOT NULL, run TEXT NOT NULL, start INTEGER NOT NULL,
            stop INTEGER NOT NULL, boot INTEGER REFERENCES boot, boot_start INTEGER, boot_stop INTEGER,
            time_known INTEGER NOT NULL, bytes BLOB NOT NULL,
            PRIMARY KEY (scenario, digest, site, run)) WITHOUT ROWID;
        CREATE INDEX aggregate_time ON aggregate (site, stop);
        CREATE INDEX aggregate_boot ON aggregate (boot, boot_stop) WHERE boot IS NOT NULL;
        CREATE TABLE registration (scenario TEXT PRIMARY KEY, digest TEXT NOT NULL) WITHOUT ROWID;
        """
}
