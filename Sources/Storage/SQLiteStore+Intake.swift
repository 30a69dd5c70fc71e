import Delivery
import Frames
import Foundation
import GRDB
import Telemetry

extension SQLiteStore {
    package func load() throws(StoreError) -> StoredLedgers {
        try read { database in
            var ledgers = StoredLedgers()
            if let row = try Row.fetchOne(database, sql: "SELECT archive, position, frame_position FROM checkpoint") {
                guard let archive = UUIDBytes(hexadecimal: row["archive"] as String) else {
                    throw damaged("the place in the archive")
                }
                ledgers.archive = archive
                ledgers.archivePosition = UInt64(bitPattern: row["position"] as Int64)
                ledgers.framePosition = UInt64(bitPattern: row["frame_position"] as Int64)
            }
            for row in try Row.fetchAll(database, sql: "SELECT * FROM stream") {
                guard let stream = Frames.Stream(row), let archived = FrameSpans(stored: row["archived"]),
                    let declaredFrames = IntervalSet(stored: row["declared_frames"]),
                    let declaredSamples = IntervalSet(stored: row["declared_samples"]),
                    let uncounted = IntervalSet(stored: row["uncounted"])
                else { throw damaged("a stream in the store") }
                let ledger = StreamLedger(
                    archived: archived, declaredFrames: declaredFrames, declaredSamples: declaredSamples,
                    uncounted: uncounted, duplicates: UInt64(bitPattern: row["duplicates"] as Int64),
                    end: Self.end(row))
                ledgers.streams[stream] = StoredStream(
                    ledger: ledger, times: Self.times(row),
                    boot: (row["boot"] as String?).flatMap { UUIDBytes(hexadecimal: $0) })
            }
            return ledgers
        }
    }

    package func commit(_ intake: StoredIntake) throws(StoreError) {
        try write { database in
            var identifiers: [Frames.Stream: Int64] = [:]
            for (stream, state) in intake.streams { identifiers[stream] = try Self.upsert(stream, state, database) }
            let insert = try database.cachedStatement(
                sql: "INSERT OR REPLACE INTO frame VALUES (?, ?, ?, ?, ?, ?, ?)")
            for frame in intake.frames {
                guard let identifier = identifiers[frame.stream] else { continue }
                try insert.execute(arguments: [
                    identifier, Int64(frame.sequence), Int64(frame.segment), Int64(frame.offset),
                    frame.times?.lowerBound.nanoseconds, frame.times?.upperBound.nanoseconds,
                    Data(frame.digest.bytes),
                ])
            }
            for (stream, definition) in intake.definitions {
                try database.execute(
                    sql: "INSERT OR REPLACE INTO series VALUES (?, ?, ?, ?)",
                    arguments: [
                        stream.install.description, Int64(stream.epoch), Int64(definition.id.rawValue),
                        definition.series.stored,
                    ])
            }
            for event in intake.events {
                try database.execute(
                    sql: "INSERT OR IGNORE INTO event VALUES (?, ?, ?, ?, ?)",
                    arguments: [
                        event.site.text, event.source.text, event.event.timestamp.nanoseconds, event.event.storedName,
                        event.event.storedAttributes,
                    ])
            }
            for expired in intake.expired { try Self.expire(expired, database) }
            try Self.removeUntrueAggregates(intake, database)
            try database.execute(
                sql: "INSERT OR REPLACE INTO checkpoint VALUES (1, ?, ?, ?)",
                arguments: [
                    intake.archive.description, Int64(bitPattern: intake.archivePosition),
                    Int64(bitPattern: intake.framePosition),
                ])
        }
    }

    /// Takes the frames out of the index. Of the last one a row without a time stays, for its digest.
    private static func expire(_ frames: ExpiredFrames, _ database: Database) throws {
        guard let stream = try identifier(of: frames.stream, database) else { return }
        let (first, last) = (Int64(frames.span.sequences.lowerBound), Int64(frames.span.sequences.upperBound))
        try database.cachedStatement(sql: "DELETE FROM frame WHERE stream = ? AND sequence BETWEEN ? AND ?")
            .execute(arguments: [stream, first, last])
        try database.cachedStatement(sql: "INSERT INTO frame VALUES (?, ?, 0, 0, NULL, NULL, ?)")
            .execute(arguments: [stream, last, Data(frames.digest.bytes)])
        guard let times = frames.times else { return }
        try database.cachedStatement(sql: "INSERT OR IGNORE INTO expired VALUES (?, ?, ?)")
            .execute(arguments: [
                frames.stream.site.text, times.lowerBound.nanoseconds, times.upperBound.nanoseconds,
            ])
    }

