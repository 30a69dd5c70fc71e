package import JSON
import Scenarios
import Telemetry

/// The JSON form. Members stand in the order in which they are written here; every member is always present but for `trace`, `changes`, `extent`,
/// `selection`, `expired_runs`, `retired_runs`, `consent` with `by`, `without_consent_s`, `silent_since`,
/// `proven_through`, and of consent and redaction `applied`, `lacking` and `breaches`, which most summaries have no use for.
extension Summary {
    /// The summary as `fieldproof/summary/v1`. Numbers that cannot be stated are null, so there is no NaN.
    package var json: JSONValue {
        [
            "schema": .string(Summary.schema),
            "scenario": scenario.json,
            "verdict": .string(verdict.rawValue),
            "reason": .string(reason.en),
            "reason_zh": .string(reason.zh),
            "interim": .bool(isInterim),
            "period": ["from": .time(period.from), "to": .time(period.to)],
            "runs": runs.json,
            "criteria": .array(criteria.map(\.json)),
            "safety": .array(safety.map(\.json)),
            "completeness": completeness.json,
            "metrics": .array(metrics.map(\.json)),
            "ledger": .array(ledger.map(\.json)),
            "governance": governance.json,
            "reproduction": reproduction.json,
        ]
    }
}

extension Summary.Reproduction {
    fileprivate var json: JSONValue {
        var members: [(key: String, value: JSONValue)] = [
            ("software", .string(software)), ("archive", .string(archive)),
            ("definitions", .array(definitions.map(JSONValue.string))),
        ]
        if let extent {
            members.append(("extent", ["events": .count(extent.events), "frames": .count(extent.frames)]))
        }
        if let selection {
            members.append(
                (
                    "selection",
                    [
                        "from": .orNull(selection.from?.description), "to": .orNull(selection.to?.description),
                        "site": .orNull(selection.site?.text), "subject": .orNull(selection.subject),
                    ]
                ))
        }
        if expiredRuns > 0 { members.append(("expired_runs", .integer(Int64(expiredRuns)))) }
        return .object(JSONObject(members))
    }
}

extension Summary.Text {
    fileprivate var json: JSONValue { ["en": .string(en), "zh": .string(zh)] }
}

extension Summary.Scenario {
    fileprivate var json: JSONValue {
        var members: [(key: String, value: JSONValue)] = [
            ("id", .string(id.text)),
            ("version", .string(version)),
            ("digest", .string(digest)),
            ("registered", .orNull(registered)),
            ("title", .object(JSONObject(title.map { (key: $0.language, value: .string($0.text)) }))),
            ("setting", .string(setting.rawValue)),
        ]
        if !changes.isEmpty {
            members.append(
                (
                    "changes",
                    .array(
                        changes.map {
                            ["path": .string($0.path), "before": .orNull($0.before), "after": .orNull($0.after)]
                        })
                ))
        }
        return .object(JSONObject(members))
    }
}

extension Summary.Runs {
    fileprivate var json: JSONValue {
        [
            "total": .orNull(total),
            "counted": .orNull(counted),
            "excluded": .orNull(excluded),
            "outcomes": .object(JSONObject(outcomes.map { (key: $0.outcome, value: .orNull($0.count)) })),
        ]
    }
}

extension Summary.Criterion {
    /// `resolution` and `obstacle` stand there where there are some.
    fileprivate var json: JSONValue {
        var members: JSONObject = [
            "id": .string(id),
            "label": label.json,
            "statistic": .string(statistic),
            "method": .string(method.rawValue),
            "estimate": .orNull(estimate),
            "lower": .orNull(lower),
            "upper": .orNull(upper),
            "confidence": .orNull(confidence),
            "bound": .orNull(bound?.rawValue),
            "comparator": .string(comparator.rawValue),
            "threshold": .orNull(threshold),
            "unit": .string(unit),
            "n": .orNull(n),
            "missing": .orNull(missing),
            "events": .orNull(events),
            "exposure_s": .orNull(exposure),
            "verdict": .verdict(verdict),
            "more_runs": .orNull(moreRuns),
        ]
        members["resolution"] = resolution.map { .orNull($0) }
        members["obstacle"] = obstacle.map { .string($0.rawValue) }
        members["site"] = .orNull(site?.text)
        members["note"] = .orNull(note)
        members["strata"] = .array(strata.map(\.json))
        return .object(members)
    }
}

