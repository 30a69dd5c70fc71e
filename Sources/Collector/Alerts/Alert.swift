package import JSON
package import Scenarios
package import Telemetry

/// Why somebody should look at a scenario now: told once when it begins, and once when it ends.
///
/// The message is `fieldproof/alert/v1`; see <doc:Alerts>.
package struct Alert: Hashable, Sendable {
    /// The value of `schema` in every alert of this version.
    package static let schema = "fieldproof/alert/v1"

    package enum Kind: String, Hashable, Sendable, CaseIterable {
        /// A safety rule over events or a level is breached.
        case safety
        /// The budget of a safety rule is used up too fast.
        case burn
        /// An agent of a site with a run that goes on is not heard.
        case silentAgent = "silent-agent"
        /// A series of a run that goes on has stopped.
        case silentSeries = "silent-series"
        /// A run that goes on is less complete than its definition asks for.
        case completeness

        /// Whether what is over must be remembered, so that data that come late do not tell it again. Of the others the next one is another.
        var isRemembered: Bool { self == .safety || self == .burn }
    }

    package enum State: String, Hashable, Sendable {
        case raised
        case cleared
    }

    /// What an alert is about: of two alerts with one cause, one has ended before the other began.
    package struct Cause: Hashable, Sendable {
        package var scenario: Identifier
        package var kind: Kind
        /// The id of the safety rule; the id of the metric that is silent; `silent-agent`; the rule on completeness, see `RunShortfall`.
        package var rule: String
        /// Nil for a burn rate, which is of all sites.
        package var site: Identifier?
        package var run: Identifier?
        /// The agent, or the series with its agent; nil where there is none.
        package var source: String?

        package init(
            _ kind: Kind, _ rule: String, of scenario: Identifier, site: Identifier? = nil, run: Identifier? = nil,
            source: String? = nil
        ) {
            (self.kind, self.rule, self.scenario) = (kind, rule, scenario)
            (self.site, self.run, self.source) = (site, run, source)
        }
    }

    /// What is known of a cause at one moment.
    package struct Fact: Hashable, Sendable {
        package enum Standing: Hashable, Sendable {
            case ongoing
            case over
            /// Nobody can say now: what was told stands.
            case unknown
        }

        package var cause: Cause
        package var standing: Standing
        /// How often there was cause so far; 0 for what is over and need not be told afterwards.
        package var count: Int
        /// When it began.
        package var since: Timestamp
        package var severity: SafetyRule.Severity
        package var subject: String?
        package var value: Double?
        package var limit: Double?
        package var unit: String?
        package var text: Text

        package init(
            _ cause: Cause, _ standing: Standing, count: Int = 1, since: Timestamp, _ severity: SafetyRule.Severity,
            text: Text
        ) {
            (self.cause, self.standing, self.count, self.since) = (cause, standing, count, since)
            (self.severity, self.text) = (severity, text)
        }
    }

    /// One sentence for each reader, when it begins and when it ends.
    package struct Text: Hashable, Sendable {
        package var raised: (en: String, zh: String) { (raisedEnglish, raisedChinese) }
        package var cleared: (en: String, zh: String) { (clearedEnglish, clearedChinese) }
        private let raisedEnglish, raisedChinese, clearedEnglish, clearedChinese: String

        package init(raised: (en: String, zh: String), cleared: (en: String, zh: String)) {
            (raisedEnglish, raisedChinese) = raised
            (clearedEnglish, clearedChinese) = cleared
        }
    }

    /// The same in both messages of one alert, and in no other's.
    package let id: String
    package let state: State
    /// When the collector found it so.
    package let at: Timestamp
    package let fact: Fact

    package init(_ id: String, _ state: State, _ fact: Fact, at time: Timestamp) {
        (self.id, self.state, self.fact, at) = (id, state, fact, time)
    }

    /// The message. What does not apply is left out.
    package var json: JSONValue {
        var object = JSONObject()
        object["schema"] = .string(Self.schema)
        object["id"] = .string(id)
        object["scenario"] = .string(fact.cause.scenario.text)
        object["site"] = fact.cause.site.map { .string($0.text) }
        object["run"] = fact.cause.run.map { .string($0.text) }
        object["subject"] = fact.subject.map { .string($0) }
        object["kind"] = .string(fact.cause.kind.rawValue)
        object["rule"] = .string(fact.cause.rule)
        object["source"] = fact.cause.source.map { .string($0) }
        object["severity"] = .string(fact.severity.rawValue)
        object["state"] = .string(state.rawValue)
        object["since"] = .string("\(fact.since)")
        object["at"] = .string("\(at)")
        let text = state == .raised ? fact.text.raised : fact.text.cleared
        object["text_en"] = .string(text.en)
        object["text_zh"] = .string(text.zh)
        object["value"] = fact.value.flatMap { $0.isFinite ? .double($0) : nil }
        object["limit"] = fact.limit.flatMap { $0.isFinite ? .double($0) : nil }
        object["unit"] = fact.unit.map { .string($0) }
        object["count"] = .integer(Int64(fact.count))
        return .object(object)
    }
}
