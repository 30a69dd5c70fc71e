package import Frames
import JSON
import Telemetry

/// What `decode` can write.
package enum DecodedForm: String, CaseIterable, Sendable {
    /// One SenML JSON pack a frame (RFC 8428).
    case senml
    /// `time,site,agent,series,value,unit,quality`, RFC 4180.
    case csv
    /// Influx line protocol.
    case line
}

/// Writes the samples and events of frames as text.
package struct FrameListing {
    private struct Epoch: Hashable {
        let install: UUIDBytes
        let number: UInt64
    }

    private let form: DecodedForm
    private let write: (String) -> Void
    private var series: [Epoch: [SeriesID: Series]] = [:]

    /// `write`: takes one line at a time, without its end.
    package init(_ form: DecodedForm, write: @escaping (String) -> Void) {
        self.form = form
        self.write = write
        if form == .csv { write("time,site,agent,series,value,unit,quality") }
    }

    /// - Throws: `FrameError` for bytes that are no sound frame; nothing of them is written.
    package mutating func add(_ bytes: [UInt8]) throws(FrameError) {
        let frame = try Frame(decoding: bytes)
        let epoch = Epoch(install: frame.header.stream.install, number: frame.header.stream.epoch)
        for definition in frame.extras.definitions { series[epoch, default: [:]][definition.id] = definition.series }
        let known = series[epoch] ?? [:]
        switch form {
        case .senml: writePack(frame, known)
        case .csv:
            for sample in frame.samples { write(row(sample, frame.header.stream, known)) }
            for event in frame.extras.events { write(row(event, frame.header.stream)) }
        case .line:
            for sample in frame.samples { write(line(sample, frame.header.stream, known)) }
            for event in frame.extras.events { write(line(event, frame.header.stream)) }
        }
    }

    /// A series that no frame before has defined is named by its number and has no unit.
    private func name(_ sample: Sample, _ known: [SeriesID: Series]) -> Series {
        known[sample.series] ?? Series("series-\(sample.series.rawValue)", kind: .state)
    }
}

// MARK: - SenML

extension FrameListing {
    private func writePack(_ frame: Frame, _ known: [SeriesID: Series]) {
        guard !frame.samples.isEmpty || !frame.extras.events.isEmpty else { return }
        var writer = JSONWriter()
        writer.beginArray()
        let base = "\(frame.header.stream.site)/\(frame.header.stream.agent)/"
        var isFirst = true
        func begin(_ name: String, _ time: Timestamp) {
            writer.beginObject()
            if isFirst { writer.member("bn", base) }
            isFirst = false
            writer.member("n", name)
            if time >= Self.earliest { writer.member("t", time.seconds) }
        }
        for sample in frame.samples {
            let series = name(sample, known)
            begin(series.key.replacing(",", with: "/").replacing("=", with: ":"), sample.timestamp)
            if series.kind != .state { writer.member("u", series.unit.senML) }
            switch sample.value {
            case .double(let value) where !value.isFinite: break
            case .double(let value): writer.member("v", value)
            case .integer(let value): writer.member("v", value)
            case .boolean(let value): writer.member("vb", value)
            case .text(let value): writer.member("vs", value)
            }
            let remarks = Self.remarks(sample)
            if !remarks.isEmpty { writer.member("q", remarks.joined(separator: " ")) }
            writer.endObject()
        }
        for event in frame.extras.events {
            begin(event.name, event.timestamp)
            writer.member("vs", event.attributes.map { "\($0.key)=\($0.value.plainText)" }.joined(separator: " "))
            if event.timestamp < Self.earliest {
                writer.member("q", Quality.clockUnsynchronised.names.joined(separator: " "))
            }
            writer.endObject()
        }
        writer.endArray()
        write(String(decoding: writer.bytes, as: UTF8.self))
    }

    /// Times before this one, 2020-01-01, come from a clock that did not know the time; a `t` below 2^28 would even be read as
    /// relative to now (RFC 8428, section 4.5.3).
    private static let earliest = Timestamp(seconds: 1_577_836_800)

    /// What is said in `q`: JSON has no word for a value that is not finite, and a time that is left out has a reason.
    private static func remarks(_ sample: Sample) -> [String] {
        let hasTime = sample.timestamp >= earliest
        var remarks = sample.quality.union(hasTime ? [] : .clockUnsynchronised).names
        if case .double(let number) = sample.value, !number.isFinite { remarks.append("not-finite") }
        return remarks
    }
}

// MARK: - CSV

extension FrameListing {
    private func row(_ sample: Sample, _ stream: Stream, _ known: [SeriesID: Series]) -> String {
        let series = name(sample, known)
        return [
            sample.timestamp.description, stream.site.text, stream.agent.text, series.key, sample.value.plainText,
            series.kind == .state ? "" : series.unit.code, sample.quality.names.joined(separator: " "),
        ].map(Self.cell).joined(separator: ",")
    }

    private func row(_ event: Event, _ stream: Stream) -> String {
        let facts = event.attributes.map { "\($0.key)=\($0.value.plainText)" }.joined(separator: " ")
        return [event.timestamp.description, stream.site.text, stream.agent.text, event.name, facts, "", ""]
            .map(Self.cell).joined(separator: ",")
    }

    private static func cell(_ text: String) -> String {
        guard text.contains(where: { ",\"\n\r".contains($0) }) else { return text }
        return "\"" + text.replacing("\"", with: "\"\"") + "\""
    }
}

// MARK: - Line protocol

extension FrameListing {
    private func line(_ sample: Sample, _ stream: Stream, _ known: [SeriesID: Series]) -> String {
        let series = name(sample, known)
        let tags = [Tag("site", stream.site.text), Tag("agent", stream.agent.text)] + series.tags
        let head = tags.reduce(into: Self.escaped(series.name)) { head, tag in
            head += ",\(Self.escaped(tag.key))=\(Self.escaped(tag.value))"
        }
        return "\(head) value=\(Self.field(sample.value)) \(sample.timestamp.nanoseconds)"
    }

    private func line(_ event: Event, _ stream: Stream) -> String {
        let fields = event.attributes.map { "\(Self.escaped($0.key))=\(Self.field($0.value))" }
        let all = (["name=\(Self.field(.text(event.name)))"] + fields).joined(separator: ",")
        return "event,site=\(stream.site),agent=\(stream.agent) \(all) \(event.timestamp.nanoseconds)"
    }

    private static func field(_ value: Value) -> String {
        switch value {
        case .integer(let number): "\(number)i"
        case .text(let text): "\"\(text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\""))\""
        case .double, .boolean: value.plainText
        }
    }

    private static func escaped(_ text: String) -> String {
        text.reduce(into: "") { escaped, character in
            if ", =".contains(character) { escaped.append("\\") }
            escaped.append(character)
        }
    }
}

extension Value {
    /// The value as a person would write it.
    fileprivate var plainText: String {
        switch self {
        case .double(let value): value.description
        case .integer(let value): String(value)
        case .boolean(let value): value ? "true" : "false"
        case .text(let value): value
        }
    }
}
