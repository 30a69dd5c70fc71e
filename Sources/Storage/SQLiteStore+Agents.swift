import Delivery
import Frames
import GRDB
import Telemetry

extension SQLiteStore {
    package func agents() throws(StoreError) -> [StoredAgent] {
        try read { database in
            try Row.fetchAll(database, sql: "SELECT site, agent, state FROM agent").map { row in
                guard let site = Identifier(row["site"] as String), let agent = Identifier(row["agent"] as String)
                else {
                    throw damaged("an agent in the store")
                }
                return StoredAgent(site: site, agent: agent, state: row["state"])
            }
        }
    }

    package func save(_ agents: [StoredAgent]) throws(StoreError) {
        guard !agents.isEmpty else { return }
        try write { database in
            let insert = try database.cachedStatement(sql: "INSERT OR REPLACE INTO agent VALUES (?, ?, ?)")
            let delete = try database.cachedStatement(sql: "DELETE FROM agent WHERE site = ? AND agent = ?")
            for one in agents {
                if let state = one.state {
                    try insert.execute(arguments: [one.site.text, one.agent.text, state])
                } else {
                    try delete.execute(arguments: [one.site.text, one.agent.text])
                }
            }
        }
    }

    package func losses() throws(StoreError) -> [StoredLoss] {
        try read { database in
            try Row.fetchAll(database, sql: "SELECT * FROM loss").map { row in
                guard let stream = Frames.Stream(row), let loss = StoredLoss(stream, row) else {
                    throw damaged("a loss in the store")
                }
                return loss
            }
        }
    }

    /// The union of what is known and what is declared, so that a declaration that comes twice says it once.
    static func add(_ loss: StoredLoss, _ database: Database) throws {
        let stream = loss.stream
        let key: StatementArguments = [
            stream.site.text, stream.agent.text, stream.install.description, Int64(bitPattern: stream.epoch),
            Int64(stream.priority.rawValue), Int64(loss.reason.rawValue),
        ]
        let select = try database.cachedStatement(
            sql: """
                SELECT * FROM loss WHERE site = ? AND agent = ? AND install = ? AND epoch = ? AND class = ? AND reason = ?
                """)
        var all = loss
        if let known = try Row.fetchOne(select, arguments: key).flatMap({ StoredLoss(stream, $0) }) {
            all.frames.formUnion(known.frames)
            all.samples.formUnion(known.samples)
        }
        try database.cachedStatement(sql: "INSERT OR REPLACE INTO loss VALUES (?, ?, ?, ?, ?, ?, ?, ?)")
            .execute(arguments: key + [all.frames.stored, all.samples.stored])
    }
}

extension StoredLoss {
    fileprivate init?(_ stream: Frames.Stream, _ row: Row) {
        guard let reason = UInt8(exactly: row["reason"] as Int64).flatMap({ LossReason(rawValue: $0) }),
            let frames = IntervalSet(stored: row["frames"]), let samples = IntervalSet(stored: row["samples"])
        else { return nil }
        self.init(stream, reason, frames: frames, samples: samples)
    }
}
