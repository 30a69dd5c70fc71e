package import Configuration
import Telemetry

extension ShapingRule: ConfigurationDecodable {
    /// The keys that make up steps, in the order in which they are taken.
    private static let stepKeys = [
        "rename", "tags", "untag", "unit", "convert", "scale", "offset", "range", "serial", "calibration-expires",
        "dead-band",
        "down-sample", "derivative", "rate-limit", "capture",
    ]

    package init(from reader: inout MappingReader) {
        pattern = reader.required("match", as: .seriesPattern)
        tags = reader.value("where", as: .dictionary(of: .string), default: [:])
            .map { TagPattern(key: $0.key, text: $0.value) }.sorted()
        priority = reader.optional("class", as: .name(among: ["bulk", "metric"])).flatMap { PriorityClass(name: $0) }
        copy = reader.optional("as", as: .nameTemplate)
        var steps = Self.naming(&reader)
        steps += Self.meaning(&reader)
        steps += Self.keeping(&reader)
        self.steps = steps

        reader.atMostOne(of: ["as", "rename"])
        if !Self.stepKeys.contains(where: reader.contains), copy == nil {
            reader.report(
                "does nothing; give an 'action', or a step such as 'convert', 'dead-band' or 'down-sample'",
                key: "match")
        }
    }

    /// What a series is called.
    private static func naming(_ reader: inout MappingReader) -> [Step] {
        var steps: [Step] = []
        if let template = reader.optional("rename", as: .nameTemplate) { steps.append(.rename(template)) }
        let set = reader.value("tags", as: .dictionary(keys: .tagKey, of: .nonEmptyString), default: [:])
        let remove = reader.value("untag", as: .sequence(of: .tagKey, count: 1...16), default: [])
        if !set.isEmpty || !remove.isEmpty {
            steps.append(.tags(set: set.map { Tag($0.key, $0.value) }.sorted(), remove: remove))
        }
        return steps
    }

    /// What its numbers mean.
    private static func meaning(_ reader: inout MappingReader) -> [Step] {
        var steps: [Step] = []
        if let unit = reader.optional("unit", as: .unit) { steps.append(.unit(unit)) }
        if let unit = reader.optional("convert", as: .unit) { steps.append(.convert(unit)) }
        let factor = reader.optional("scale", as: .double.check("must not be 0", placeholder: 1) { $0 != 0 })
        let offset = reader.optional("offset", as: .double)
        if factor != nil || offset != nil { steps.append(.scale(factor: factor ?? 1, offset: offset ?? 0)) }
        let range = reader.optional("range", as: .mapping(Range.self))
        let clamp = reader.value("clamp", as: .bool, default: false)
        if let range { steps.append(.range(range.values, clamp: clamp)) }
        if reader.contains("clamp"), !reader.contains("range") {
            reader.report("needs a 'range' to clamp to", key: "clamp")
        }
        let serial = reader.optional("serial", as: .nonEmptyString)
        let expiry = reader.optional("calibration-expires", as: .day)
        if serial != nil || expiry != nil { steps.append(.calibration(serial: serial, expiry: expiry)) }
        return steps
    }

    /// Which of them are kept.
    private static func keeping(_ reader: inout MappingReader) -> [Step] {
        var steps: [Step] = []
        let band = reader.optional("dead-band", as: .band)
        let every = reader.optional("at-least-every", as: .nanoseconds(in: 1...))
        if let band {
            steps.append(.deadBand(band.value, unit: band.unit == "1" ? nil : Unit(band.unit), every: every))
        } else if reader.contains("at-least-every"), !reader.contains("dead-band") {
            reader.report("needs a 'dead-band'; 0 keeps every change", key: "at-least-every")
        }
        if let bucket = reader.optional("down-sample", as: .mapping(Bucket.self)) {
            steps.append(.downSample(every: bucket.every, keep: bucket.keep))
        }
        if let unit = reader.optional("derivative", as: .timeUnit) { steps.append(.derivative(per: unit)) }
        if let rate = reader.optional("rate-limit", as: .rate) {
            steps.append(.rateLimit(count: rate.count, per: rate.per))
        }
        if let capture = reader.optional("capture", as: .mapping(CaptureRule.self)) {
            steps.append(.capture(capture))
            for key in ["dead-band", "down-sample", "derivative", "rate-limit", "class"] where reader.contains(key) {
                reader.report(
                    "cannot stand beside 'capture', which saves the data as they came; give it a rule of its own",
                    key: key)
            }
        }
        return steps
    }
}

extension CaptureRule: ConfigurationDecodable {
    package init(from reader: inout MappingReader) {
        event = reader.required("on", as: .seriesPattern)
        let length = ValueFormat<Int64>.nanoseconds(in: 0...3_600_000_000_000)
        before = reader.value("before", as: length, default: 0)
        after = reader.value("after", as: length, default: 0)
        memory = reader.value("memory", as: .byteCount(in: (64 << 10)...(1 << 30)), default: Self.usualMemory)
        if before == 0, after == 0, reader.isSound("before"), reader.isSound("after") {
            reader.report("saves nothing; give 'before', 'after' or both, such as 'before: 10s'", key: "on")
        }
    }
}

/// `{from: -20, to: 60}`.
private struct Range: ConfigurationDecodable {
    let values: ClosedRange<Double>

    init(from reader: inout MappingReader) {
        let from = reader.required("from", as: .double)
        let to = reader.required("to", as: .double)
        if from > to, reader.isSound("from"), reader.isSound("to") {
            reader.report("is below 'from'", key: "to")
        }
        values = min(from, to)...max(from, to)
    }
}

/// `{every: 1s, keep: mean}`.
private struct Bucket: ConfigurationDecodable {
    let every: Int64
    let keep: DownSampling.Kept

    init(from reader: inout MappingReader) {
        every = reader.required("every", as: .nanoseconds(in: 1_000_000...86_400_000_000_000))
        keep = reader.value("keep", as: .enumeration, default: .mean)
    }
}
