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
            let rows = try Row.fetchAll(
                database,
                sql: """
                    SELECT e.*, b.agent AS boot_agent, b.install AS boot_install, b.boot AS boot_id, b.epoch AS boot_epoch
                    FROM event e JOIN boot b ON b.id = e.boot WHERE e.name IN (\(marks))
                    ORDER BY e.time, e.site, e.source, e.name, e.attributes
                    """,
                arguments: StatementArguments(names.map(Event.stored(name:))))
            return try rows.map { row in
                guard let site = Identifier(row["site"] as String), let source = Identifier(row["source"] as String),
                    let event = Event(
                        storedName: row["name"], at: Timestamp(nanoseconds: row["time"]),
                        storedAttributes: row["attributes"]),
                    let boot = BootKey(row, site: row["site"])
                else { throw damaged("an event in the store") }
                return StoredEvent(
                    site: site, source: source, event: event, clock: RecordedClock(row, boot: boot))
            }
        }
    }

    package func aggregates(scenario: Identifier, digest: String) throws(StoreError) -> [RunKey: StoredAggregate] {
        try read { database in
            let rows = try Row.fetchAll(
                database,
                sql: """
                    SELECT \(Self.stretchColumns), a.run, a.bytes FROM aggregate a LEFT JOIN boot b ON b.id = a.boot
                    WHERE a.scenario = ? AND a.digest = ?
                    """,
                arguments: [scenario.text, digest])
            return try rows.reduce(into: [:]) { aggregates, row in
                guard let site = Identifier(row["site"] as String), let run = Identifier(row["run"] as String),
                    let stretch = FoldedStretch(row)
                else { throw damaged("an aggregate in the store") }
                aggregates[RunKey(site: site, run: run)] = StoredAggregate(
                    stretch, bytes: [UInt8](row["bytes"] as Data))
            }
        }
    }

    package func save(
        _ aggregate: StoredAggregate, of run: RunKey, scenario: Identifier, digest: String
    ) throws(StoreError) {
        try write { database in
            try database.execute(
                sql: "INSERT OR REPLACE INTO aggregate VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                arguments: [
                    scenario.text, digest, run.site.text, run.run.text,
                    aggregate.stretch.window.lowerBound.nanoseconds, aggregate.stretch.window.upperBound.nanoseconds,
                    try aggregate.stretch.bootSpan.flatMap { try Self.identifier(of: $0.boot, database) },
                    aggregate.stretch.bootSpan?.sinceBoot.lowerBound, aggregate.stretch.bootSpan?.sinceBoot.upperBound,
                    aggregate.stretch.isTimeKnown, Data(aggregate.bytes),
                ])
        }
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
            for table in ["frame", "stream", "series", "event", "expired", "checkpoint", "document"] {
                try database.execute(sql: "DELETE FROM \(table)")
            }
            guard !keepingAggregates else { return }
            // Kept aggregates name the boots whose clocks they go by.
            for table in ["registration", "aggregate", "alert", "rule_part", "boot"] {
                try database.execute(sql: "DELETE FROM \(table)")
            }
        }
    }
}
