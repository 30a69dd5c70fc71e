import Delivery
import Frames
import Foundation
import GRDB
import Telemetry

extension SQLiteStore {
    package func load() throws(StoreError) -> StoredLedgers {
        try read { database in
            var ledgers = StoredLedgers()
            ledgers.isOutdated = try SQLiteSchema.isVersion3(database)
            if let row = try Row.fetchOne(database, sql: "SELECT archive, position, frame_position FROM checkpoint") {
                guard let archive = UUIDBytes(hexadecimal: row["archive"] as String) else {
                    throw damaged("the place in the archive")
                }
                ledgers.archive = archive
                ledgers.archivePosition = UInt64(bitPattern: row["position"] as Int64)
                ledgers.framePosition = UInt64(bitPattern: row["frame_position"] as Int64)
            }
            for row in try Row.fetchAll(database, sql: "SELECT * FROM boot") {
                guard let boot = BootKey(boot: row), let clock = BootClock(row) else {
                    throw damaged("a boot in the store")
                }
                ledgers.boots[boot] = clock
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
                    ledger: ledger, boot: Self.boot(of: stream, row),
                    times: Self.range(row, "first_time", "last_time")?.placed(0),
                    unsynchronised: Self.range(row, "first_unsynchronised", "last_unsynchronised"))
            }
            for row in try Row.fetchAll(database, sql: "SELECT * FROM registration") {
                guard let scenario = Identifier(row["scenario"] as String) else {
                    throw damaged("a registration in the store")
                }
                ledgers.registrations[scenario] = row["digest"]
            }
            if !ledgers.isOutdated {
                for row in try Row.fetchAll(database, sql: "SELECT digest, content FROM document") {
                    ledgers.documents[row["digest"]] = Array(row["content"] as Data)
                }
            }
            if !ledgers.isOutdated {
                ledgers.expired = try expired(database)
                ledgers.agreedTime = try Int64.fetchOne(database, sql: "SELECT time FROM agreed")
                    .map { Timestamp(nanoseconds: $0) }
            }
            return ledgers
        }
    }

    package func commit(_ intake: StoredIntake) throws(StoreError) {
        try write { database in
            var boots: [BootKey: Int64] = [:]
            for (boot, clock) in intake.boots { boots[boot] = try Self.upsert(boot, clock, database) }
            var identifiers: [Frames.Stream: Int64] = [:]
            for (stream, state) in intake.streams {
                identifiers[stream] = try Self.upsert(stream, state, database)
            }
            let insert = try database.cachedStatement(
                sql: "INSERT OR REPLACE INTO frame VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)")
            for frame in intake.frames {
                guard let identifier = identifiers[frame.stream], let boot = boots[frame.clock.boot] else { continue }
                try insert.execute(arguments: [
                    identifier, Int64(bitPattern: frame.sequence), Int64(bitPattern: frame.segment),
                    Int64(frame.offset), boot, frame.clock.sinceBoot, frame.clock.offset, frame.clock.isSynchronised,
                    frame.times?.lowerBound, frame.times?.upperBound, Data(frame.digest.bytes), frame.length,
                ])
            }
            for (stream, definition) in intake.definitions {
                try database.execute(
                    sql: "INSERT OR REPLACE INTO series VALUES (?, ?, ?, ?, ?, ?)",
                    arguments: [
                        stream.site.text, stream.agent.text, stream.install.description, Int64(stream.epoch),
                        Int64(definition.id.rawValue),
                        definition.series.stored,
                    ])
            }
            for event in intake.events {
                guard let boot = boots[event.clock.boot] else { continue }
                try database.execute(
                    sql: "INSERT OR IGNORE INTO event VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                    arguments: [
                        event.site.text, event.source.text, event.event.timestamp.nanoseconds, event.event.storedName,
                        event.event.storedAttributes, boot, event.clock.sinceBoot, event.clock.offset,
                        event.clock.isSynchronised,
                    ])
            }
            for loss in intake.losses { try Self.add(loss, database) }
            for (scenario, digest) in intake.registrations {
                try database.execute(
                    sql: "INSERT OR REPLACE INTO registration VALUES (?, ?)", arguments: [scenario.text, digest])
            }
            for (digest, document) in intake.documents {
                try database.execute(
                    sql: "INSERT OR REPLACE INTO document VALUES (?, ?)", arguments: [digest, Data(document)])
            }
            if let time = intake.agreedTime {
                try database.execute(
                    sql: "INSERT OR REPLACE INTO agreed VALUES (1, ?)", arguments: [time.nanoseconds])
            }
            for expired in intake.expired { try Self.expire(expired, database) }
            try noteExpired(intake.expired, database)
            try removeUntrueAggregates(intake, database)
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
        try database.cachedStatement(
            sql: "INSERT INTO frame VALUES (?, ?, 0, 0, NULL, NULL, NULL, NULL, NULL, NULL, ?, NULL)"
        )
        .execute(arguments: [stream, last, Data(frames.digest.bytes)])
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

    /// The number of a boot in this store; nil for one that it does not know.
    static func identifier(of boot: BootKey, _ database: Database) throws -> Int64? {
        let select = try database.cachedStatement(
            sql: "SELECT id FROM boot WHERE site = ? AND agent = ? AND install = ? AND boot = ? AND epoch = ?")
        return try Int64.fetchOne(select, arguments: boot.arguments)
    }

    private static func upsert(_ boot: BootKey, _ clock: BootClock, _ database: Database) throws -> Int64? {
        try Int64.fetchOne(
            database,
            sql: """
                INSERT INTO boot (site, agent, install, boot, epoch, first_since, first_offset, first_error, anchor_since,
                    anchor_offset, anchor_error, least_offset, greatest_offset) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                ON CONFLICT (site, agent, install, boot, epoch) DO UPDATE SET first_since = excluded.first_since,
                    first_offset = excluded.first_offset, first_error = excluded.first_error,
                    anchor_since = excluded.anchor_since, anchor_offset = excluded.anchor_offset,
                    anchor_error = excluded.anchor_error, least_offset = excluded.least_offset,
                    greatest_offset = excluded.greatest_offset
                RETURNING id
                """,
            arguments: boot.arguments
                + StatementArguments([
                    clock.first.sinceBoot, clock.first.offset, clock.first.error, clock.anchor?.sinceBoot,
                    clock.anchor?.offset, clock.anchor?.error, clock.synchronised?.lowerBound,
                    clock.synchronised?.upperBound,
                ]))
    }

    private static func upsert(
        _ stream: Frames.Stream, _ state: StoredStream, _ database: Database
    ) throws -> Int64? {
        let ledger = state.ledger
        return try Int64.fetchOne(
            database,
            sql: """
                INSERT INTO stream (site, agent, install, epoch, class, archived, declared_frames, declared_samples,
                    uncounted, duplicates, boot, first_time, last_time, first_unsynchronised, last_unsynchronised,
                    end_frames, end_samples) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                ON CONFLICT (site, agent, install, epoch, class) DO UPDATE SET archived = excluded.archived,
                    declared_frames = excluded.declared_frames, declared_samples = excluded.declared_samples,
                    uncounted = excluded.uncounted, duplicates = excluded.duplicates, boot = excluded.boot,
                    first_time = excluded.first_time, last_time = excluded.last_time,
                    first_unsynchronised = excluded.first_unsynchronised,
                    last_unsynchronised = excluded.last_unsynchronised,
                    end_frames = excluded.end_frames, end_samples = excluded.end_samples
                RETURNING id
                """,
            arguments: [
                stream.site.text, stream.agent.text, stream.install.description, Int64(stream.epoch),
                Int64(stream.priority.rawValue), ledger.archived.stored, ledger.declaredFrames.stored,
                ledger.declaredSamples.stored, ledger.uncounted.stored, Int64(bitPattern: ledger.duplicates),
                state.boot?.boot.description, state.times?.lowerBound.nanoseconds, state.times?.upperBound.nanoseconds,
                state.unsynchronised?.lowerBound, state.unsynchronised?.upperBound,
                ledger.end.map { Int64(bitPattern: $0.frames) }, ledger.end.map { Int64(bitPattern: $0.samples) },
            ])
    }

    private static func end(_ row: Row) -> StreamLedger.End? {
        guard let frames = row["end_frames"] as Int64?, let samples = row["end_samples"] as Int64? else { return nil }
        return StreamLedger.End(frames: UInt64(bitPattern: frames), samples: UInt64(bitPattern: samples))
    }

    private static func boot(of stream: Frames.Stream, _ row: Row) -> BootKey? {
        guard let boot = (row["boot"] as String?).flatMap({ UUIDBytes(hexadecimal: $0) }) else { return nil }
        return BootKey(
            site: stream.site, agent: stream.agent, install: stream.install, boot: boot, epoch: stream.epoch)
    }
}

extension BootKey {
    fileprivate var arguments: StatementArguments {
        [site.text, agent.text, install.description, boot.description, Int64(bitPattern: epoch)]
    }
}
