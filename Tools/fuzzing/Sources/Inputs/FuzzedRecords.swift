package import Telemetry

/// What inputs of text do with the bytes of one source, without the source.
package struct FuzzedRecords {
    /// Settings that take each decoder to its ends.
    package static let formats = settings.count

    static let settings: [RecordFormat] = [
        .line(.milliseconds), .senml(SenMLFormat()), .senml(SenMLFormat(tag: "sensor", series: "room.temperature")),
        .json(JSONFormat()),
        .json(
            JSONFormat(
                map: FieldMap(
                    fields: .rules([
                        FieldRule(series: "a", selector: "/a", range: 0...1),
                        FieldRule(series: "b", selector: "/b/0", form: .text),
                    ]),
                    tags: [FieldMap.TagRule(key: "device", selector: "/d")],
                    time: FieldMap.TimeRule(selector: "/t", format: .count(.seconds))), each: JSONPointer("/r"))),
        .csv(CSVFormat()),
        .csv(
            CSVFormat(
                map: FieldMap(
                    fields: .rules([
                        FieldRule(series: "a", selector: "1", form: .integer),
                        FieldRule(series: "b", selector: "2", form: .boolean),
                    ]),
                    tags: [FieldMap.TagRule(key: "c", selector: "3")],
                    time: FieldMap.TimeRule(selector: "4", format: .utc)), hasHeader: false,
                delimiter: UInt8(ascii: ";"), comment: UInt8(ascii: "#"))),
        .keyValue(KeyValueFormat()), .keyValue(KeyValueFormat(assign: UInt8(ascii: ":"), separator: UInt8(ascii: "|"))),
        .nmea(NMEAFormat()), .nmea(NMEAFormat(requiresChecksum: false, takesTime: true)),
        .regex(
            PatternFormat(
                pattern: "([a-z]+)=(-?[0-9.]+)( *kg)?",
                map: FieldMap(
                    fields: .rules([FieldRule(series: "w", selector: "2", scale: 0.1)]),
                    tags: [FieldMap.TagRule(key: "k", selector: "1")],
                    time: FieldMap.TimeRule(selector: "3", format: .pattern("%H kg"))))),
        .value(FieldRule(series: "v", selector: "value")),
    ]

    private var intake: RecordIntake
    private var splitter: RecordSplitter

    /// `format`: its number, from 0. `isWhole`: whether all bytes are one record.
    package init(_ format: Int, isWhole: Bool, into sink: any SampleSink, environment: InputEnvironment) {
        intake = RecordIntake(
            RecordSettings(Self.settings[format]), from: "fuzz", environment: environment, sink: sink)
        splitter = RecordSplitter(isWhole ? .end : .byte(UInt8(ascii: "\n")), longest: 2048)
    }

    /// Takes what has come.
    package mutating func take(_ bytes: ArraySlice<UInt8>, arrival: Timestamp) {
        bytes.withUnsafeBytes { bytes in splitter.take(bytes) { intake.take($0, arrival: arrival) } }
        precondition(splitter.pendingCount <= 2048, "what waits is bounded")
        for _ in 0..<splitter.takeTooLong() { intake.refuseTooLong(2048) }
    }

    /// Takes the end.
    package mutating func finish(arrival: Timestamp) {
        splitter.finish { intake.take($0, arrival: arrival) }
        intake.flush()
    }
}
