package import Scenarios
package import Telemetry

/// How long an archive keeps frames, of what its settings say and what the definitions allow.
///
/// A definition's `retention` is the longest time that data of its scenario may be kept. Frames of all scenarios lie in the same segments and go with
/// them, so the shortest limit holds for all.
package struct RetentionPlan: Hashable, Sendable {
    /// Who says how long.
    package struct Limit: Hashable, Sendable {
        package let scenario: Identifier
        /// Nanoseconds; nil for as long as the archive likes.
        package let age: Int64?
    }

    /// What the settings say.
    package let archive: ArchiveRetention
    /// Of every definition, sorted by scenario.
    package let limits: [Limit]

    package init(_ archive: ArchiveRetention, _ definitions: [ScenarioDefinition]) {
        self.archive = archive
        limits = definitions.map { Limit(scenario: $0.id, age: $0.governance.retention) }
            .sorted { $0.scenario < $1.scenario }
    }

    /// What holds: the shortest.
    package var effective: ArchiveRetention {
        ArchiveRetention(age: (limits.compactMap(\.age) + [archive.age].compactMap(\.self)).min(), size: archive.size)
    }

    /// What whoever keeps the archive should know, one sentence each.
    package var warnings: [String] {
        guard let age = effective.age else { return [] }
        var warnings: [String] = []
        let kept = Self.text(age)
        func list(_ limits: [Limit]) -> String { limits.map(\.scenario.text).joined(separator: ", ") }
        if age < archive.age ?? .max {
            let shortest = limits.filter { $0.age == age }
            let instead = archive.age.map { "not for \(Self.text($0)), as 'archive: retention' does" } ?? "not for ever"
            warnings.append(
                "frames are kept for \(kept), as the retention of \(list(shortest)) says, and \(instead)")
            let others = limits.filter { $0.age != age }
            if !others.isEmpty {
                warnings.append(
                    "frames of \(list(others)) go with them after \(kept), for in the archive the data of all scenarios lie together; give "
                        + "scenarios that are to be kept for longer a collector and an archive of their own")
            }
        } else {
            for limit in limits {
                guard let allowed = limit.age, allowed > age else { continue }
                warnings.append(
                    "frames of \(limit.scenario) may be kept for \(Self.text(allowed)) and are for \(kept), as 'archive: retention' says; "
                        + "nobody can compute older runs again")
            }
        }
        return warnings
    }

    /// `30d`, `36h`, `90s`.
    static func text(_ nanoseconds: Int64) -> String {
        for (unit, length) in [("d", Int64(86_400_000_000_000)), ("h", 3_600_000_000_000), ("s", 1_000_000_000)]
        where nanoseconds.isMultiple(of: length) {
            return "\(nanoseconds / length)\(unit)"
        }
        return "\(nanoseconds)ns"
    }
}
