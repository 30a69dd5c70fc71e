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
    package let isConsentRequired: Bool
    /// How long data are kept, nanoseconds; nil: as long as the archive keeps them.
    package let retention: Int64?
    package let redactions: [Redaction]
    package let share: Sharing
    /// The least number of runs that a shared number may stand for; 1 where the definition does not say.
    package let smallestCell: Int

    /// What holds for a definition that does not say: internal, shared with nobody.
    package init() {
        classification = .internal
        isConsentRequired = false
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
        isConsentRequired = reader.value("consent", as: .consent, default: false)
        retention = reader.optional("retention", as: .nanoseconds(in: 1...))
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

extension ValueFormat where Value == Bool {
    /// `{required: false}`.
    fileprivate static var consent: ValueFormat {
        .mapping { $0.required("required", as: .bool) }
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
