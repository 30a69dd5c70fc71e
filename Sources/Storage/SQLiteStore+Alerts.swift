import Foundation
import GRDB
import Telemetry

extension SQLiteStore {
    package func alerts() throws(StoreError) -> [StoredAlert] {
        try read { database in
            try Row.fetchAll(database, sql: "SELECT scenario, cause, state FROM alert").map { row in
                guard let scenario = Identifier(row["scenario"] as String) else {
                    throw damaged("an alert in the store")
                }
                return StoredAlert(
                    scenario, cause: String(decoding: row["cause"] as Data, as: UTF8.self), state: row["state"])
            }
        }
    }

    package func save(_ alerts: [StoredAlert]) throws(StoreError) {
        try write { database in
            let insert = try database.cachedStatement(sql: "INSERT OR REPLACE INTO alert VALUES (?, ?, ?)")
            let delete = try database.cachedStatement(sql: "DELETE FROM alert WHERE scenario = ? AND cause = ?")
            for alert in alerts {
                if let state = alert.state {
                    try insert.execute(arguments: [alert.scenario.text, Data(alert.cause.utf8), state])
                } else {
                    try delete.execute(arguments: [alert.scenario.text, Data(alert.cause.utf8)])
                }
            }
        }
    }
}
