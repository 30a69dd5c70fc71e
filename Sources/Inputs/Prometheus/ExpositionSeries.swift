import Telemetry

/// What a metric of the text format becomes: a series with a name, tags, a unit and a kind.
struct ExpositionSeries {
    enum MetricType: Hashable {
        case counter, gauge, histogram, summary, untyped

        /// The word of a `# TYPE` line; OpenMetrics has more of them.
        init(_ word: UnsafeRawBufferPointer) {
            self =
                if word.isEqual("counter") {
                    .counter
                } else if word.isEqual("histogram") {
                    .histogram
                } else if word.isEqual("summary") {
                    .summary
                } else if word.isEqual("gauge") || word.isEqual("gaugehistogram") || word.isEqual("stateset")
                    || word.isEqual("info")
                {
                    .gauge
                } else {
                    .untyped
                }
        }
    }

    /// Whether the values of a sample are a count that only grows.
    ///
    /// - Parameters:
    ///   - name: the sample's.
    ///   - type: that of its family.
    /// - Returns: the kind of its series.
    static func kind(_ name: String, _ type: MetricType) -> Series.Kind {
        switch type {
        case .counter: name.hasSuffix("_created") ? .gauge : .counter
        case .histogram, .summary:
            ["_bucket", "_count", "_sum"].contains(where: name.hasSuffix) ? .counter : .gauge
        case .gauge: .gauge
        // Of programs that do not say it, the name does (prometheus.io/docs/practices/naming).
        case .untyped: name.hasSuffix("_total") ? .counter : .gauge
        }
    }

    /// The unit that the name ends in (prometheus.io/docs/practices/naming, "Base units").
    ///
    /// - Parameters:
    ///   - name: the sample's.
    ///   - type: that of its family.
    /// - Returns: the unit; `1` when the name does not say it.
    static func unit(_ name: String, _ type: MetricType) -> Unit {
        var name = name[...]
        if type == .histogram || type == .summary || type == .untyped {
            if name.hasSuffix("_bucket") || name.hasSuffix("_count") { return .one }
            if name.hasSuffix("_sum") { name = name.dropLast("_sum".count) }
        }
        if name.hasSuffix("_total") { name = name.dropLast("_total".count) }
        if name.hasSuffix("_created") { return .second }
        guard let last = name.split(separator: "_").last, last.count < name.count else { return .one }
        return units[String(last)].flatMap { Unit($0) } ?? .one
    }

    private static let units: [String: String] = [
        "seconds": "s", "milliseconds": "ms", "microseconds": "us", "nanoseconds": "ns", "minutes": "min", "hours": "h",
        "days": "d", "bytes": "By", "bits": "bit", "celsius": "Cel", "fahrenheit": "[degF]", "kelvin": "K",
        "ratio": "1",
        "percent": "%", "volts": "V", "amperes": "A", "amps": "A", "watts": "W", "joules": "J", "hertz": "Hz",
        "meters": "m",
        "metres": "m", "grams": "g", "kilograms": "kg", "ohms": "Ohm", "pascals": "Pa", "newtons": "N", "lux": "lx",
        "decibels": "dB", "radians": "rad", "degrees": "deg", "rpm": "{rev}/min", "liters": "L", "litres": "L",
    ]

    /// The tags of a sample's labels; a label without text is none. The label `device` becomes `exported_device`, because a tag `device` says
    /// which device a series is about.
    ///
    /// - Throws: `ExpositionProblem` for a label that no tag can be made of.
    static func tags(_ line: ExpositionLine) throws(ExpositionProblem) -> [Tag] {
        var tags: [Tag] = []
        try line.forEachLabel { (label, value) throws(ExpositionProblem) in
            if value.isEmpty { return }
            guard tags.count < 64 else { throw ExpositionProblem("it has more than 64 labels", at: 0) }
            guard let text = String(validating: value, as: UTF8.self), Tag.isValidValue(text) else {
                throw ExpositionProblem(
                    "the label '\(label.prefixText)' is longer than 255 bytes or has control characters", at: 0)
            }
            guard var key = NameBook.seriesName(of: label.text) else {
                throw ExpositionProblem("the label '\(label.prefixText)' gives no tag", at: 0)
            }
            if key == "device" { key = "exported_device" }
            guard !tags.contains(where: { $0.key == key }) else {
                throw ExpositionProblem("two labels become the tag '\(key)'", at: 0)
            }
            tags.append(Tag(key, text))
        }
        return tags
    }
}
