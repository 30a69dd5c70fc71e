package import Frames
import Foundation
import GRDB
package import Scenarios
import Telemetry

extension SQLiteStore {
    /// A stretch of a boot clock in which frames may belong to a run.
    struct RunStretch {
        /// The number of the boot in this store.
        let identifier: Int64
        let boot: BootKey
        /// By which the frames in it are placed in the run's window; nil for the run's own boot, of which all belong to it.
        let clock: BootClock?
        let sinceBoot: Range<Int64>
    }

    package func frames(of run: Run) throws(StoreError) -> [ArchivedFrame] {
        guard let window = run.window else { return [] }
        return try read { database in
            let select = try database.cachedStatement(sql: Self.framesOfLength)
            var found: [ArchivedFrame] = []
            for stretch in try stretches(of: run, database) {
                for arguments in try questions(stretch, database) {
                    found += try Row.fetchAll(select, arguments: arguments).map { try frame($0, stretch.boot) }.filter {
                        guard let clock = stretch.clock else { return true }
                        return $0.placedTimes(by: clock).map(window.touches) ?? false
                    }
                }
            }
            return found.sorted { $0.order < $1.order }
        }
    }

    /// Where frames of a run may be: in its own boot by the boot clock, in others of its site by the wall clock.
    func stretches(of run: Run, _ database: Database) throws -> [RunStretch] {
        guard let window = run.window else { return [] }
        let select = try database.cachedStatement(sql: "SELECT * FROM boot WHERE site = ?")
        return try Row.fetchAll(select, arguments: [run.site.text]).compactMap { row in
            guard let boot = BootKey(boot: row), let clock = BootClock(row) else {
                throw damaged("a boot in the store")
            }
            if let span = run.bootSpan, span.boot == boot {
                return RunStretch(identifier: row["id"], boot: boot, clock: nil, sinceBoot: span.sinceBoot)
            }
            guard run.isTimeKnown, let reach = clock.reach(of: window) else { return nil }
            return RunStretch(identifier: row["id"], boot: boot, clock: clock, sinceBoot: reach)
        }
    }

    /// What `framesOfLength` is asked for frames with a sample in a stretch of the boot clock.
    ///
    /// Frames are asked for by how long a time they cover, so that each question has an end: one that is shorter than 2ⁿ and begins before the
    /// stretch ends, ends less than 2ⁿ after it.
    func questions(_ stretch: RunStretch, _ database: Database) throws -> [StatementArguments] {
        let span = stretch.sinceBoot
        return try Int.fetchAll(database.cachedStatement(sql: Self.lengths), arguments: [stretch.identifier]).map {
            let end = Timestamp(nanoseconds: span.upperBound)
                .advanced(byNanoseconds: $0 < 63 ? 1 << Int64($0) : .max).nanoseconds
            return [stretch.identifier, $0, span.lowerBound, end, span.upperBound]
        }
    }

    /// The lengths that frames of a boot have: a step in the index for each.
    static let lengths = """
        WITH RECURSIVE lengths (length) AS (
            SELECT min(length) FROM frame WHERE boot = ?1 AND length IS NOT NULL
            UNION ALL
            SELECT (SELECT min(length) FROM frame WHERE boot = ?1 AND length > lengths.length) FROM lengths
            WHERE length IS NOT NULL)
        SELECT length FROM lengths WHERE length IS NOT NULL
        """

    static let framesOfLength = """
        SELECT s.site, s.agent, s.install, s.epoch, s.class, f.* FROM frame f CROSS JOIN stream s ON s.id = f.stream
        WHERE f.boot = ? AND f.length = ? AND f.last_time BETWEEN ? AND ? AND f.first_time < ?
        """

    package func frame(_ sequence: UInt64, of stream: Frames.Stream) throws(StoreError) -> ArchivedFrame? {
        try frame(of: stream, where: "f.sequence = ?", sequence)
    }

    package func frame(from sequence: UInt64, of stream: Frames.Stream) throws(StoreError) -> ArchivedFrame? {
        try frame(of: stream, where: "f.sequence >= ? ORDER BY f.sequence LIMIT 1", sequence)
    }

