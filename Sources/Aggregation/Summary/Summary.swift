package import Scenarios
package import Telemetry

/// The evidence for one scenario over a period: a plain value, of which every report is a view.
///
/// `json` is its normative form, `fieldproof/summary/v1`; the JSON Schema lies beside this module's documentation.
package struct Summary: Hashable, Sendable {
    /// The value of `schema` in every summary of this version.
    package static let schema = "fieldproof/summary/v1"

    package var scenario: Scenario
    package var verdict: Verdict
    /// One plain sentence that names what decided.
    package var reason: Text
    /// Whether runs are still open or more are planned, so that the verdict may change.
    package var isInterim: Bool
    package var period: Period
    package var runs: Runs
    /// In the definition's order, as are ``safety`` and ``metrics``.
    package var criteria: [Criterion]
    package var safety: [Safety]
    package var completeness: Completeness
    package var metrics: [Metric]
    /// Every run, by start, site and id.
    package var ledger: [LedgerEntry]
    package var governance: Governance
    package var reproduction: Reproduction

    package init(
        scenario: Scenario, verdict: Verdict, reason: Text, isInterim: Bool, period: Period, runs: Runs,
        criteria: [Criterion], safety: [Safety], completeness: Completeness, metrics: [Metric], ledger: [LedgerEntry],
        governance: Governance, reproduction: Reproduction
    ) {
        self.scenario = scenario
        self.verdict = verdict
        self.reason = reason
        self.isInterim = isInterim
        self.period = period
        self.runs = runs
        self.criteria = criteria
        self.safety = safety
        self.completeness = completeness
        self.metrics = metrics
        self.ledger = ledger
        self.governance = governance
        self.reproduction = reproduction
    }

    /// A text that this program wrote, in the languages it speaks.
    package struct Text: Hashable, Sendable {
        package var en: String
        package var zh: String

        package init(en: String, zh: String) {
            self.en = en
            self.zh = zh
        }

        /// The text for a reader of `language` (BCP 47): Chinese for `zh` and its variants, else English.
        package subscript(_ language: String) -> String {
            language == "zh" || language.hasPrefix("zh-") ? zh : en
        }
    }

    /// Which definition was judged.
    package struct Scenario: Hashable, Sendable {
        package var id: Identifier
        package var version: String
        /// `sha256:` and 64 hexadecimal digits: the hash of the definition's canonical JSON.
        package var digest: String
        /// The digest that was in force when the first run started; nil before the first run.
        package var registered: String?
        /// What was changed since then; empty where nothing was, or where it is not known.
        package var changes: [DefinitionChange] = []
        /// In the order of the definition; at least one.
        package var title: [Title]
        package var setting: Setting

        package struct Title: Hashable, Sendable {
            /// A BCP 47 tag; `und` where the definition does not say.
            package var language: String
            package var text: String

            package init(language: String, text: String) {
                self.language = language
                self.text = text
            }
        }

        package init(
            id: Identifier, version: String, digest: String, registered: String?, title: [Title], setting: Setting
        ) {
            self.id = id
            self.version = version
            self.digest = digest
            self.registered = registered
            self.title = title
            self.setting = setting
        }

        /// Whether the definition is another one than that under which the first run started.
        package var isChangedSinceFirstRun: Bool { registered != nil && registered != digest }

        /// The title for a reader of `language`: in it, else in its primary language, else in English, else the first.
        package func title(in language: String) -> String {
            let wanted = [language, String(language.prefix { $0 != "-" }), "en"]
            let found = wanted.lazy.compactMap { tag in title.first { $0.language == tag } }.first
            return (found ?? title.first)?.text ?? ""
        }
    }

    /// What time the summary speaks about.
    package struct Period: Hashable, Sendable {
        package var from: Timestamp
        package var to: Timestamp

        package init(from: Timestamp, to: Timestamp) {
            self.from = from
            self.to = to
        }
    }

    /// How many runs there were, and how they ended.
    package struct Runs: Hashable, Sendable {
        /// = counted + excluded. Like every count of a summary nil only where it is not shared with its readers.
        package var total: Int?
        package var counted: Int?
        package var excluded: Int?
        /// Of all runs: the definition's outcomes in its order, zeros too; then words it does not know, sorted.
        package var outcomes: [Outcome]

        package struct Outcome: Hashable, Sendable {
            package var outcome: String
            package var count: Int?

            package init(outcome: String, count: Int?) {
                self.outcome = outcome
                self.count = count
            }
        }

        package init(total: Int?, counted: Int?, excluded: Int?, outcomes: [Outcome]) {
            self.total = total
            self.counted = counted
            self.excluded = excluded
            self.outcomes = outcomes
        }
    }
}
