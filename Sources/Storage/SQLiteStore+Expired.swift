import Aggregation
import Foundation
import GRDB
import Scenarios
import Telemetry

/// What has expired, and the aggregates that nobody can make again for it.
extension SQLiteStore {
    /// Of all boots, or of those with these numbers.
    func expired(_ database: Database, of boots: Set<Int64>? = nil) throws -> ExpiredTimes {
        let places = boots.map { "WHERE e.boot IN (\($0.map(String.init).joined(separator: ",")))" } ?? ""
        let rows = try Row.fetchAll(
            database, sql: "SELECT b.*, e.* FROM expired e JOIN boot b ON b.id = e.boot \(places)")
        return try rows.reduce(into: ExpiredTimes()) { expired, row in
            guard let boot = BootKey(boot: row), let times = Self.range(row, "first_time", "last_time"),
                let recording = ExpiredTimes.Recording(row)
            else { throw damaged("a time of expired frames in the store") }
            expired.insert([times], recording, of: boot)
        }
    }

    /// Takes in the times of frames that have expired: stretches that come to touch become one row.
    func noteExpired(_ frames: [ExpiredFrames], _ database: Database) throws {
        var identifiers: [BootKey: Int64] = [:]
        for boot in Set(frames.map(\.bootKey)) { identifiers[boot] = try Self.identifier(of: boot, database) }
        guard !identifiers.isEmpty else { return }
        var expired = try expired(database, of: Set(identifiers.values))
        for one in frames { expired.insert(one) }
        let delete = try database.cachedStatement(sql: "DELETE FROM expired WHERE boot = ?")
        let insert = try database.cachedStatement(sql: "INSERT INTO expired VALUES (?, ?, ?, ?, ?)")
        for (boot, recordings) in expired.boots {
            guard let identifier = identifiers[boot] else { continue }
            try delete.execute(arguments: [identifier])
            for (recording, stretches) in recordings {
                for times in stretches {
                    try insert.execute(arguments: [
                        identifier, recording.number, recording.offset, times.lowerBound, times.upperBound,
                    ])
                }
            }
        }
    }

    /// Removes what was folded before this was known, by the boot clock what was folded by it, by the wall clock anything else; but not what
    /// nobody can fold again.
    func removeUntrueAggregates(_ intake: StoredIntake, _ database: Database) throws {
        guard !intake.stale.isEmpty else { return }
        // One question for each boot, and not for each frame: what it finds is compared here.
        var untrue: Set<[DatabaseValue]> = []
        for (boot, stretches) in Dictionary(grouping: intake.stale, by: \.boot) {
            // No row has number 0.
            let identifier = try Self.identifier(of: boot, database) ?? 0
            let sinceBoot = stretches.map(\.sinceBoot).joined(within: 0)
            for (site, stretches) in Dictionary(grouping: stretches, by: \.site) {
                let times = stretches.compactMap(\.times)
                    .map { $0.lowerBound.nanoseconds...$0.upperBound.nanoseconds }.joined(within: 0)
                try find(
                    times, "start", "stop", "a.site = ? AND a.time_known AND a.boot IS NOT ?",
                    [site.text, identifier], into: &untrue, database)
            }
            try find(sinceBoot, "boot_start", "boot_stop", "a.boot = ?", [identifier], into: &untrue, database)
        }
        guard !untrue.isEmpty else { return }
        try removeReproducible(untrue, database)
    }

    /// The aggregates from one of whose `from` to its `to` something of `times` may be.
    private func find(
        _ times: [ClosedRange<Int64>], _ from: String, _ to: String, _ condition: String,
        _ arguments: StatementArguments,
        into found: inout Set<[DatabaseValue]>, _ database: Database
    ) throws {
        guard let first = times.first, let last = times.last else { return }
        let select = try database.cachedStatement(
            sql: """
                SELECT \(Self.aggregateKey), a.\(from) AS first, a.\(to) AS last FROM aggregate a
                WHERE \(condition) AND a.\(to) > ? AND a.\(from) <= ?
                """)
        let rows = try Row.fetchCursor(select, arguments: arguments + [first.lowerBound, last.upperBound])
        while let row = try rows.next() {
            let (begin, end) = (row["first"] as Int64, row["last"] as Int64)
            guard begin <= end, times.touch(begin..<end) else { continue }
            found.insert([row["scenario"], row["digest"], row["site"], row["run"]])
        }
    }

    package func removeReproducibleAggregates() throws(StoreError) {
        try write { database in
            try removeReproducible(
                Set(
                    Row.fetchAll(database, sql: "SELECT \(Self.aggregateKey) FROM aggregate a").map {
                        Array($0.databaseValues)
                    }),
                database)
        }
    }

    private static let aggregateKey = "a.scenario, a.digest, a.site, a.run"

    private func removeReproducible(_ keys: Set<[DatabaseValue]>, _ database: Database) throws {
        let expired = try expired(database)
        var clocks: [BootKey: BootClock] = [:]
        if !expired.isEmpty {
            for row in try Row.fetchAll(database, sql: "SELECT * FROM boot WHERE id IN (SELECT boot FROM expired)") {
                if let boot = BootKey(boot: row), let clock = BootClock(row) { clocks[boot] = clock }
            }
        }
        let select = try database.cachedStatement(
            sql: """
                SELECT \(Self.stretchColumns) FROM aggregate a LEFT JOIN boot b ON b.id = a.boot
                WHERE a.scenario = ? AND a.digest = ? AND a.site = ? AND a.run = ?
                """)
        let delete = try database.cachedStatement(
            sql: "DELETE FROM aggregate WHERE scenario = ? AND digest = ? AND site = ? AND run = ?")
        for key in keys {
            let arguments = StatementArguments(key)
            if !expired.isEmpty, let row = try Row.fetchOne(select, arguments: arguments),
                let stretch = FoldedStretch(row), let site = Identifier(row["site"] as String),
                expired.touches(stretch, at: site, clocks)
            {
                continue
            }
            try delete.execute(arguments: arguments)
        }
    }

    /// What `FoldedStretch(_:)` reads, of an aggregate `a` and its boot `b`: the first columns of a row, in this order.
    static let stretchColumns = """
        a.site, a.start, a.stop, a.boot_start, a.boot_stop, a.time_known, b.site AS boot_site, b.agent AS boot_agent,
        b.install AS boot_install, b.boot AS boot_id, b.epoch AS boot_epoch
        """
}

extension FoldedStretch {
    init?(_ row: Row) {
        let (start, stop) = (Timestamp(nanoseconds: row[1]), Timestamp(nanoseconds: row[2]))
        guard start <= stop else { return nil }
        var span: Run.BootSpan?
        if let first = row[3] as Int64?, let last = row[4] as Int64?, first <= last, let site = row[6] as String?,
            let boot = BootKey(row, site: site)
        {
            span = Run.BootSpan(boot: boot, sinceBoot: first..<last)
        }
        self.init(window: start..<stop, bootSpan: span, isTimeKnown: row[5])
    }
}

extension ExpiredTimes.Recording {
    /// As the column `recording` has it.
    fileprivate var number: Int {
        switch self {
        case .unsynchronised: 0
        case .synchronised: 1
        case .placed: 2
        }
    }

    fileprivate var offset: Int64 {
        if case .synchronised(let offset) = self { offset } else { 0 }
    }

    fileprivate init?(_ row: Row) {
        switch row["recording"] as Int {
        case 0: self = .unsynchronised
        case 1: self = .synchronised(offset: row["wall_offset"])
        case 2: self = .placed
        default: return nil
        }
    }
}