extension Summary.Stratum {
    fileprivate var json: JSONValue {
        var members: JSONObject = [
            "site": .string(site.text),
            "estimate": .orNull(estimate),
            "lower": .orNull(lower),
            "upper": .orNull(upper),
            "n": .orNull(n),
            "missing": .orNull(missing),
            "events": .orNull(events),
            "exposure_s": .orNull(exposure),
            "verdict": .verdict(verdict),
            "more_runs": .orNull(moreRuns),
        ]
        members["resolution"] = resolution.map { .orNull($0) }
        members["obstacle"] = obstacle.map { .string($0.rawValue) }
        return .object(members)
    }
}

extension Summary.Safety {
    fileprivate var json: JSONValue {
        [
            "id": .string(id),
            "severity": .string(severity.rawValue),
            "condition": condition.json,
            "count": .orNull(count),
            "first": .orNull(first?.description),
            "verdict": .string(verdict.rawValue),
        ]
    }
}

extension Summary.Completeness {
    fileprivate var json: JSONValue {
        [
            "verdict": .string(verdict.rawValue),
            "accepted": isShared ? .count(accepted) : .null,
            "delivered": isShared ? .count(delivered) : .null,
            "lost": isShared ? .count(lost) : .null,
            "pending": isShared ? .count(pending) : .null,
            "duplicates": isShared ? .count(duplicates) : .null,
            "untimed": isShared ? .count(untimed) : .null,
            "unusable": isShared ? .count(unusable) : .null,
            "coverage": .orNull(coverage),
            "longest_gap_s": .orNull(longestGap),
            "clock_error_s": .orNull(clockError),
            "checks": .array(checks.map(\.json)),
            "streams": .array(streams.map(\.json)),
        ]
    }
}

extension Summary.Check {
    fileprivate var json: JSONValue {
        [
            "id": .string(id.rawValue),
            "value": .orNull(value),
            "limit": .orNull(limit),
            "unit": .string(unit),
            "holds": .bool(holds),
        ]
    }
}

extension Summary.StreamState {
    fileprivate var json: JSONValue {
        var members: [(key: String, value: JSONValue)] = [
            ("site", .string(site.text)), ("agent", .string(agent.text)), ("install", .string(install.description)),
            ("epoch", .count(epoch)), ("class", .string(priority.name)), ("through", .count(through)),
            ("missing", .array(missing.map { [.count($0.lowerBound), .count($0.upperBound)] })),
            ("declared_lost", .count(declaredLost)), ("uncounted_frames", .count(uncountedFrames)),
            ("time_known", .bool(isTimeKnown)), ("tail", .string(tail.rawValue)),
        ]
        if let silentSince { members.append(("silent_since", .time(silentSince))) }
        if let provenThrough { members.append(("proven_through", .time(provenThrough))) }
        return .object(JSONObject(members))
    }
}

extension Summary.Metric {
    fileprivate var json: JSONValue {
        var members: [(key: String, value: JSONValue)] = [
            ("id", .string(id)), ("unit", .string(unit)), ("count", .orNull(count)), ("refused", .orNull(refused)),
            ("mean", .orNull(mean)), ("stddev", .orNull(stddev)), ("min", .orNull(min)), ("max", .orNull(max)),
            ("p50", .orNull(p50)), ("p95", .orNull(p95)), ("p99", .orNull(p99)),
            ("relative_error", .orNull(relativeError)),
        ]
        if marked != 0 { members.append(("marked", .orNull(marked))) }
        if let trace { members.append(("trace", trace.json)) }
        return .object(JSONObject(members))
    }
}

