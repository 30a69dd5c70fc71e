import Frames
import GRDB
package import Scenarios
import Telemetry

extension SQLiteStore {
    /// Of each frame no more is read than is needed, by the number of the column: a long run has hundreds of thousands.
    package func places(of run: Run) throws(StoreError) -> RunFrames {
        guard let window = run.window else { return RunFrames() }
        return try read { database in
            var found = RunFrames()
            var streams: [Int64: UInt32] = [:]
            let select = try database.cachedStatement(sql: Self.placesOfLength)
            for stretch in try stretches(of: run, database) {
                for arguments in try questions(stretch, database) {
                    let rows = try Row.fetchCursor(select, arguments: arguments)
                    while let row = try rows.next() {
                        if let clock = stretch.clock {
                            let (first, last) = (row[3] as Int64, row[4] as Int64)
                            let offset = (row[6] as Bool) ? row[5] as Int64 : clock.unsynchronisedOffset
                            guard first <= last, window.touches((first...last).placed(offset)) else { continue }
                        }
                        let number = row[0] as Int64
                        let stream = try streams[number] ?? found.append(stream(number, database))
                        streams[number] = stream
                        found.append(
                            RunFrames.Place(
                                segment: UInt64(bitPattern: row[1] as Int64),
                                offset: UInt32(truncatingIfNeeded: row[2] as Int64), stream: stream))
                    }
                }
            }
            found.sort()
            return found
        }
    }

    private func stream(_ number: Int64, _ database: Database) throws -> Frames.Stream {
        let row = try Row.fetchOne(
            database.cachedStatement(sql: "SELECT site, agent, install, epoch, class FROM stream WHERE id = ?"),
            arguments: [number])
        guard let stream = row.flatMap({ Frames.Stream($0) }) else { throw damaged("a stream in the store") }
        return stream
    }

    static let placesOfLength = """
        SELECT stream, segment, offset, first_time, last_time, wall_offset, synchronised FROM frame
        WHERE boot = ? AND length = ? AND last_time BETWEEN ? AND ? AND first_time < ?
        """
}
