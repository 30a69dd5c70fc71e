import Configuration
import Telemetry

extension CriterionReader {
    /// The statistic with its own keys; nil after a report.
    func statistic(_ reader: inout MappingReader, _ limit: Limit?, confidence: Double) -> Criterion.Statistic? {
        switch name {
        case "proportion": return proportion(&reader, limit, confidence)
        case "quantile":
            let q = reader.required("q", as: .openRatio)
            return observation(&reader).map { .quantile(q: q, of: $0) }
        case "mean":
            let method = reader.value(
                "method", as: ValueFormat<Criterion.MeanMethod>.enumeration, default: .studentT)
            return observation(&reader).map { .mean(of: $0, method) }
        case "tolerance": return tolerance(&reader, limit)
        case "rate": return .rate(event: reader.required("event", as: .eventName))
        case "mtbf": return .mtbf(event: reader.required("event", as: .eventName))
        case "availability": return availability(&reader)
        case "iso9283-ap": return poseAccuracy(&reader, limit)
        default: return poseRepeatability(&reader, limit)
        }
    }

    // MARK: - Proportions

    private func proportion(
        _ reader: inout MappingReader, _ limit: Limit?, _ confidence: Double
    ) -> Criterion.Statistic? {
        reader.exactlyOne(of: ["outcome", "events"])
        let ofEvents = reader.contains("events") ? events(&reader) : nil
        let trials = ofEvents ?? runs(&reader)
        let method = proportionMethod(&reader, limit, confidence)
        if reader.contains("events"), reader.contains("plan") {
            reader.report(
                "a sequential plan goes by the order of trials, and events within a run have none that counts; judge runs by "
                    + "'outcome', or remove it", key: "plan")
        }
        return trials.map { .proportion($0, method) }
    }

    private func runs(_ reader: inout MappingReader) -> Criterion.Trials? {
        guard reader.contains("outcome") else {
            _ = reader.optional("among", as: .core)
            return nil
        }
        let outcome = reader.required("outcome", as: .string)
        let among = reader.optional("among", as: .sequence(of: .located(ValueFormat<String>.string), count: 2...))
        countable(outcome, at: reader.place(of: "outcome"), reader)
        guard let among else { return .runs(outcome: outcome, among: []) }
        for word in among { countable(word.value, at: word.place, reader) }
        if reader.isSound("among"), !among.contains(where: { $0.value == outcome }) {
            reader.report("does not name '\(outcome)', so no trial could be a hit; add it", key: "among")
        }
        return .runs(outcome: outcome, among: among.map(\.value))
    }

    private func countable(_ outcome: String, at place: Place, _ reader: MappingReader) {
        if !declared.runs.outcomes.contains(outcome) {
            reader.report(declared.runs.unknownOutcome(outcome), at: place)
        } else if outcome == declared.runs.exclusion?.outcome {
            reader.report(
                "runs that end '\(outcome)' are left out by runs.exclude, so no counted run can end so; name another"
                    + " outcome",
                at: place)
        }
    }

    private func events(_ reader: inout MappingReader) -> Criterion.Trials? {
        reader.optional(
            "events",
            as: ValueFormat<Criterion.Trials>.mapping { reader in
                let hit = reader.required("hit", as: .eventName)
                let miss = reader.required("miss", as: .eventName)
                if hit == miss, reader.isSound("hit"), reader.isSound("miss") {
                    reader.report("is the same event as 'hit'; a miss must be told by another", key: "miss")
                }
                return .events(
                    hit: hit, miss: miss, areIndependent: reader.value("independent", as: .bool, default: false))
            })
    }

    private enum Plan: String, Hashable, Sendable, CaseIterable {
        case sprt
        case anytime
    }

    private enum Interval: String, Hashable, Sendable, CaseIterable {
        case clopperPearson = "clopper-pearson"
        case wilson
    }

    private func proportionMethod(
        _ reader: inout MappingReader, _ limit: Limit?, _ confidence: Double
    ) -> Criterion.ProportionMethod {
        let interval = reader.value("method", as: ValueFormat<Interval>.enumeration, default: .clopperPearson)
        let plan = reader.optional("plan", as: ValueFormat<Plan>.enumeration)
        reader.atMostOne(of: ["method", "plan"])
        if plan == .sprt { return sprt(&reader, limit, confidence) }
        for key in ["expect", "power"] {
            _ = reader.optional(key, as: .openRatio)
            if reader.contains(key) { reader.report("belongs to 'plan: sprt'; add that, or remove this", key: key) }
        }
        if plan == .anytime { return .anytime }
        return interval == .wilson ? .wilson : .clopperPearson
    }

    private func sprt(
        _ reader: inout MappingReader, _ limit: Limit?, _ confidence: Double
    ) -> Criterion.ProportionMethod {
        let expect = reader.required("expect", as: .openRatio)
        let power = reader.value("power", as: .openRatio, default: 0.9)
        if reader.contains("bound") {
            reader.report("a sequential test has no two sides; remove it", key: "bound")
        }
        for (key, level) in [("power", power), ("confidence", confidence)] where level <= 0.5 {
            reader.report("a sequential test needs more than 0.5", key: key)
        }
        if let limit, reader.isSound("expect"),
            let least = Unit(limit.quantity.value.unit).flatMap({
                Unit.convert(limit.quantity.value.value, from: $0, to: .one)
            })
        {
            switch limit.comparator {
            case .atLeast where expect <= least:
                reader.report("must be above 'at-least': the share that the subject is built for", key: "expect")
            case .atMost where expect >= least:
                reader.report("must be below 'at-most': the share that the subject is built for", key: "expect")
            default: break
            }
        }
        return .sprt(expect: expect, power: power)
    }

