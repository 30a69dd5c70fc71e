package import Aggregation
package import Frames
import Foundation
import GRDB
import Scenarios
package import Telemetry

extension SQLiteStore {
    package func series(of stream: Frames.Stream) throws(StoreError) -> [SeriesID: Series] {
        try read { database in
            let rows = try Row.fetchAll(
                database,
                sql: "SELECT id, definition FROM series WHERE site = ? AND agent = ? AND install = ? AND epoch = ?",
                arguments: [
                    stream.site.text, stream.agent.text, stream.install.description, Int64(bitPattern: stream.epoch),
                ])
            return try rows.reduce(into: [:]) { series, row in
                guard let one = Series(stored: row["definition"]) else { throw damaged("a series in the store") }
                series[SeriesID(rawValue: UInt32(row["id"] as Int64))] = one
            }
        }
    }

    package func events(named names: [String]) throws(StoreError) -> [StoredEvent] {
        try read { database in
            let marks = names.map { _ in "?" }.joined(separator: ", ")
            let rows = try Row.fetchCursor(
                database,
                sql: """
                    SELECT site, source, time, name, attributes, boot, since_boot, wall_offset, synchronised FROM event
                    WHERE name IN (\(marks)) ORDER BY time, site, source, name, attributes
                    """,
                arguments: StatementArguments(names.map(Event.stored(name:))))
            var boots: [Int64: BootKey] = [:]
            var found: [StoredEvent] = []
            // By the number of the column: there are two rows or more for each run.
            while let row = try rows.next() {
                let number = row[5] as Int64
                guard let site = Identifier(row[0] as String), let source = Identifier(row[1] as String),
                    let event = Event(
                        storedName: row[3], at: Timestamp(nanoseconds: row[2]), storedAttributes: row[4]),
                    let boot = try boots[number] ?? boot(number, database)
                else { throw damaged("an event in the store") }
                boots[number] = boot
                found.append(
                    StoredEvent(
                        site: site, source: source, event: event,
                        clock: RecordedClock(boot: boot, sinceBoot: row[6], offset: row[7], isSynchronised: row[8])))
            }
            return found
        }
    }

    private func boot(_ number: Int64, _ database: Database) throws -> BootKey? {
        try Row.fetchOne(
            database.cachedStatement(sql: "SELECT * FROM boot WHERE id = ?"), arguments: [number]
        ).flatMap { BootKey(boot: $0) }
    }

    package func aggregates(scenario: Identifier, digest: String) throws(StoreError) -> [RunKey: StoredAggregate] {
        try read { database in
            let rows = try Row.fetchCursor(
                database,
                sql: """
                    SELECT \(Self.stretchColumns), a.run, a.bytes FROM aggregate a LEFT JOIN boot b ON b.id = a.boot
                    WHERE a.scenario = ? AND a.digest = ?
                    """,
                arguments: [scenario.text, digest])
            var aggregates: [RunKey: StoredAggregate] = [:]
            while let row = try rows.next() {
                guard let site = Identifier(row[0] as String), let run = Identifier(row[11] as String),
                    let stretch = FoldedStretch(row)
                else { throw damaged("an aggregate in the store") }
                aggregates[RunKey(site: site, run: run)] = StoredAggregate(
                    stretch, bytes: try row.withUnsafeData(atIndex: 12) { [UInt8]($0 ?? Data()) })
            }
            return aggregates
        }
    }

    package func save(_ folded: [FoldedRun]) throws(StoreError) {
        guard !folded.isEmpty else { return }
        try write { database in
            let insert = try database.cachedStatement(
                sql: "INSERT OR REPLACE INTO aggregate VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)")
            for one in folded {
                let stretch = one.aggregate.stretch
                try insert.execute(arguments: [
                    one.scenario.text, one.digest, one.run.site.text, one.run.run.text,
                    stretch.window.lowerBound.nanoseconds, stretch.window.upperBound.nanoseconds,
                    try stretch.bootSpan.flatMap { try Self.identifier(of: $0.boot, database) },
                    stretch.bootSpan?.sinceBoot.lowerBound, stretch.bootSpan?.sinceBoot.upperBound,
                    stretch.isTimeKnown, Data(one.aggregate.bytes),
                ])
            }
        }
    }

    package func removeAggregates(of runs: [RunKey], scenario: Identifier) throws(StoreError) -> [RunKey] {
        guard !runs.isEmpty else { return [] }
        return try write { database in
            // Without it, what was removed stands in the file until its place is used again.
            try database.execute(sql: "PRAGMA secure_delete = ON")
            let digests = try digests(of: scenario, database)
            // By the whole key: by a part of it every aggregate of the scenario would be looked at for each run.
            let delete = try database.cachedStatement(
                sql: "DELETE FROM aggregate WHERE scenario = ? AND digest = ? AND site = ? AND run = ?")
            return try runs.filter { run in
                let before = database.totalChangesCount
                for digest in digests {
                    try delete.execute(arguments: [scenario.text, digest, run.site.text, run.run.text])
                }
                return database.totalChangesCount > before
            }
        }
    }

    /// Of the definitions under which runs of a scenario were folded: a step in the index for each.
    private func digests(of scenario: Identifier, _ database: Database) throws -> [String] {
        let select = try database.cachedStatement(
            sql: "SELECT min(digest) FROM aggregate WHERE scenario = ? AND digest > ?")
        var found: [String] = []
        // No digest is empty.
        while let next = try String.fetchOne(select, arguments: [scenario.text, found.last ?? ""]) {
            found.append(next)
        }
        return found
    }

    package func registeredDigest(of scenario: Identifier) throws(StoreError) -> String? {
        try read { database in
            try String.fetchOne(
                database, sql: "SELECT digest FROM registration WHERE scenario = ?", arguments: [scenario.text])
        }
    }

    package func digest(of sequence: UInt64, in stream: Frames.Stream) throws(StoreError) -> FrameDigest? {
        try read { database in
            let blob = try Data.fetchOne(
                database,
                sql: """
                    SELECT f.digest FROM frame f JOIN stream s ON s.id = f.stream
                    WHERE s.site = ? AND s.agent = ? AND s.install = ? AND s.epoch = ? AND s.class = ? AND f.sequence = ?
                    """,
                arguments: [
                    stream.site.text, stream.agent.text, stream.install.description, Int64(stream.epoch),
                    Int64(stream.priority.rawValue), Int64(sequence),
                ])
            return blob.flatMap { FrameDigest(bytes: [UInt8]($0)) }
        }
    }

    package func clear(keepingAggregates: Bool) throws(StoreError) {
        try write { database in
            if try SQLiteSchema.isVersion3(database) { try SQLiteSchema.replaceVersion3(database) }
            for table in ["frame", "stream", "series", "event", "expired", "checkpoint", "document", "agreed", "loss"] {
                try database.execute(sql: "DELETE FROM \(table)")
            }
            guard !keepingAggregates else { return }
            // Kept aggregates name the boots whose clocks they go by.
            for table in ["registration", "aggregate", "alert", "rule_part", "agent", "boot"] {
                try database.execute(sql: "DELETE FROM \(table)")
            }
        }
    }
}
