import Configuration
import Telemetry

extension ValueFormat where Value == WithID<Criterion> {
    /// A criterion over what a definition declares; without a value after a report.
    static func criterion(_ declared: Declarations) -> ValueFormat {
        .mapping { reader in
            let id = reader.required("id", as: .identifier)
            let name = reader.required("statistic", as: .string)
            guard let kind = CriterionReader.Kind(rawValue: name) else {
                CriterionReader.refuse(name, &reader)
                return WithID(id: id, value: nil)
            }
            return WithID(id: id, value: CriterionReader(id: id, kind: kind, declared: declared).read(&reader))
        }
    }
}

/// Reads what follows `statistic` in a criterion.
private struct CriterionReader {
    enum Kind: String {
        case proportion
        case quantile
        case mean
    }

    let id: String
    let kind: Kind
    let declared: Declarations

    private static let keysOfAnyStatistic = [
        "outcome", "method", "q", "metric", "reduce", "over", "at-least", "at-most", "confidence", "bound", "by",
        "rule",
    ]

    static func refuse(_ name: String, _ reader: inout MappingReader) {
        if reader.contains("statistic") {
            reader.ignoreUnknownKeys()
        } else {
            // It may stand there misspelt: only what no statistic has is called unknown.
            for key in keysOfAnyStatistic { _ = reader.optional(key, as: .core) }
        }
        let names = Criterion.Statistic.names
        let message =
            Criterion.Statistic.refusedNames.contains(name)
            ? "'\(name)' is not computed by this version; it has \(names.joined(separator: ", "))"
            : "'\(name.prefix(40))' is no statistic"
                + MappingReader.suggestion(for: name, among: names, noun: "statistic")
        reader.report(message, key: "statistic")
    }

    func read(_ reader: inout MappingReader) -> Criterion? {
        reader.reserved(
            "plan",
            "sequential plans are not computed by this version; remove it and choose the number of runs beforehand")
        let statistic: Criterion.Statistic?
        switch kind {
        case .proportion: statistic = proportion(&reader)
        case .quantile:
            let q = reader.required("q", as: .openRatio)
            statistic = observation(&reader).map { .quantile(q: q, of: $0) }
        case .mean:
            meanMethod(&reader)
            statistic = observation(&reader).map { .mean(of: $0) }
        }
        let limit = limit(&reader)
        let confidence = confidence(statistic, &reader)
        let grouping = grouping(&reader)
        guard let statistic, let limit else { return nil }
        guard let threshold = threshold(limit.quantity, for: statistic, reader) else { return nil }
        return Criterion(
            id: id, statistic: statistic, comparator: limit.comparator, threshold: threshold, confidence: confidence,
            grouping: grouping)
    }

    private func proportion(_ reader: inout MappingReader) -> Criterion.Statistic {
        let outcome = reader.required("outcome", as: .string)
        let method = reader.value(
            "method", as: ValueFormat<Criterion.ProportionMethod>.enumeration, default: .clopperPearson)
        if !declared.runs.outcomes.contains(outcome) {
            reader.report(declared.runs.unknownOutcome(outcome), key: "outcome")
        } else if outcome == declared.runs.exclusion?.outcome {
            reader.report(
                "runs that end '\(outcome)' are left out by runs.exclude, so no counted run can end so; name another"
                    + " outcome",
                key: "outcome")
        }
        return .proportion(outcome: outcome, method: method)
    }

    private func meanMethod(_ reader: inout MappingReader) {
        if reader.optional("method", as: .name(among: ["student-t", "bca"])) == "bca" {
            reader.report("'bca' is not computed by this version; it has student-t", key: "method")
        }
    }

    private func observation(_ reader: inout MappingReader) -> Criterion.Observation? {
        let id = reader.required("metric", as: .string)
        let reduction = reader.optional("reduce", as: ValueFormat<Criterion.Reduction>.enumeration)
        let overSamples = reader.optional("over", as: .name(among: ["samples"])) != nil
        reader.atMostOne(of: ["reduce", "over"])
        guard let metric = declared.metric(id, key: "metric", reader) else { return nil }
        switch metric.source {
        case .runDuration:
            for key in ["over", "reduce"] where key == "over" ? overSamples : reduction == .duration {
                reader.report("run.duration has one value a run already; remove this key", key: key)
            }
            return .runDuration(metric: id)
        case .series:
            if overSamples { return .samples(metric: id) }
            if let reduction { return .perRun(metric: id, reduction) }
            if !reader.contains("reduce"), !reader.contains("over") {
                let names = Criterion.Reduction.allCases.map(\.rawValue).joined(separator: ", ")
                reader.report(
                    "'\(id)' has many values a run, which are not independent; choose one a run with 'reduce: …'"
                        + " (\(names)), or write 'over: samples' to describe without confidence",
                    key: "reduce")
            }
            return nil
        }
    }

    private func limit(_ reader: inout MappingReader) -> (comparator: Comparator, quantity: Located<Quantity>)? {
        let least = reader.optional("at-least", as: .located(ValueFormat<Quantity>.quantity))
        let most = reader.optional("at-most", as: .located(ValueFormat<Quantity>.quantity))
        reader.exactlyOne(of: ["at-least", "at-most"])
        if let least { return (.atLeast, least) }
        return most.map { (.atMost, $0) }
    }

    private func confidence(
        _ statistic: Criterion.Statistic?, _ reader: inout MappingReader
    ) -> Criterion.Confidence? {
        let level = reader.value("confidence", as: .openRatio, default: 0.95)
        let bound = reader.value("bound", as: ValueFormat<Criterion.Confidence.Bound>.enumeration, default: .oneSided)
        guard case .samples? = statistic?.observation else { return Criterion.Confidence(level: level, bound: bound) }
        for key in ["confidence", "bound"] where reader.contains(key) {
            reader.report(
                "there is no confidence over samples, which are correlated; remove it, or use 'reduce'", key: key)
        }
        return nil
    }

    private func grouping(_ reader: inout MappingReader) -> Criterion.Grouping {
        let bySite = reader.optional("by", as: .name(among: ["site"])) != nil
        let rule = reader.optional("rule", as: ValueFormat<Criterion.Grouping.Rule>.enumeration)
        if !reader.contains("by"), reader.contains("rule") {
            reader.report("says how sites are judged; add 'by: site', or remove it", key: "rule")
        }
        return bySite ? .bySite(rule ?? .all) : .pooled
    }

    private func threshold(
        _ quantity: Located<Quantity>, for statistic: Criterion.Statistic, _ reader: MappingReader
    ) -> Threshold? {
        switch statistic.observation {
        case nil:
            guard let share = Threshold.converting(quantity, to: .one, of: "a proportion", reader: reader) else {
                return nil
            }
            if share.value > 0, share.value < 1 { return share }
            reader.report(
                "must lie between 0 and 1, both excluded: no number of runs can decide a share of exactly 0 or 1",
                at: quantity.place)
            return nil
        case .perRun(let metric, .duration)?:
            return .converting(quantity, to: .second, of: "the duration of '\(metric)'", reader: reader)
        case let observation?:
            let unit = declared.metrics.first { $0.metric.id == observation.metric }?.metric.unit ?? .one
            return .converting(quantity, to: unit, of: "'\(observation.metric)'", reader: reader)
        }
    }
}

extension ValueFormat where Value == Double {
    /// A share that is neither 0 nor 1.
    fileprivate static var openRatio: ValueFormat {
        ratio.check("must lie between 0 and 1, both excluded", placeholder: 0.5) { $0 > 0 && $0 < 1 }
    }
}