    private static func identifier(of stream: Frames.Stream, _ database: Database) throws -> Int64? {
        try Int64.fetchOne(
            database,
            sql: "SELECT id FROM stream WHERE site = ? AND agent = ? AND install = ? AND epoch = ? AND class = ?",
            arguments: [
                stream.site.text, stream.agent.text, stream.install.description, Int64(stream.epoch),
                Int64(stream.priority.rawValue),
            ])
    }

    /// Picks aggregates of runs of whose frames some have expired.
    static let isIrreproducible = """
        EXISTS (SELECT 1 FROM expired e WHERE e.site = aggregate.site AND e.last_time >= aggregate.start
            AND e.first_time < aggregate.stop)
        """

    /// Removes what was folded before these frames and definitions were known.
    private static func removeUntrueAggregates(_ intake: StoredIntake, _ database: Database) throws {
        let remove = try database.cachedStatement(
            sql: "DELETE FROM aggregate WHERE site = ? AND stop > ? AND start <= ? AND NOT \(isIrreproducible)")
        for frame in intake.frames {
            guard let times = frame.times else { continue }
            try remove.execute(arguments: [
                frame.stream.site.text, times.lowerBound.nanoseconds, times.upperBound.nanoseconds,
            ])
        }
        for epoch in Set(intake.definitions.map { Epoch(install: $0.stream.install, number: $0.stream.epoch) }) {
            try database.execute(
                sql: """
                    DELETE FROM aggregate WHERE EXISTS (
                        SELECT 1 FROM stream s WHERE s.install = ? AND s.epoch = ? AND s.site = aggregate.site
                            AND aggregate.stop > s.first_time AND aggregate.start <= s.last_time)
                        AND NOT \(isIrreproducible)
                    """,
                arguments: [epoch.install.description, Int64(epoch.number)])
        }
    }

    private struct Epoch: Hashable {
        let install: UUIDBytes
        let number: UInt64
    }

    private static func upsert(_ stream: Frames.Stream, _ state: StoredStream, _ database: Database) throws -> Int64? {
        let ledger = state.ledger
        return try Int64.fetchOne(
            database,
            sql: """
                INSERT INTO stream (site, agent, install, epoch, class, archived, declared_frames, declared_samples,
                    uncounted, duplicates, first_time, last_time, boot, end_frames, end_samples)
                    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                ON CONFLICT (site, agent, install, epoch, class) DO UPDATE SET archived = excluded.archived,
                    declared_frames = excluded.declared_frames, declared_samples = excluded.declared_samples,
                    uncounted = excluded.uncounted, duplicates = excluded.duplicates, first_time = excluded.first_time,
                    last_time = excluded.last_time, boot = excluded.boot,
                    end_frames = excluded.end_frames, end_samples = excluded.end_samples
                RETURNING id
                """,
            arguments: [
                stream.site.text, stream.agent.text, stream.install.description, Int64(stream.epoch),
                Int64(stream.priority.rawValue), ledger.archived.stored, ledger.declaredFrames.stored,
                ledger.declaredSamples.stored, ledger.uncounted.stored, Int64(bitPattern: ledger.duplicates),
                state.times?.lowerBound.nanoseconds, state.times?.upperBound.nanoseconds, state.boot?.description,
                ledger.end.map { Int64(bitPattern: $0.frames) }, ledger.end.map { Int64(bitPattern: $0.samples) },
            ])
    }

    private static func end(_ row: Row) -> StreamLedger.End? {
        guard let frames = row["end_frames"] as Int64?, let samples = row["end_samples"] as Int64? else { return nil }
        return StreamLedger.End(frames: UInt64(bitPattern: frames), samples: UInt64(bitPattern: samples))
    }

    static func times(_ row: Row) -> ClosedRange<Timestamp>? {
        guard let first = row["first_time"] as Int64?, let last = row["last_time"] as Int64?, first <= last else {
            return nil
        }
        return Timestamp(nanoseconds: first)...Timestamp(nanoseconds: last)
    }
}
