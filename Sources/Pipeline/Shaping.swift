package import Telemetry

/// The rules of a box that shape what inputs give. Each matches what the ones before it left.
package struct Shaping: Sendable {
    package let rules: [ShapingRule]

    package static let none = Shaping([])

    package init(_ rules: [ShapingRule]) { self.rules = rules }

    /// Whether no series is changed by any rule; what a sensor's own range or calibration says is still marked.
    package var isEmpty: Bool { rules.isEmpty }

    /// The rules that save raw data around events, by their numbers.
    package var captures: [(rule: Int, capture: CaptureRule)] {
        rules.enumerated().flatMap { index, rule in
            rule.steps.compactMap { step in
                if case .capture(let capture) = step { (index, capture) } else { nil }
            }
        }
    }

    /// What becomes of a series, worked out once.
    ///
    /// - Returns: its branches, at least one; and what no rule could do with it, for a person to read.
    package func branches(of series: Series) -> (branches: [Branch], complaints: [String]) {
        var branches = [Branch(series)]
        var complaints: [String] = []
        for (number, rule) in rules.enumerated() {
            for index in branches.indices where branches[index].capture == nil && rule.matches(branches[index].series) {
                var branch = branches[index]
                if let copy = rule.copy {
                    guard branch.rename(copy) else {
                        complaints.append(Self.tooLong(copy, branch.series))
                        continue
                    }
                }
                for step in rule.steps {
                    if let complaint = branch.add(step, of: rule, number: number) { complaints.append(complaint) }
                }
                if rule.copy == nil { branches[index] = branch } else { branches.append(branch) }
            }
        }
        for index in branches.indices { branches[index].checkProvenance() }
        return (branches, complaints)
    }

    static func tooLong(_ template: NameTemplate, _ series: Series) -> String {
        "'\(template)' makes no series name of \(series.name): it would be too long"
    }
}

extension Branch {
    /// False when the name would be too long.
    mutating func rename(_ template: NameTemplate) -> Bool {
        guard let name = template(series.name) else { return false }
        series = series.with(name: name)
        names.append(name)
        return true
    }

    /// Takes a rule's step up; or leaves it out, and says why.
    mutating func add(_ step: ShapingRule.Step, of rule: ShapingRule, number: Int) -> String? {
        switch step {
        case .rename(let template):
            if !rename(template) { return Shaping.tooLong(template, series) }
        case .tags(let set, let remove):
            series = series.with(tags: series.tags.filter { !remove.contains($0.key) } + set)
        case .unit(let unit):
            guard series.unit == .one || series.unit == unit else {
                return "\(series.key) has the unit \(series.unit) already; use 'convert: \(unit)', or remove 'unit'"
            }
            series = series.with(unit: unit)
        case .convert(let unit):
            guard let conversion = UnitConversion(from: series.unit, to: unit) else {
                return series.unit == .one
                    ? "the unit of \(series.key) is not known; say it with 'unit' before 'convert: \(unit)'"
                    : "\(series.key) is in \(series.unit), which cannot be converted to \(unit)"
            }
            if !conversion.isIdentity { put(.convert(conversion), rule) }
            series = series.with(unit: unit).mappingRange { conversion($0) }
        case .scale(let factor, let offset):
            put(.scale(factor: factor, offset: offset), rule)
            series = series.mappingRange { $0 * factor + offset }
        case .range(let range, let clamp):
            series = series.with { $0.range = range }
            if clamp { put(.range(range, clamp: true), rule) }
        case .calibration(let serial, let expiry):
            series = series.with { provenance in
                if let serial { provenance.serial = serial }
                if let expiry { provenance.calibrationExpiry = expiry }
            }
        case .deadBand(let band, let unit, let every):
            guard let band = scaled(band, from: unit) else {
                return "\(series.key) is in \(series.unit), and the dead-band in \(unit?.code ?? "1")"
            }
            put(.deadBand(DeadBand(band: band, every: every)), rule)
        case .downSample(let every, let keep):
            put(.downSample(DownSampling(every: every, keep: keep)), rule)
        case .derivative(let per): return derive(per: per, rule)
        case .rateLimit(let count, let per): put(.rateLimit(RateLimit(count: count, per: per)), rule)
        case .capture: capture = number
        }
        return nil
    }

    /// What is beyond the sensor's range or its calibration is marked, and kept: the range is that of the numbers as they leave.
    mutating func checkProvenance() {
        if let range = series.provenance.range {
            stages.append(Stage(work: .range(range, clamp: false), priority: nil))
        }
        if let expiry = series.provenance.calibrationExpiry {
            stages.append(Stage(work: .calibration(expiry: expiry), priority: nil))
        }
    }

    private mutating func put(_ work: Stage.Work, _ rule: ShapingRule) {
        stages.append(Stage(work: work, priority: rule.priority))
    }

    /// A difference of two values, in the series' unit.
    private func scaled(_ difference: Double, from unit: Unit?) -> Double? {
        guard let unit, unit != series.unit else { return difference }
        guard let zero = Unit.convert(0, from: unit, to: series.unit),
            let there = Unit.convert(difference, from: unit, to: series.unit)
        else { return nil }
        return abs(there - zero)
    }

    private mutating func derive(per: Unit, _ rule: ShapingRule) -> String? {
        // 1 Cel/s would be a product with a scale that has an offset; a difference of it is one of K (UCUM 2.1, section 21).
        let base = series.unit == .celsius ? "K" : series.unit == .one ? "" : series.unit.code
        guard let unit = Unit("\(base)/\(per)"), unit.isKnown, let seconds = Unit.convert(1, from: per, to: .second)
        else {
            return "\(series.key) is in \(series.unit), of which there is no change per \(per)"
        }
        put(.derivative(Derivative(isCounter: series.kind == .counter, per: seconds * 1e9)), rule)
        if rule.copy == nil, !rule.steps.contains(where: \.isRename), let name = NameTemplate("*.rate") {
            _ = rename(name)
        }
        series = Series(
            series.name, tags: series.tags, unit: unit, kind: .gauge,
            provenance: Provenance(
                serial: series.provenance.serial, calibrationExpiry: series.provenance.calibrationExpiry))
        return nil
    }
}

extension ShapingRule.Step {
    fileprivate var isRename: Bool {
        if case .rename = self { true } else { false }
    }
}

extension Series {
    fileprivate func with(name: String? = nil, tags: [Tag]? = nil, unit: Unit? = nil) -> Series {
        Series(
            name ?? self.name, tags: tags ?? self.tags, unit: unit ?? self.unit, kind: kind, provenance: provenance)
    }

    fileprivate func with(_ change: (inout Provenance) -> Void) -> Series {
        var provenance = provenance
        change(&provenance)
        return Series(name, tags: tags, unit: unit, kind: kind, provenance: provenance)
    }

    fileprivate func mappingRange(_ formula: (Double) -> Double) -> Series {
        with { provenance in
            guard let range = provenance.range else { return }
            let (a, b) = (formula(range.lowerBound), formula(range.upperBound))
            provenance.range = a.isFinite && b.isFinite ? min(a, b)...max(a, b) : nil
        }
    }
}
