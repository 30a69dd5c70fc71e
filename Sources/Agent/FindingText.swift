import JSON
package import Telemetry

/// What `sample` can print.
package enum FindingForm: String, CaseIterable, Sendable {
    /// Aligned columns for a person.
    case table
    /// One SenML JSON pack a sample (RFC 8428).
    case senml
    /// Influx line protocol.
    case line
}

extension InputLook.Finding {
    /// The finding as one line; nil for what a form cannot say.
    package func text(_ form: FindingForm, site: Identifier, agent: Identifier) -> String? {
        switch (self, form) {
        case (.trouble(let message), .table): "! \(message)"
        case (.trouble, _): nil
        case (.sample(let sample, let series), .table): Self.row(sample, series)
        case (.sample(let sample, let series), .line): Self.line(sample, series)
        case (.sample(let sample, let series), .senml): Self.pack(sample, series, site: site, agent: agent)
        case (.event(let event), .table):
            "\(event.timestamp)  event \(event.name) "
                + event.attributes.map { "\($0.key)=\($0.value.plain)" }.joined(separator: " ")
        case (.event, _): nil
        }
    }

    private static func row(_ sample: Sample, _ series: Series) -> String {
        let value = sample.value.plain
        let padding = String(repeating: " ", count: max(0, 56 - series.key.count))
        let right = String(repeating: " ", count: max(0, 18 - value.count))
        let unit = series.kind == .state ? "" : " \(series.unit)"
        let quality = sample.quality.isEmpty ? "" : "  (\(sample.quality.names.joined(separator: ", ")))"
        return "\(sample.timestamp)  \(series.key)\(padding) \(right)\(value)\(unit)\(quality)"
    }

    /// Line protocol has no word for a number that is not finite.
    private static func line(_ sample: Sample, _ series: Series) -> String? {
        if case .double(let number) = sample.value, !number.isFinite { return nil }
        let tags = series.tags.map { ",\(escaped($0.key))=\(escaped($0.value))" }.joined()
        let field: String =
            switch sample.value {
            case .integer(let number): "\(number)i"
            case .text(let text): "\"\(text.map { $0 == "\\" || $0 == "\"" ? "\\\($0)" : "\($0)" }.joined())\""
            case .double, .boolean: sample.value.plain
            }
        return "\(escaped(series.name))\(tags) value=\(field) \(sample.timestamp.nanoseconds)"
    }

    private static func pack(_ sample: Sample, _ series: Series, site: Identifier, agent: Identifier) -> String {
        var writer = JSONWriter()
        writer.beginArray()
        writer.beginObject()
        writer.member("n", "\(site)/\(agent)/\(SenMLName(series, agent: agent).full)")
        let hasTime = sample.timestamp >= SeriesView.earliest
        if hasTime { writer.member("t", sample.timestamp.seconds) }
        if series.kind != .state { writer.member("u", series.unit.senML) }
        writer.writeSenML(sample.value, quality: sample.quality.union(hasTime ? [] : .clockUnsynchronised))
        writer.endObject()
        writer.endArray()
        return String(decoding: writer.bytes, as: UTF8.self)
    }

    private static func escaped(_ text: String) -> String {
        text.reduce(into: "") { escaped, character in
            if ", =".contains(character) { escaped.append("\\") }
            escaped.append(character)
        }
    }
}

extension JSONWriter {
    /// The value of a SenML record by its type, and `q` where something is to be said of it. JSON has no NaN: a value that is not
    /// finite is left out, and `q` says so.
    mutating func writeSenML(_ value: Value, quality: Quality) {
        var remarks = quality.names
        switch value {
        case .double(let number) where !number.isFinite: remarks.append("not-finite")
        case .double(let number): member("v", number)
        case .integer(let number): member("v", number)
        case .boolean(let flag): member("vb", flag)
        case .text(let text): member("vs", text)
        }
        if !remarks.isEmpty { member("q", remarks.joined(separator: " ")) }
    }
}

extension Value {
    /// The value as a person would write it.
    fileprivate var plain: String {
        switch self {
        case .double(let value): value.description
        case .integer(let value): String(value)
        case .boolean(let value): value ? "true" : "false"
        case .text(let value): value
        }
    }
}
