import Scenarios
package import Telemetry

/// What the rules of a definition find in one frame of a stream, or in several in a row: a value that two of can be joined into one.
///
/// It is what is kept of frames so that runs can be recognised at any time: it grows with how often a condition begins to hold, not with
/// samples. See <doc:RulePartFormat>.
package struct RulePart: Hashable, Sendable, Mergeable {
    /// One series that rules look at.
    struct Source: Hashable, Sendable {
        /// In the dictionary of the stream's start.
        let series: SeriesID
        /// Name and tags, and the unit that its samples have.
        let key: String
        let unit: String
        let subject: SubjectKey
        /// By condition of the plan; nil for one that does not look at the series.
        var conditions: [ConditionTrace?]
        /// Nil where it tells no outcomes.
        var statements: StatementTrace?

        mutating func merge(_ later: Source) {
            for index in conditions.indices {
                if let other = later.conditions[index] { conditions[index]?.merge(other) }
            }
            if let other = later.statements { statements?.merge(other) }
        }
    }

    /// Ascending by series.
    var sources: [Source] = []
    /// Series that samples came of before it was told what they are, ascending.
    package internal(set) var unknown: [SeriesID] = []

    package init() {}

    package mutating func merge(_ later: RulePart) {
        if !later.unknown.isEmpty { unknown = Set(unknown + later.unknown).sorted() }
        for source in later.sources { merge(source) }
    }

    mutating func merge(_ source: Source) {
        let place = sources.firstIndex { $0.series >= source.series } ?? sources.count
        if place < sources.count, sources[place].series == source.series {
            sources[place].merge(source)
        } else {
            sources.insert(source, at: place)
        }
    }

    /// Whether the dictionary of the stream's start is the one by which this was found.
    package func isFound(by series: [SeriesID: Series]) -> Bool {
        unknown.allSatisfy { series[$0] == nil }
            && sources.allSatisfy { series[$0.series]?.key == $0.key && series[$0.series]?.unit.code == $0.unit }
    }
}
