package import Aggregation
package import Frames
import Foundation
import GRDB
import Scenarios
package import Telemetry

extension SQLiteStore {
    package func frames(overlapping window: Range<Timestamp>, site: Identifier) throws(StoreError) -> [ArchivedFrame] {
        try read { database in
            let rows = try Row.fetchAll(
                database,
                sql: """
                    SELECT s.site, s.agent, s.install, s.epoch, s.class, f.sequence, f.segment, f.offset, f.first_time,
                        f.last_time, f.digest
                    FROM stream s JOIN frame f ON f.stream = s.id AND f.last_time >= ?
                    WHERE s.site = ? AND s.last_time >= ? AND s.first_time < ? AND f.first_time < ?
                    ORDER BY s.agent, s.install, s.epoch, s.class, f.sequence
                    """,
                arguments: [
                    window.lowerBound.nanoseconds, site.text, window.lowerBound.nanoseconds,
                    window.upperBound.nanoseconds, window.upperBound.nanoseconds,
                ])
            return try rows.map { row in
                guard let stream = Frames.Stream(row), let digest = FrameDigest(bytes: [UInt8](row["digest"] as Data))
                else {
                    throw damaged("a frame in the store")
                }
                return ArchivedFrame(
                    stream: stream, sequence: UInt64(row["sequence"] as Int64),
                    segment: UInt64(row["segment"] as Int64),
                    offset: UInt32(row["offset"] as Int64), times: Self.times(row), digest: digest)
            }
        }
    }

    package func series(install: UUIDBytes, epoch: UInt64) throws(StoreError) -> [SeriesID: Series] {
        try read { database in
            let rows = try Row.fetchAll(
                database, sql: "SELECT id, definition FROM series WHERE install = ? AND epoch = ?",
                arguments: [install.description, Int64(epoch)])
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
                sql: "SELECT * FROM event WHERE name IN (\(marks)) ORDER BY time, site, source, name, attributes",
                arguments: StatementArguments(names.map(Event.stored(name:))))
            return try rows.map { row in
                guard let site = Identifier(row["site"] as String), let source = Identifier(row["source"] as String),
                    let event = Event(
                        storedName: row["name"], at: Timestamp(nanoseconds: row["time"]),
                        storedAttributes: row["attributes"])
                else { throw damaged("an event in the store") }
                return StoredEvent(site: site, source: source, event: event)
            }
        }
    }

    package func aggregates(scenario: Identifier, digest: String) throws(StoreError) -> [RunKey: StoredAggregate] {
        try read { database in
            let rows = try Row.fetchAll(
                database, sql: "SELECT * FROM aggregate WHERE scenario = ? AND digest = ?",
                arguments: [scenario.text, digest])
            return try rows.reduce(into: [:]) { aggregates, row in
                let start = Timestamp(nanoseconds: row["start"])
                let stop = Timestamp(nanoseconds: row["stop"])
                guard let site = Identifier(row["site"] as String), let run = Identifier(row["run"] as String),
                    start <= stop
                else { throw damaged("an aggregate in the store") }
                let window = start..<stop
                aggregates[RunKey(site: site, run: run)] = StoredAggregate(
                    window: window, bytes: [UInt8](row["bytes"] as Data))
            }
        }
    }

    package func save(
        _ aggregate: StoredAggregate, of run: RunKey, scenario: Identifier, digest: String
    ) throws(StoreError) {
        try write { database in
            try database.execute(
                sql: "INSERT OR REPLACE INTO aggregate VALUES (?, ?, ?, ?, ?, ?, ?)",
                arguments: [
                    scenario.text, digest, run.site.text, run.run.text, aggregate.window.lowerBound.nanoseconds,
                    aggregate.window.upperBound.nanoseconds, Data(aggregate.bytes),
                ])
        }
    }

    package func registeredDigest(of scenario: Identifier) throws(StoreError) -> String? {
        try read { database in
            try String.fetchOne(
                database, sql: "SELECT digest FROM registration WHERE scenario = ?", arguments: [scenario.text])
        }
    }

    package func register(_ digest: String, for scenario: Identifier) throws(StoreError) {
        try write { database in
            try database.execute(
                sql: "INSERT OR IGNORE INTO registration VALUES (?, ?)", arguments: [scenario.text, digest])
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

    package func hasExpired(overlapping window: Range<Timestamp>, site: Identifier) throws(StoreError) -> Bool {
        try read { database in
            try Bool.fetchOne(
                database,
                sql: "SELECT EXISTS (SELECT 1 FROM expired WHERE site = ? AND last_time >= ? AND first_time < ?)",
                arguments: [site.text, window.lowerBound.nanoseconds, window.upperBound.nanoseconds]) ?? false
        }
    }

    package func clear(keepingAggregates: Bool) throws(StoreError) {
        try write { database in
            for table in ["frame", "stream", "series", "event", "expired", "checkpoint"] {
                try database.execute(sql: "DELETE FROM \(table)")
            }
            if !keepingAggregates { try database.execute(sql: "DELETE FROM aggregate") }
        }
    }

    package func removeReproducibleAggregates() throws(StoreError) {
        try write { database in
            try database.execute(sql: "DELETE FROM aggregate WHERE NOT \(Self.isIrreproducible)")
        }
    }
}