    private func frame(
        of stream: Frames.Stream, where condition: String, _ sequence: UInt64
    ) throws(StoreError) -> ArchivedFrame? {
        try read { database in
            let row = try Row.fetchOne(
                database,
                sql: """
                    SELECT s.site, s.agent, s.install, s.epoch, s.class, f.*, b.agent AS boot_agent,
                        b.install AS boot_install, b.boot AS boot_id, b.epoch AS boot_epoch
                    FROM stream s JOIN frame f ON f.stream = s.id JOIN boot b ON b.id = f.boot
                    WHERE s.site = ? AND s.agent = ? AND s.install = ? AND s.epoch = ? AND s.class = ? AND \(condition)
                    """,
                arguments: [
                    stream.site.text, stream.agent.text, stream.install.description, Int64(bitPattern: stream.epoch),
                    Int64(stream.priority.rawValue), Int64(bitPattern: sequence),
                ])
            return try row.map { row in
                guard let boot = BootKey(row, site: row["site"]) else { throw damaged("a boot in the store") }
                return try frame(row, boot)
            }
        }
    }

    private func frame(_ row: Row, _ boot: BootKey) throws(StoreError) -> ArchivedFrame {
        guard let stream = Frames.Stream(row), let digest = FrameDigest(bytes: [UInt8](row["digest"] as Data)) else {
            throw damaged("a frame in the store")
        }
        return ArchivedFrame(
            stream: stream, sequence: UInt64(bitPattern: row["sequence"] as Int64),
            segment: UInt64(bitPattern: row["segment"] as Int64),
            offset: UInt32(truncatingIfNeeded: row["offset"] as Int64),
            clock: RecordedClock(row, boot: boot), times: Self.range(row, "first_time", "last_time"), digest: digest)
    }

    /// Both columns as a range; nil where they are null.
    static func range(_ row: Row, _ first: String, _ last: String) -> ClosedRange<Int64>? {
        guard let first = row[first] as Int64?, let last = row[last] as Int64?, first <= last else { return nil }
        return first...last
    }
}

extension ArchivedFrame {
    /// The least n for which its samples cover less than 2ⁿ nanoseconds; nil without any.
    var length: Int? {
        times.map { UInt64.bitWidth - UInt64(bitPattern: $0.upperBound &- $0.lowerBound).leadingZeroBitCount }
    }

    /// Within a site.
    fileprivate var order: (Identifier, UUIDBytes, UInt64, PriorityClass, UInt64) {
        (stream.agent, stream.install, stream.epoch, stream.priority, sequence)
    }
}

extension BootClock {
    /// The stretch of the boot clock that may be in a window, by any of the offsets that there are; nil without a known one.
    fileprivate func reach(of window: Range<Timestamp>) -> Range<Int64>? {
        guard isTimeKnown, let synchronised else { return nil }
        let least = window.lowerBound.nanoseconds(since: Timestamp(nanoseconds: synchronised.upperBound))
        let greatest = window.upperBound.nanoseconds(since: Timestamp(nanoseconds: synchronised.lowerBound))
        return least..<max(least, greatest)
    }
}

extension BootKey {
    /// Reads the columns of a row of the table `boot`.
    init?(boot row: Row) {
        self.init(row, site: row["site"], agent: row["agent"], install: row["install"], boot: row["boot"], row["epoch"])
    }

    /// Reads the columns `boot_agent`, `boot_install`, `boot_id`, `boot_epoch`.
    init?(_ row: Row, site: String) {
        self.init(
            row, site: site, agent: row["boot_agent"], install: row["boot_install"], boot: row["boot_id"],
            row["boot_epoch"])
    }

    private init?(_ row: Row, site: String, agent: String, install: String, boot: String, _ epoch: Int64) {
        guard let site = Identifier(site), let agent = Identifier(agent), let install = UUIDBytes(hexadecimal: install),
            let boot = UUIDBytes(hexadecimal: boot)
        else { return nil }
        self.init(site: site, agent: agent, install: install, boot: boot, epoch: UInt64(bitPattern: epoch))
    }
}

extension RecordedClock {
    /// Reads the columns `since_boot`, `wall_offset`, `synchronised`.
    init(_ row: Row, boot: BootKey) {
        self.init(
            boot: boot, sinceBoot: row["since_boot"], offset: row["wall_offset"],
            isSynchronised: row["synchronised"])
    }
}

extension BootClock {
    /// Reads the columns of a row of the table `boot`.
    init?(_ row: Row) {
        func mark(_ name: String) -> Mark? {
            guard let since = row["\(name)_since"] as Int64?, let offset = row["\(name)_offset"] as Int64?,
                let error = row["\(name)_error"] as Int64?
            else { return nil }
            return Mark(sinceBoot: since, offset: offset, error: error)
        }
        guard let first = mark("first") else { return nil }
        self.init(
            first: first, anchor: mark("anchor"),
            synchronised: SQLiteStore.range(row, "least_offset", "greatest_offset"))
    }
}
