package import JSON
import Scenarios

extension ScenarioPlan {
    /// The plan for programs, `fieldproof/plan/v1`; what cannot be told is null.
    package var json: JSONValue {
        [
            "schema": .string("fieldproof/plan/v1"),
            "scenario": ["id": .string(scenario), "version": .string(version)],
            "sites": .count(sites),
            "power": .orNull(power),
            "run_time_s": .orNull(runTime?.seconds),
            "run_time_source": .orNull(runTime?.source.rawValue),
            "fewest_runs": .orNull(fewestRuns),
            "powered_runs": .orNull(poweredRuns),
            "criteria": .array(criteria.map(\.json)),
        ]
    }
}

extension CriterionPlan {
    fileprivate var json: JSONValue {
        [
            "id": .string(id),
            "statistic": .string(statistic),
            "comparator": .string(comparator.rawValue),
            "threshold": .orNull(threshold),
            "unit": .string(unit),
            "confidence": .orNull(confidence),
            "places": .count(places),
            "fewest": fewest?.json ?? .null,
            "powered": powered?.json ?? .null,
            "allowances": .array(
                allowances.map { ["misses": .count($0.misses), "runs": .count($0.runs)] }),
            "note": .orNull(note?.en),
            "found": found.map {
                ["n": .count($0.n), "verdict": .verdict($0.verdict), "more_runs": .orNull($0.moreRuns)]
            } ?? .null,
        ]
    }
}

extension CriterionPlan.Need {
    fileprivate var json: JSONValue {
        ["runs": .orNull(runs), "run_time_s": .orNull(exposure), "assumption": .string(assumption.en)]
    }
}
