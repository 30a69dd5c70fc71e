package import Configuration
package import Telemetry

/// Who may see what, for how long, and what must never leave the box.
package struct Governance: Hashable, Sendable {
    package enum Classification: String, Hashable, Sendable, CaseIterable {
        case `public`
        case `internal`
        /// The data are about people: consent and retention must be stated.
        case personal
    }

    package struct Redaction: Hashable, Sendable {
        package let series: SeriesPattern
        package let action: RedactionAction
    }

    /// What people must have agreed to.
    package struct Consent: Hashable, Sendable {
        package let isRequired: Bool
        /// Series and events that a box may keep only under a rule of consent, which the archive must show; none where consent is had on paper,
        /// outside of what can be shown here.
        package let series: [SeriesPattern]
        /// The key of the tag that must name who consents; nil where any rule of consent will do.
        package let by: String?
        /// The least share of a run's time under consent, for each series that the definition judges by, for the run to count. 0: any.
        package let atLeast: Double

        /// What holds for a definition that does not say.
        package init() {
            isRequired = false
            series = []
            by = nil
            atLeast = 0
        }
    }

    /// Who may see something, from fewest to most.
    package enum Audience: String, Hashable, Sendable, CaseIterable {
        case none
        case partner
        case `public`

        /// Whether what this audience may see may be handed to `reader`. Nobody outside, `none`, is the owner, who may see all.
        package func admits(_ reader: Audience) -> Bool {
            switch reader {
            case .none: true
            case .partner: self != .none
            case .public: self == .public
            }
        }
    }

    /// What may be shared with different readers.
    package enum Tier: String, Hashable, Sendable, CaseIterable {
        /// Verdict and numbers over many runs.
        case summary
        /// Values over time, or of single runs as tables.
        case series
        /// What sensors gave, to the sample.
        case raw
    }

    /// Who may see each tier; `none` where the definition does not say.
    package struct Sharing: Hashable, Sendable {
        package let summary: Audience
        package let series: Audience
        package let raw: Audience

        package subscript(tier: Tier) -> Audience {
            switch tier {
            case .summary: summary
            case .series: series
            case .raw: raw
            }
        }
    }

    package let classification: Classification
    package let consent: Consent
    /// The longest time that data may be kept, nanoseconds, a day or more; nil: as long as the archive keeps them.
    package let retention: Int64?
    package let redactions: [Redaction]
    package let share: Sharing
    /// The least number of runs that a shared number may stand for; 1 where the definition does not say.
    package let smallestCell: Int

    /// What holds for a definition that does not say: internal, shared with nobody.
    package init() {
        classification = .internal
        consent = Consent()
        retention = nil
        redactions = []
        share = Sharing(summary: .none, series: .none, raw: .none)
        smallestCell = 1
    }
}

extension Governance: ConfigurationDecodable {
    package init(from reader: inout MappingReader) {
        let `default` = Governance()
        classification = reader.value("classification", as: .enumeration, default: `default`.classification)
        consent = reader.value("consent", as: .mapping, default: `default`.consent)
        // An archive that let go sooner would take what an agent that was away sends at once.
        retention = reader.optional("retention", as: .nanoseconds(in: 86_400_000_000_000...))
        redactions = reader.value("redact", as: .sequence(of: .mapping), default: [])
        share = reader.value("share", as: .mapping, default: `default`.share)
        smallestCell = reader.value("smallest-cell", as: .integer(in: 1...), default: `default`.smallestCell)
        guard classification == .personal else { return }
        for key in ["consent", "retention"] where !reader.contains(key) {
            reader.report("data are classified as personal, so '\(key)' must be stated; add it", key: key)
        }
    }
}

extension Governance.Redaction: ConfigurationDecodable {
    package init(from reader: inout MappingReader) {
        series = reader.required("series", as: .seriesPattern)
        action = reader.required("action", as: .enumeration)
    }
}

extension Governance.Sharing: ConfigurationDecodable {
    package init(from reader: inout MappingReader) {
        summary = reader.value("summary", as: .enumeration, default: .none)
        series = reader.value("series", as: .enumeration, default: .none)
        raw = reader.value("raw", as: .enumeration, default: .none)
    }
}

extension Governance.Consent: ConfigurationDecodable {
    package init(from reader: inout MappingReader) {
        isRequired = reader.required("required", as: .bool)
        series = reader.value("series", as: .sequence(of: .seriesPattern, count: 1...), default: [])
        by = reader.optional("by", as: .nonEmptyString)
        atLeast = reader.value("at-least", as: .ratio, default: 0)
        if !isRequired, reader.contains("series") {
            reader.report(
                "no consent is required, so nothing has to be shown of it; say 'required: true'", key: "series")
        }
        for key in ["by", "at-least"] where reader.contains(key) && !reader.contains("series") {
            reader.report("says how 'series' are to be had under consent; name them", key: key)
        }
    }
}

extension ValueFormat where Value == SeriesPattern {
    fileprivate static var seriesPattern: ValueFormat {
        .parsing(.string, "a series name such as 'person.*'", placeholder: .any) { text throws(InvalidValue) in
            guard let pattern = SeriesPattern(text) else { throw InvalidValue("must be \(SeriesPattern.rule)") }
            return pattern
        }
    }
}
