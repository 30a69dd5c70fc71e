import Configuration
package import Telemetry

/// A quantity that a scenario measures.
package struct Metric: Hashable, Sendable {
    /// Where its values come from.
    package enum Source: Hashable, Sendable {
        /// The built-in series `run.duration`: from start to stop, one value a run.
        case runDuration
        /// Samples taken during a run.
        case series(SeriesSelector)
    }

    /// The name of the series that every run has.
    package static let runDurationSeries = "run.duration"

    /// An identifier, unique in the definition.
    package let id: String
    package let source: Source
    /// What its values are expressed in; values of a series in another unit are converted (``UnitConversion``).
    package let unit: Unit
    /// How often a value is expected, nanoseconds; coverage is measured against it.
    package let every: Int64?
    /// The step in which values are recorded, in the metric's unit; 0 for values that are exact, such as counts; nil where the
    /// definition does not say.
    package let resolution: Double?
}

/// Which series belong to a metric: one name, and tags.
package struct SeriesSelector: Hashable, Sendable {
    package let name: String
    /// Sorted by key.
    package let tags: [TagPattern]

    /// Whether a series has the name and all the tags; it may have others.
    package func matches(_ series: Series) -> Bool {
        series.name == name && tags.allSatisfy { $0.matches(series) }
    }
}

/// A metric as it was read, and whether what it says of its series and unit can be relied on by further checks.
struct DeclaredMetric {
    let metric: Metric
    let isSound: Bool
}

extension ValueFormat where Value == [DeclaredMetric] {
    static var metrics: ValueFormat {
        .converting(.entries(keys: .identifier, of: .mapping { MetricBody(from: &$0) })) { entries in
            entries.map { entry in
                let body = entry.value
                let metric = Metric(
                    id: entry.key, source: body.source, unit: body.unit, every: body.every, resolution: body.resolution)
                return DeclaredMetric(metric: metric, isSound: body.isSound)
            }
        }
    }
}

/// A metric without its id, which is the key it stands under.
private struct MetricBody: ConfigurationDecodable {
    let source: Metric.Source
    let unit: Unit
    let every: Int64?
    let resolution: Double?
    let isSound: Bool

    init(from reader: inout MappingReader) {
        let name = reader.required(
            "series", as: .string.matching("a series name: \(Series.nameRule)") { Series.isValidName($0) })
        let tags = reader.optional("where", as: .dictionary(of: .string))
        unit = reader.required("unit", as: .unit)
        every = reader.optional("every", as: .nanoseconds(in: 1...))
        resolution = Self.resolution(&reader, unit)
        isSound = reader.isSound("series") && reader.isSound("unit")

        guard name == Metric.runDurationSeries else {
            source = .series(SeriesSelector(name: name, tags: tags ?? [:]))
            return
        }
        source = .runDuration
        for key in ["where", "every"] where reader.contains(key) {
            reader.report("run.duration has one value a run and no tags; remove this key", key: key)
        }
        if reader.isSound("unit"), !unit.isCommensurable(with: .second) {
            reader.report("run.duration is a time; give a unit of time such as s, not \(unit)", key: "unit")
        }
    }

    /// A step is a difference: units with zeros of their own (`Cel` and `K`) would turn it into a temperature, so none is converted.
    private static func resolution(_ reader: inout MappingReader, _ unit: Unit) -> Double? {
        let written = reader.optional("resolution", as: .located(ValueFormat<Quantity>.quantity))
        guard let written else { return nil }
        guard Unit(written.value.unit) == unit else {
            if reader.isSound("unit") {
                reader.report(
                    "must be in the metric's unit, \(unit), and is in \(written.value.unit)", at: written.place)
            }
            return nil
        }
        guard written.value.value >= 0 else {
            reader.report("must be 0 (values are exact, such as counts) or more", at: written.place)
            return nil
        }
        return written.value.value
    }
}

extension ValueFormat where Value == Unit {
    /// A UCUM code that is known.
    static var unit: ValueFormat {
        .parsing(.string, "a unit such as 'Cel'", placeholder: .one) { text throws(InvalidValue) in
            do throws(UnknownUnit) {
                return try Unit.known(text)
            } catch {
                throw InvalidValue(error.message)
            }
        }
    }
}
