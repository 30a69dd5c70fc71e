package import Aggregation
import Foundation
import Frames
import GRDB
import Scenarios
package import Telemetry

/// What rules over series found in frames, and the runs that they recognise no more.
extension SQLiteStore {
    package func ruleParts(of rules: String) throws(StoreError) -> [StoredRulePart] {
        try read { database in
            try Row.fetchAll(database, sql: "SELECT * FROM rule_part WHERE rules = ?", arguments: [rules]).map { row in
                guard let stream = Frames.Stream(row) else { throw damaged("what a rule found, in the store,") }
                let node = RuleTree.Node(
                    level: Int(row["level"] as Int64), place: UInt64(bitPattern: row["place"] as Int64))
                return StoredRulePart(stream, node, bytes: [UInt8](row["bytes"] as Data))
            }
        }
    }

    package func save(_ parts: [StoredRulePart], of rules: String) throws(StoreError) {
        try write { database in
            let insert = try database.cachedStatement(
                sql: "INSERT OR REPLACE INTO rule_part VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)")
            let delete = try database.cachedStatement(
                sql: """
                    DELETE FROM rule_part WHERE rules = ? AND site = ? AND agent = ? AND install = ? AND epoch = ? AND class = ?
                    AND level = ? AND place = ?
                    """)
            for part in parts {
                let key: StatementArguments = [
                    rules, part.stream.site.text, part.stream.agent.text, part.stream.install.description,
                    Int64(bitPattern: part.stream.epoch), Int64(part.stream.priority.rawValue), Int64(part.node.level),
                    Int64(bitPattern: part.node.place),
                ]
                if let bytes = part.bytes {
                    try insert.execute(arguments: key + [Data(bytes)])
                } else {
                    try delete.execute(arguments: key)
                }
            }
        }
    }

    package func remove(_ runs: [RunKey], scenario: Identifier, digest: String) throws(StoreError) {
        try write { database in
            for run in runs {
                try database.execute(
                    sql: "DELETE FROM aggregate WHERE scenario = ? AND digest = ? AND site = ? AND run = ?",
                    arguments: [scenario.text, digest, run.site.text, run.run.text])
            }
        }
    }

    /// Of frames that are all there, the archive tells it again.
    static func removeReproducibleParts(_ database: Database) throws {
        let rows = try Row.fetchAll(
            database, sql: "SELECT rules, site, agent, install, epoch, class, level, place FROM rule_part")
        let count = try database.cachedStatement(
            sql: """
                SELECT count(*) FROM frame f JOIN stream s ON s.id = f.stream
                WHERE s.site = ? AND s.agent = ? AND s.install = ? AND s.epoch = ? AND s.class = ?
                    AND f.sequence BETWEEN ? AND ? AND f.boot IS NOT NULL
                """)
        let delete = try database.cachedStatement(
            sql: """
                DELETE FROM rule_part WHERE rules = ? AND site = ? AND agent = ? AND install = ? AND epoch = ? AND class = ?
                AND level = ? AND place = ?
                """)
        for row in rows {
            let node = RuleTree.Node(
                level: Int(row["level"] as Int64), place: UInt64(bitPattern: row["place"] as Int64))
            let key = Array(row.databaseValues)
            if let sequences = node.sequences {
                let stream = StatementArguments(Array(key[1..<6]))
                let range: StatementArguments = [
                    Int64(bitPattern: sequences.lowerBound), Int64(bitPattern: sequences.upperBound),
                ]
                let there = try Int.fetchOne(count, arguments: stream + range) ?? 0
                guard UInt64(there) == sequences.upperBound - sequences.lowerBound + 1 else { continue }
            }
            try delete.execute(arguments: StatementArguments(key))
        }
    }
}
