package import Telemetry

/// What the archive knows of redaction at one start of an agent.
package struct EdgeStart: Hashable, Sendable {
    package let site: Identifier
    package let agent: Identifier
    package let install: UUIDBytes
    package let epoch: UInt64
    /// What it put on record; empty for a start that redacted nothing, or that said so in no way that this version understands.
    package var records: [RedactionRecord]
    /// What it put on record of consent.
    package var consents: [ConsentRecord]
    /// Names of the series that it has defined.
    package var series: Set<String>

    package init(
        site: Identifier, agent: Identifier, install: UUIDBytes, epoch: UInt64, records: [RedactionRecord] = [],
        consents: [ConsentRecord] = [], series: Set<String> = []
    ) {
        self.site = site
        self.agent = agent
        self.install = install
        self.epoch = epoch
        self.records = records
        self.consents = consents
        self.series = series
    }

    /// Whether all that it took in of such series and events went through a rule that asks for consent, or that drops them. A start that has none
    /// of them must show it too: events need no definition, and some may be in frames that are not here.
    func hasAsked(for pattern: SeriesPattern, by tag: String?) -> Bool {
        let isAsked = !consents.isEmpty && consents.allSatisfy { $0.covers(pattern, tag: tag) }
        return isAsked || hasApplied(.drop, to: pattern)
    }

    var name: String { "\(site)/\(agent)" }

    /// Whether all that it took in went through a rule that leaves no more of such series than `action` does.
    func hasApplied(_ action: RedactionAction, to pattern: SeriesPattern) -> Bool {
        !records.isEmpty && records.allSatisfy { $0.covers(pattern, action) }
    }
}
