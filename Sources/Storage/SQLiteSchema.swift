import GRDB

/// The tables of a SQLite store.
enum SQLiteSchema {
    /// Raised when the tables change. A store of another version is refused: it can be made anew from the archive.
    static let version = 3

    /// Makes the tables of a new store; changes nothing in any other.
    ///
    /// - Throws: `StoreError` for a store of another version, `DatabaseError`.
    static func prepare(_ writer: some DatabaseWriter, path: String) throws {
        if try writer.read({ try isPrepared($0, path) }) { return }
        try writer.write { database in
            // Another program may have made them since.
            if try isPrepared(database, path) { return }
            try database.execute(sql: tables)
            try database.execute(sql: "PRAGMA user_version = \(version)")
        }
    }

    private static func isPrepared(_ database: Database, _ path: String) throws -> Bool {
        let found = try Int.fetchOne(database, sql: "PRAGMA user_version") ?? 0
        guard found == 0 || found == version else {
            throw StoreError(
                found > version ? .newerVersion : .unusable, path,
                "has version \(found), this program knows \(version); install the newer program, or move the file away and "
                    + "run 'fieldproof rebuild'")
        }
        return found == version
    }

    private static let tables = """
        CREATE TABLE checkpoint (
            id INTEGER PRIMARY KEY CHECK (id = 1), archive TEXT NOT NULL, position INTEGER NOT NULL,
            frame_position INTEGER NOT NULL);
        CREATE TABLE boot (
            id INTEGER PRIMARY KEY, site TEXT NOT NULL, agent TEXT NOT NULL, install TEXT NOT NULL, boot TEXT NOT NULL,
            epoch INTEGER NOT NULL, first_since INTEGER NOT NULL, first_offset INTEGER NOT NULL,
            first_error INTEGER NOT NULL, anchor_since INTEGER, anchor_offset INTEGER, anchor_error INTEGER,
            least_offset INTEGER, greatest_offset INTEGER, UNIQUE (site, agent, install, boot, epoch));
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
            PRIMARY KEY (stream, sequence)) WITHOUT ROWID;
        CREATE INDEX frame_time ON frame (boot, last_time);
        CREATE TABLE expired (
            site TEXT NOT NULL, first_time INTEGER NOT NULL, last_time INTEGER NOT NULL,
            PRIMARY KEY (site, last_time, first_time)) WITHOUT ROWID;
        CREATE TABLE series (
            install TEXT NOT NULL, epoch INTEGER NOT NULL, id INTEGER NOT NULL, definition TEXT NOT NULL,
            PRIMARY KEY (install, epoch, id)) WITHOUT ROWID;
        CREATE TABLE event (
            site TEXT NOT NULL, source TEXT NOT NULL, time INTEGER NOT NULL, name TEXT NOT NULL, attributes TEXT NOT NULL,
            boot INTEGER NOT NULL REFERENCES boot, since_boot INTEGER NOT NULL, wall_offset INTEGER NOT NULL,
            synchronised INTEGER NOT NULL,
            PRIMARY KEY (name, site, time, source, attributes, boot, since_boot, wall_offset, synchronised)) WITHOUT ROWID;
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
