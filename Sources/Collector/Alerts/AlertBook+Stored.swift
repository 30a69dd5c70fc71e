import JSON
import Scenarios
import Storage
import Telemetry

/// How a store keeps what was told: a row for each cause, and one under the empty cause for the digest.
extension AlertBook {
    static func stored(_ rows: [StoredAlert]) -> [Identifier: AlertBook] {
        Dictionary(grouping: rows, by: \.scenario).reduce(into: [:]) { books, scenario in
            var digest: String?
            var entries: [Alert.Cause: Entry] = [:]
            for row in scenario.value {
                if row.cause.isEmpty {
                    digest = row.state
                } else if let cause = Alert.Cause(key: row.cause, of: row.scenario),
                    let entry = row.state.flatMap(Entry.init(stored:))
                {
                    entries[cause] = entry
                }
            }
            books[scenario.key] = AlertBook(scenario.key, digest: digest, entries: entries)
        }
    }

    /// What the store lacks.
    var changes: [StoredAlert] {
        var rows = changed.sorted().map { StoredAlert(scenario, cause: $0.key, state: entries[$0]?.stored) }
        if isDigestChanged { rows.append(StoredAlert(scenario, cause: "", state: digest)) }
        return rows
    }
}

extension AlertBook.Entry {
    fileprivate var stored: String {
        var object = JSONObject()
        object["raised"] = raised.map { raised in
            var alert = JSONObject()
            alert["id"] = .string(raised.id)
            alert["since"] = .integer(raised.since.nanoseconds)
            alert["severity"] = .string(raised.severity.rawValue)
            alert["subject"] = raised.subject.map { .string($0) }
            return .object(alert)
        }
        object["told"] = .integer(Int64(told))
        object["unsent"] = .array(unsent.map { .string(String(decoding: $0, as: UTF8.self)) })
        return String(decoding: JSONValue.object(object).compact(), as: UTF8.self)
    }

    /// Nil for what this program has not written.
    fileprivate init?(stored text: String) {
        guard let value = try? JSONParser.parse(text), let told = value["told"]?.int64.flatMap({ Int(exactly: $0) }),
            let unsent = value["unsent"]?.array
        else { return nil }
        self.init(
            raised: value["raised"].flatMap(AlertBook.Raised.init(stored:)), told: told,
            unsent: unsent.compactMap { $0.string.map { Array($0.utf8) } })
    }
}

extension AlertBook.Raised {
    fileprivate init?(stored value: JSONValue) {
        guard let id = value["id"]?.string, let since = value["since"]?.int64,
            let severity = value["severity"]?.string.flatMap({ SafetyRule.Severity(rawValue: $0) })
        else { return nil }
        self.init(
            id: id, since: Timestamp(nanoseconds: since), severity: severity, subject: value["subject"]?.string)
    }
}
