package import JSON
import Scenarios

extension SummaryComparison {
    /// The comparison for programs, `fieldproof/comparison/v1`; what cannot be told is null.
    package var json: JSONValue {
        [
            "schema": .string("fieldproof/comparison/v1"),
            "scenario": .string(scenario),
            "confidence": .orNull(confidence),
            "cautions": .array(cautions.map { .string($0.rawValue) }),
            "criteria": .array(criteria.map(\.json)),
            "unmatched": .array(unmatched.map(JSONValue.string)),
        ]
    }
}

extension CriterionComparison {
    fileprivate var json: JSONValue {
        [
            "id": .string(id),
            "statistic": .string(statistic),
            "comparator": .string(comparator.rawValue),
            "unit": .string(unit),
            "baseline": baseline.json,
            "candidate": candidate.json,
            "measure": .string(measure.rawValue),
            "method": .orNull(method?.rawValue),
            "estimate": .orNull(estimate),
            "lower": .orNull(lower),
            "upper": .orNull(upper),
            "finding": .string(finding.rawValue),
            "note": .orNull(note?.en),
        ]
    }
}

extension CriterionComparison.Side {
    fileprivate var json: JSONValue {
        [
            "estimate": .orNull(estimate), "n": .count(n), "missing": .count(missing), "verdict": .verdict(verdict),
        ]
    }
}