extension Summary.LedgerEntry {
    fileprivate var json: JSONValue {
        [
            "run": .string(run.text),
            "site": .string(site.text),
            "subject": .orNull(subject),
            "start": .orNull(start?.description),
            "stop": .orNull(stop?.description),
            "outcome": .orNull(outcome),
            "failure_mode": .orNull(failureMode),
            "intervention": intervention.map(JSONValue.bool) ?? .null,
            "excluded": .orNull(excluded),
            "flags": .array(flags.map(JSONValue.string)),
            "values": .object(JSONObject(values.map { (key: $0.criterion, value: .orNull($0.value)) })),
            "completeness": completeness?.json ?? .null,
        ]
    }
}

extension Summary.RunCompleteness {
    fileprivate var json: JSONValue {
        var members: [(key: String, value: JSONValue)] = [
            ("delivered", .count(delivered)), ("lost", .count(lost)), ("missing", .count(missing)),
            ("missing_frames", .count(missingFrames)), ("coverage", .orNull(coverage)),
            ("longest_gap_s", .orNull(longestGap)), ("clock_error_s", .orNull(clockError)),
            ("broken", .array(broken.map { .string($0.rawValue) })),
        ]
        if let withoutConsent { members.append(("without_consent_s", .orNull(withoutConsent))) }
        return .object(JSONObject(members))
    }
}

extension Summary.Governance {
    fileprivate var json: JSONValue {
        var members: [(key: String, value: JSONValue)] = [
            ("classification", .string(classification.rawValue)),
            ("consent_required", .bool(isConsentRequired)),
            ("retention_s", .orNull(retention)),
            ("redact", .array(redactions.map(\.json))),
        ]
        if retiredRuns > 0 { members.append(("retired_runs", .integer(Int64(retiredRuns)))) }
        if let consent { members.append(("consent", consent.json)) }
        members += [
            (
                "share",
                [
                    "summary": .string(share.summary.rawValue), "series": .string(share.series.rawValue),
                    "raw": .string(share.raw.rawValue),
                ]
            ),
            ("smallest_cell", .count(smallestCell)),
        ]
        if let sharing {
            members.append(("shared_with", .string(sharing.audience.rawValue)))
            members.append(("suppressed", .array(sharing.suppressed.map(JSONValue.string))))
        }
        return .object(JSONObject(members))
    }
}

extension Summary.Governance.Consent {
    fileprivate var json: JSONValue {
        var members: [(key: String, value: JSONValue)] = [("series", .array(series.map(JSONValue.string)))]
        if let by { members.append(("by", .string(by))) }
        if let isApplied { members.append(("applied", .bool(isApplied))) }
        if !lacking.isEmpty { members.append(("lacking", .array(lacking.map(JSONValue.string)))) }
        members += [
            ("runs_without", .orNull(runsWithout)), ("runs_partly", .orNull(runsPartly)),
            ("time_without_s", .orNull(timeWithout)), ("grants", .orNull(grants)),
            ("withdrawals", .orNull(withdrawals)), ("held_back", suppressed.map { .count($0) } ?? .null),
        ]
        return .object(JSONObject(members))
    }
}

extension Summary.Governance.Redaction {
    fileprivate var json: JSONValue {
        var members: [(key: String, value: JSONValue)] = [
            ("series", .string(series)), ("action", .string(action.rawValue)),
        ]
        if let isApplied { members.append(("applied", .bool(isApplied))) }
        if !lacking.isEmpty { members.append(("lacking", .array(lacking.map(JSONValue.string)))) }
        if !breaches.isEmpty {
            members.append(
                (
                    "breaches",
                    .array(
                        breaches.map {
                            ["agent": .string($0.agent), "series": .array($0.series.map(JSONValue.string))]
                        })
                ))
        }
        return .object(JSONObject(members))
    }
}
