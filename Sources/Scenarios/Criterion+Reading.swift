import Configuration
import Telemetry

extension ValueFormat where Value == WithID<Criterion> {
    /// A criterion over what a definition declares; without a value after a report.
    static func criterion(_ declared: Declarations) -> ValueFormat {
        .mapping { reader in
            let id = reader.required("id", as: .identifier)
            let name = reader.required("statistic", as: .string)
            guard Criterion.Statistic.names.contains(name) else {
                CriterionReader.refuse(name, &reader)
                return WithID(id: id, value: nil)
            }
            return WithID(id: id, value: CriterionReader(id: id, name: name, declared: declared).read(&reader))
        }
    }
}

/// Reads what follows `statistic` in a criterion.
struct CriterionReader {
    let id: String
    /// One of `Criterion.Statistic.names`.
    let name: String
    let declared: Declarations

    private static let keysOfAnyStatistic = [
        "outcome", "among", "events", "method", "plan", "expect", "power", "q", "share", "metric", "metrics", "reduce",
        "over", "around", "command", "cycles", "event", "down", "up", "at-least", "at-most", "confidence", "bound",
        "by", "rule",
    ]

    static func refuse(_ name: String, _ reader: inout MappingReader) {
        if reader.contains("statistic") {
            reader.ignoreUnknownKeys()
        } else {
            // It may stand there misspelt: only what no statistic has is called unknown.
            for key in keysOfAnyStatistic { _ = reader.optional(key, as: .core) }
        }
        reader.report(
            "'\(name.prefix(40))' is no statistic"
                + MappingReader.suggestion(for: name, among: Criterion.Statistic.names, noun: "statistic"),
            key: "statistic")
    }

    func read(_ reader: inout MappingReader) -> Criterion? {
        let limit = limit(&reader)
        let confidence = confidence(&reader)
        let statistic = statistic(&reader, limit, confidence: confidence.level)
        let grouping = grouping(&reader)
        guard let statistic, let limit else { return nil }
        guard let threshold = threshold(limit.quantity, for: statistic, reader) else { return nil }
        let isDescriptive = if case .samples? = statistic.observation { true } else { false }
        if isDescriptive {
            for key in ["confidence", "bound"] where reader.contains(key) {
                reader.report(
                    "there is no confidence over samples, which are correlated; remove it, or use 'reduce'", key: key)
            }
        }
        return Criterion(
            id: id, statistic: statistic, comparator: limit.comparator, threshold: threshold,
            confidence: isDescriptive ? nil : confidence, grouping: grouping)
    }

    /// A limit as it is written.
    struct Limit {
        let comparator: Comparator
        let quantity: Located<Quantity>
    }

    private func limit(_ reader: inout MappingReader) -> Limit? {
        let least = reader.optional("at-least", as: .located(ValueFormat<Quantity>.quantity))
        let most = reader.optional("at-most", as: .located(ValueFormat<Quantity>.quantity))
        reader.exactlyOne(of: ["at-least", "at-most"])
        if let least { return Limit(comparator: .atLeast, quantity: least) }
        return most.map { Limit(comparator: .atMost, quantity: $0) }
    }

    private func confidence(_ reader: inout MappingReader) -> Criterion.Confidence {
        Criterion.Confidence(
            level: reader.value("confidence", as: .openRatio, default: 0.95),
            bound: reader.value("bound", as: ValueFormat<Criterion.Confidence.Bound>.enumeration, default: .oneSided))
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
        switch statistic {
        case .proportion: share(quantity, "a proportion", "no number of runs can decide", reader)
        case .availability: share(quantity, "an availability", "no time of observation can decide", reader)
        case .rate: rate(quantity, reader)
        case .mtbf: time(quantity, reader)
        case .quantile, .mean, .tolerance, .poseAccuracy, .poseRepeatability:
            level(quantity, statistic.observations, reader)
        }
    }

    private func share(
        _ quantity: Located<Quantity>, _ name: String, _ reason: String, _ reader: MappingReader
    ) -> Threshold? {
        guard let share = Threshold.converting(quantity, to: .one, of: name, reader: reader) else { return nil }
        if share.value > 0, share.value < 1 { return share }
        reader.report(
            "must lie between 0 and 1, both excluded: \(reason) a share of exactly 0 or 1", at: quantity.place)
        return nil
    }

    private func level(
        _ quantity: Located<Quantity>, _ observations: [Criterion.Observation], _ reader: MappingReader
    ) -> Threshold? {
        guard let first = observations.first else { return nil }
        if case .perRun(let metric, .duration) = first {
            return .converting(quantity, to: .second, of: "the duration of '\(metric)'", reader: reader)
        }
        return .converting(quantity, to: declared.unit(of: first.metric), of: "'\(first.metric)'", reader: reader)
    }

    /// Rates and times keep the unit that they are written in: `1 /d` is not read as 1.157e-05 /s.
    private func rate(_ quantity: Located<Quantity>, _ reader: MappingReader) -> Threshold? {
        positive(quantity, like: "/s", "a rate of events; give a limit such as '2 /h' or '1 /d'", reader)
    }

    private func time(_ quantity: Located<Quantity>, _ reader: MappingReader) -> Threshold? {
        positive(quantity, like: "s", "a time between events; give a limit such as '100 h'", reader)
    }

    private func positive(
        _ quantity: Located<Quantity>, like model: String, _ what: String, _ reader: MappingReader
    ) -> Threshold? {
        let written = quantity.value
        guard let unit = Unit(written.unit), unit.isKnown else {
            reader.report(UnknownUnit(written.unit).message, at: quantity.place)
            return nil
        }
        guard let model = Unit(model), unit.isCommensurable(with: model) else {
            reader.report("\(Threshold.text(written)) is not \(what)", at: quantity.place)
            return nil
        }
        guard written.value > 0 else {
            reader.report(
                "must be above 0: no time of observation proves that something never happens", at: quantity.place)
            return nil
        }
        return Threshold(value: written.value, unit: unit)
    }
}

extension ValueFormat where Value == Double {
    /// A share that is neither 0 nor 1.
    static var openRatio: ValueFormat {
        ratio.check("must lie between 0 and 1, both excluded", placeholder: 0.5) { $0 > 0 && $0 < 1 }
    }
}
