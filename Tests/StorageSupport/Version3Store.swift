import Foundation
import GRDB

/// Stores as version 3 of their schema made them.
package enum Version3Store {
    /// Turns the store at `path` into one of version 3 that knows the same, but for events and definitions, and that nobody has open.
    package static func rewrite(_ path: String) throws {
        let old = path + ".3"
        let queue = try DatabaseQueue(path: old)
        try queue.write { try $0.execute(sql: tables) }
        try queue.writeWithoutTransaction { database in
            try database.execute(sql: "ATTACH DATABASE ? AS new", arguments: [path])
            for (table, columns) in copied {
                try database.execute(sql: "INSERT INTO main.\(table) (\(columns)) SELECT \(columns) FROM new.\(table)")
            }
            try database.execute(sql: "DETACH DATABASE new; PRAGMA user_version = 3; PRAGMA journal_mode = WAL")
        }
        try queue.close()
        for end in ["", "-wal", "-shm"] {
            try? FileManager.default.removeItem(atPath: path + end)
            guard FileManager.default.fileExists(atPath: old + end) else { continue }
            try FileManager.default.moveItem(atPath: old + end, toPath: path + end)
        }
    }

    /// Every column there was, but for those of rows that version 3 had in another form.
    private static let copied = [
        ("checkpoint", "id, archive, position, frame_position"),
        (
            "boot",
            """
            id, site, agent, install, boot, epoch, first_since, first_offset, first_error, anchor_since, anchor_offset,
            anchor_error, least_offset, greatest_offset
            """
        ),
        (
            "stream",
            """
            id, site, agent, install, epoch, class, archived, declared_frames, declared_samples, uncounted, duplicates, boot,
            first_time, last_time, first_unsynchronised, last_unsynchronised, end_frames, end_samples
            """
        ),
        (
            "frame",
            """
            stream, sequence, segment, offset, boot, since_boot, wall_offset, synchronised, first_time, last_time, digest
            """
        ),
        (
            "aggregate",
            "scenario, digest, site, run, start, stop, boot, boot_start, boot_stop, time_known, bytes"
        ),
        ("registration", "scenario, digest"),
    ]

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
