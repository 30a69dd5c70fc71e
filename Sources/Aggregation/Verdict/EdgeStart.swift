package import Telemetry

/// What the archive knows of redaction at one start of an agent.
package struct EdgeStart: Hashable, Sendable {
    package let site: Identifier
    package let agent: Identifier
    package let install: UUIDBytes
    package let epoch: UInt64
    /// What it put on record; empty for a start that redacted nothing, or that said so in no way that this version understands.
    package var records: [RedactionRecord]
    /// Names of the series that it has defined.
    package var series: Set<String>

    package init(
        site: Identifier, agent: Identifier, install: UUIDBytes, epoch: UInt64, records: [RedactionRecord] = [],
        series: Set<String> = []
    ) {
        self.site = site
        self.agent = agent
        self.install = install
        self.epoch = epoch
        self.records = records
        self.series = series
    }

    var name: String { "\(site)/\(agent)" }

    /// Whether all that it took in went through a rule that leaves no more of such series than `action` does.
    func hasApplied(_ action: RedactionAction, to pattern: SeriesPattern) -> Bool {
        !records.isEmpty && records.allSatisfy { $0.covers(pattern, action) }
    }
}