    // MARK: - Values of runs

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

    private func tolerance(_ reader: inout MappingReader, _ limit: Limit?) -> Criterion.Statistic? {
        let share = reader.required("share", as: .openRatio)
        let around = reader.optional("around", as: .located(ValueFormat<Quantity>.quantity))
        let observation = observation(&reader)
        if case .samples? = observation {
            reader.report("a tolerance bound is a statement of confidence; use 'reduce'", key: "over")
            return nil
        }
        guard let observation else { return nil }
        guard let around else { return .tolerance(share: share, of: observation, around: nil) }
        demandAtMost(limit, "how far from 'around' values may lie", &reader)
        let unit = observation.isDuration ? .second : declared.unit(of: observation.metric)
        return Threshold.converting(around, to: unit, of: "'\(observation.metric)'", reader: reader).map {
            .tolerance(share: share, of: observation, around: $0.value)
        }
    }

    private func demandAtMost(_ limit: Limit?, _ what: String, _ reader: inout MappingReader) {
        guard let limit, limit.comparator == .atLeast else { return }
        reader.report("this is \(what); give 'at-most'", at: limit.quantity.place)
    }

    // MARK: - Times

    private func availability(_ reader: inout MappingReader) -> Criterion.Statistic {
        let down = reader.required("down", as: .eventName)
        let up = reader.required("up", as: .eventName)
        if down == up, reader.isSound("down"), reader.isSound("up") {
            reader.report("is the same event as 'down'; the end of an outage must be told by another", key: "up")
        }
        return .availability(down: down, up: up)
    }

    // MARK: - Poses

    private func poseRepeatability(_ reader: inout MappingReader, _ limit: Limit?) -> Criterion.Statistic? {
        demandAtMost(limit, "a distance between poses", &reader)
        let cycles = cycles(&reader)
        guard let axes = axes(&reader) else { return nil }
        check(cycles, axes, &reader)
        return .poseRepeatability(axes: axes, cycles: cycles)
    }

    private func poseAccuracy(_ reader: inout MappingReader, _ limit: Limit?) -> Criterion.Statistic? {
        demandAtMost(limit, "a distance from the commanded pose", &reader)
        let command = reader.required(
            "command", as: .sequence(of: .located(ValueFormat<Quantity>.quantity), count: 1...3))
        let cycles = cycles(&reader)
        guard let axes = axes(&reader) else { return nil }
        check(cycles, axes, &reader)
        guard command.count == axes.count else {
            if reader.isSound("command") {
                reader.report(
                    "must have one coordinate for each of 'metrics', \(axes.count), found \(command.count)",
                    key: "command")
            }
            return nil
        }
        let values = zip(command, axes).compactMap { written, axis in
            Threshold.converting(written, to: declared.unit(of: axis.metric), of: "'\(axis.metric)'", reader: reader)?
                .value
        }
        return values.count == axes.count ? .poseAccuracy(axes: axes, command: values, cycles: cycles) : nil
    }

    /// How many poses there must be for a verdict: those of the standard, unless the definition states a number of its own.
    private func cycles(_ reader: inout MappingReader) -> Int {
        reader.value("cycles", as: .integer(in: 2...100_000), default: Criterion.prescribedCycles)
    }

    private func check(_ cycles: Int, _ axes: [Criterion.Observation], _ reader: inout MappingReader) {
        guard reader.isSound("cycles"), cycles <= axes.count else { return }
        reader.report(
            "must be above \(axes.count), the number of coordinates: fewer poses bound nothing", key: "cycles")
    }

    /// One to three coordinates, each a metric in one unit, made into one value a run.
    private func axes(_ reader: inout MappingReader) -> [Criterion.Observation]? {
        let ids = reader.required("metrics", as: .sequence(of: .located(ValueFormat<String>.string), count: 1...3))
        let reduction = reader.value("reduce", as: ValueFormat<Criterion.Reduction>.enumeration, default: .last)
        if reduction == .duration {
            reader.report("a pose is no duration; use 'last' or 'mean'", key: "reduce")
            return nil
        }
        guard reader.isSound("metrics") else { return nil }
        var axes: [Criterion.Observation] = []
        for id in ids {
            guard let metric = declared.metric(id.value, at: id.place, reader) else { return nil }
            guard metric.source != .runDuration else {
                reader.report("run.duration is no coordinate; name a metric of a pose", at: id.place)
                return nil
            }
            let first = axes.first.map { declared.unit(of: $0.metric) } ?? metric.unit
            guard metric.unit == first else {
                reader.report(
                    "'\(id.value)' is in \(metric.unit) and '\(ids[0].value)' in \(first); coordinates need one unit",
                    at: id.place)
                return nil
            }
            if axes.contains(where: { $0.metric == id.value }) {
                reader.report("'\(id.value)' is named twice; a pose has each coordinate once", at: id.place)
                return nil
            }
            axes.append(.perRun(metric: id.value, reduction))
        }
        return axes
    }
}

extension Criterion.Observation {
    fileprivate var isDuration: Bool { if case .perRun(_, .duration) = self { true } else { false } }
}
