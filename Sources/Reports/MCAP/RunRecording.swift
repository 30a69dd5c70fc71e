package import Aggregation
import Frames
import JSON
package import Telemetry

/// The samples, events and markers of a scenario's runs as an MCAP file, for Foxglove and its likes.
///
/// | topic | schema | messages |
/// | --- | --- | --- |
/// | `/runs` | `fieldproof.RunMarker` | start and stop of every run of the summary |
/// | `/log` | `foxglove.Log` | the same and all events, as a person reads them |
/// | `/<site>/<agent>/events` | `fieldproof.Event` | events |
/// | `/<site>/<agent>/<series>` | `fieldproof.Number`, `.Boolean`, `.Text` | samples; dots of the name and tags become levels |
///
/// The summary is attached, and its digests stand in the metadata record `fieldproof`. Memory is bounded by a chunk, the index of
/// all chunks, and the markers of all runs.
package struct RunRecording {
    private enum Source: Hashable {
        case series(site: Identifier, agent: Identifier, key: String, RecordingSchema)
        case events(site: Identifier, agent: Identifier)
        case runs
        case log
    }

    private struct Marker {
        var time: Timestamp
        var entry: Summary.LedgerEntry
        var isStart: Bool
    }

    private var writer: MCAPWriter
    private let period: Summary.Period
    private let summary: [UInt8]
    private let facts: [(key: String, value: String)]
    private var schemas: [RecordingSchema: UInt16] = [:]
    private var channels: [Source: UInt16] = [:]
    /// Latest first.
    private var markers: [Marker]

    /// `sink`: takes the bytes of the file as they come; what it throws is thrown by the calls here.
    package init(
        of summary: Summary, isCompressed: Bool = true, sink: @escaping ([UInt8]) throws -> Void
    ) throws {
        writer = try MCAPWriter(
            library: summary.reproduction.software, isCompressed: isCompressed, sink: sink)
        period = summary.period
        self.summary = Array(Report.text(summary, format: .json).utf8)
        facts = [
            ("scenario", summary.scenario.id.text), ("version", summary.scenario.version),
            ("definition", summary.scenario.digest), ("verdict", summary.verdict.rawValue),
            ("summary", "sha256:\(FrameDigest(of: self.summary))"), ("archive", summary.reproduction.archive),
            ("software", summary.reproduction.software), ("expired_runs", String(summary.reproduction.expiredRuns)),
        ]
        markers = summary.ledger.flatMap { entry in
            [
                entry.start.map { Marker(time: $0, entry: entry, isStart: true) },
                entry.stop.map { Marker(time: $0, entry: entry, isStart: false) },
            ].compactMap(\.self)
        }.sorted { $1.time < $0.time }
    }

    /// One sample at its place in time; nearly in order.
    package mutating func write(
        _ value: Value, _ quality: Quality, of series: Series, site: Identifier, agent: Identifier, at time: Timestamp
    ) throws {
        try writeMarkers(through: time)
        let schema: RecordingSchema =
            switch value {
            case .double, .integer: .number
            case .boolean: .boolean
            case .text: .text
            }
        let channel = try channel(.series(site: site, agent: agent, key: series.key, schema), schema) {
            (
                RecordingTopic.of(series, site: site, agent: agent),
                [
                    ("site", site.text), ("agent", agent.text), ("series", series.name), ("unit", series.unit.code),
                    ("kind", "\(series.kind)"),
                ] + series.tags.map { ("tag.\($0.key)", $0.value) }
            )
        }
        var message = JSONWriter()
        message.beginObject()
        var remarks = quality.names
        message.key("value")
        switch value {
        case .double(let number) where !number.isFinite:
            message.null()
            remarks.append("not-finite")
        case .double(let number): message.number(number)
        case .integer(let number): message.integer(number)
        case .boolean(let flag): message.bool(flag)
        case .text(let text): message.string(text)
        }
        if !remarks.isEmpty { message.member("quality", remarks) }
        message.endObject()
        try writer.write(message.bytes, to: channel, at: UInt64(clamping: time.nanoseconds))
    }

    /// One event at its place in time, `event.timestamp`.
    package mutating func write(_ event: Event, site: Identifier, agent: Identifier) throws {
        try writeMarkers(through: event.timestamp)
        let channel = try channel(.events(site: site, agent: agent), .event) {
            ("/\(site)/\(agent)/events", [("site", site.text), ("agent", agent.text)])
        }
        var attributes: [(key: String, value: JSONValue)] = []
        for attribute in event.attributes { attributes.append((attribute.key, attribute.value.json)) }
        let message: JSONValue = [
            "name": .string(event.name), "attributes": .object(JSONObject(attributes)),
        ]
        try writer.write(message.compact(), to: channel, at: UInt64(clamping: event.timestamp.nanoseconds))
        let facts = attributes.map {
            "\($0.key)=\($0.value.string ?? String(decoding: $0.value.compact(), as: UTF8.self))"
        }
        try log(([event.name] + facts).joined(separator: " "), by: "\(site)/\(agent)", at: event.timestamp)
    }

    /// Ends the file.
    package consuming func finish() throws {
        try writeMarkers(through: Timestamp(nanoseconds: .max))
        let time = UInt64(clamping: period.to.nanoseconds)
        try writer.attach("summary.json", mediaType: "application/json", at: time, summary)
        try writer.addMetadata("fieldproof", facts)
        try writer.finish()
    }

    private mutating func writeMarkers(through time: Timestamp) throws {
        while let marker = markers.last, marker.time <= time {
            markers.removeLast()
            try write(marker)
        }
    }

    private mutating func write(_ marker: Marker) throws {
        let channel = try channel(.runs, .runMarker) { ("/runs", []) }
        let entry = marker.entry
        let phase = marker.isStart ? "start" : "stop"
        func text(_ text: String?) -> JSONValue { text.map(JSONValue.string) ?? .null }
        let message: JSONValue = [
            "phase": .string(phase), "run": .string(entry.run.text), "site": .string(entry.site.text),
            "subject": text(entry.subject), "outcome": text(entry.outcome), "failure_mode": text(entry.failureMode),
            "intervention": entry.intervention.map(JSONValue.bool) ?? .null, "excluded": text(entry.excluded),
        ]
        try writer.write(message.compact(), to: channel, at: UInt64(clamping: marker.time.nanoseconds))
        let outcome =
            marker.isStart ? "" : [entry.outcome, entry.failureMode].compactMap(\.self).map { " " + $0 }.joined()
        try log("run \(entry.run) \(phase)\(outcome)", by: entry.site.text, at: marker.time)
    }

    private mutating func log(_ text: String, by name: String, at time: Timestamp) throws {
        let channel = try channel(.log, .log) { ("/log", []) }
        let nanoseconds = UInt64(clamping: time.nanoseconds)
        let message: JSONValue = [
            "timestamp": [
                "sec": .integer(Int64(nanoseconds / 1_000_000_000)),
                "nsec": .integer(Int64(nanoseconds % 1_000_000_000)),
            ],
            "level": 2, "message": .string(text), "name": .string(name), "file": "", "line": 0,
        ]
        try writer.write(message.compact(), to: channel, at: nanoseconds)
    }

    private mutating func channel(
        _ source: Source, _ schema: RecordingSchema,
        _ describe: () -> (topic: String, metadata: [(key: String, value: String)])
    ) throws -> UInt16 {
        if let known = channels[source] { return known }
        let schemaID = schemas[schema] ?? writer.addSchema(schema.rawValue, schema.text)
        schemas[schema] = schemaID
        let (topic, metadata) = describe()
        guard let channel = writer.addChannel(topic, schema: schemaID, metadata: metadata) else {
            throw RecordingError.tooManySeries
        }
        channels[source] = channel
        return channel
    }
}

/// Why runs cannot be put into one file.
package enum RecordingError: Error, Hashable, CustomStringConvertible {
    /// MCAP numbers channels by 16 bits.
    case tooManySeries

    package var description: String {
        "the runs have more than 65,535 series, which one MCAP file cannot hold; choose fewer by --from, --to and --site"
    }
}

/// Names of topics, as Foxglove's message paths take them without quotes.
enum RecordingTopic {
    static func of(_ series: Series, site: Identifier, agent: Identifier) -> String {
        let levels = series.name.split(separator: ".").map(String.init)
        let tags = series.tags.map { "\(plain($0.key))_\(plain($0.value))" }
        return "/" + ([site.text, agent.text] + levels + tags).joined(separator: "/")
    }

    /// What is neither letter, digit nor `-` becomes `_`; the channel's metadata has the tag as it is.
    private static func plain(_ text: String) -> String {
        String(text.map { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-") ? $0 : "_" })
    }
}

extension Value {
    /// Null for what is no finite number.
    fileprivate var json: JSONValue {
        switch self {
        case .double(let number): number.isFinite ? .double(number) : .null
        case .integer(let number): .integer(number)
        case .boolean(let flag): .bool(flag)
        case .text(let text): .string(text)
        }
    }
}
