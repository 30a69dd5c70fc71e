package import Scenarios
import Telemetry

/// What a scenario needs before the first run, and what it still needs after some.
///
/// Pure: a function of the definition, of what is assumed, and of what a summary says so far.
package struct ScenarioPlan: Hashable, Sendable {
    /// What a plan rests on besides the definition.
    package struct Assumptions: Hashable, Sendable {
        /// How likely a subject as good as assumed is to pass, 0 < power < 1.
        package var power = 0.8
        /// How long a run takes, seconds; nil: as the runs so far, else at most the definition's timeout.
        package var runTime: Double?
        /// The true share, rate or time between events that is assumed of a criterion, by its id, in the unit of its threshold.
        package var truths: [String: Double] = [:]

        package init() {}
    }

    package let scenario: String
    package let version: String
    /// In the definition's order.
    package let criteria: [CriterionPlan]
    /// The fewest runs after which every criterion can have passed, all sites together; nil where none can be told.
    package let fewestRuns: Int?
    /// The same for the assumed subject, with the power of the assumptions for each criterion by itself; for all of them together it is
    /// less.
    package let poweredRuns: Int?
    package let power: Double
    /// Seconds a run; nil where nothing is known of it.
    package let runTime: RunTime?
    package let sites: Int

    /// How long a run takes, and how that is known.
    package struct RunTime: Hashable, Sendable {
        package enum Source: String, Hashable, Sendable {
            case given
            /// The mean of the counted runs.
            case observed
            /// The timeout: the most that a run can take.
            case timeout
        }

        /// Seconds.
        package let seconds: Double
        package let source: Source
    }

    /// - Throws: ``AggregationError/Code/invalidStatistic`` for an assumption outside the domain of a statistic, with the criterion.
    package init(
        _ definition: ScenarioDefinition, _ assumptions: Assumptions = Assumptions(), summary: Summary? = nil
    ) throws(AggregationError) {
        scenario = definition.id.text
        version = "\(definition.version)"
        power = assumptions.power
        runTime = RunTime(definition, assumptions, summary)
        sites = max(definition.sites.count, 1)
        var plans: [CriterionPlan] = []
        for criterion in definition.criteria where !criterion.isDescriptive {
            let planning = CriterionPlanning(
                criterion: criterion, assumptions: assumptions, runTime: runTime?.seconds,
                places: criterion.isBySite ? sites : 1, found: summary?.criteria.first { $0.id == criterion.id },
                values: summary?.values(of: criterion.id) ?? [],
                resolution: criterion.statistic.observation.flatMap(definition.resolution(of:)))
            plans.append(try planning.plan())
        }
        criteria = plans
        fewestRuns = Self.most(plans.map(\.fewestRuns))
        poweredRuns = Self.most(plans.map { $0.powered?.runs })
    }

    /// The greatest; nil when one is not known.
    private static func most(_ runs: [Int?]) -> Int? {
        runs.contains(nil) ? nil : runs.compactMap(\.self).max()
    }
}

extension ScenarioPlan.RunTime {
    fileprivate init?(_ definition: ScenarioDefinition, _ assumptions: ScenarioPlan.Assumptions, _ summary: Summary?) {
        if let given = assumptions.runTime {
            self.init(seconds: given, source: .given)
        } else if let mean = summary?.meanRunTime {
            self.init(seconds: mean, source: .observed)
        } else if let timeout = definition.runs.timeout {
            self.init(seconds: Double(timeout) / 1e9, source: .timeout)
        } else {
            return nil
        }
    }
}

extension Summary {
    /// Of the counted runs that have a length, seconds.
    fileprivate var meanRunTime: Double? {
        let lengths = ledger.compactMap { entry -> Double? in
            guard entry.excluded == nil, let start = entry.start, let stop = entry.stop, stop > start else {
                return nil
            }
            return Double(stop.nanoseconds(since: start)) / 1e9
        }
        return lengths.isEmpty ? nil : lengths.reduce(0, +) / Double(lengths.count)
    }

    /// What the counted runs gave to a criterion.
    func values(of criterion: String) -> [Double] {
        ledger.filter { $0.excluded == nil }.flatMap { entry in
            entry.values.filter { $0.criterion == criterion }.map(\.value)
        }
    }
}

extension Criterion {
    /// Whether every site must hold it by itself.
    fileprivate var isBySite: Bool { grouping == .bySite(.all) }
}
