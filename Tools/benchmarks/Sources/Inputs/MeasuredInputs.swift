package import Telemetry

/// What the `line` input does with the bytes of one connection, without the connection.
package struct MeasuredLines {
    private var intake: LineIntake
    private var source = LineSource(.process(nil, connection: 1))

    package init(into sink: any SampleSink, environment: InputEnvironment) {
        intake = LineIntake(LineSettings(listen: .unix(path: "/none")), environment: environment, sink: sink)
    }

    /// Takes whole lines, and gives their samples to the sink.
    package mutating func take(_ bytes: [UInt8], arrival: Timestamp) {
        _ = bytes.withUnsafeBytes { intake.take($0, from: &source, arrival: arrival, ending: .open) }
        intake.flush()
    }
}

/// What inputs of text do with the bytes of one source, without the source.
package struct MeasuredRecords {
    /// A format as an instrument may use it, and a record of it in which `#` stands for a number.
    package static let shapes: [(name: String, record: String)] = [
        ("json", #"{"at":1795300000000,"arm":"left","force":#,"torque":{"x":#,"y":#,"z":#}}"#),
        ("csv", "2026-11-22T08:15:30Z,left,#,#,#,#"), ("key-value", "scale arm=left force=# x=# y=# z=#"),
        ("nmea", "$GPGGA,123519,4807.038,N,01131.000,E,1,08,0.9,#,M,46.9,M,,"),
        ("regex", "arm left force #"),
    ]

    private static func format(_ name: String) -> RecordFormat {
        let names = ["force", "x", "y", "z"]
        func map(_ selectors: [String], tag: String) -> FieldMap {
            FieldMap(
                fields: .rules(zip(names, selectors).map { FieldRule(series: "gripper.\($0)", selector: $1) }),
                tags: [FieldMap.TagRule(key: "arm", selector: tag)])
        }
        switch name {
        case "json":
            var map = map(["/force", "/torque/x", "/torque/y", "/torque/z"], tag: "/arm")
            map.time = FieldMap.TimeRule(selector: "/at", format: .count(.milliseconds))
            return .json(JSONFormat(map: map))
        case "csv": return .csv(CSVFormat(map: map(["3", "4", "5", "6"], tag: "2"), hasHeader: false))
        case "key-value": return .keyValue(KeyValueFormat(map: map(names, tag: "arm")))
        case "nmea": return .nmea(NMEAFormat(requiresChecksum: false))
        default:
            return .regex(PatternFormat(pattern: "arm ([a-z]+) force ([0-9.]+)", map: map(["2"], tag: "1")))
        }
    }

    private var intake: RecordIntake
    private var splitter = RecordSplitter()

    package init(_ format: String, into sink: any SampleSink, environment: InputEnvironment) {
        intake = RecordIntake(
            RecordSettings(Self.format(format)), from: "bench", environment: environment, sink: sink)
    }

    /// Takes whole records, and gives their samples to the sink.
    package mutating func take(_ bytes: [UInt8], arrival: Timestamp) {
        bytes.withUnsafeBytes { bytes in splitter.take(bytes) { intake.take($0, arrival: arrival) } }
        intake.flush()
    }
}

/// What the `host` input does at each tick.
package struct MeasuredHost {
    private var collector: HostCollector

    package init(into sink: any SampleSink, environment: InputEnvironment) {
        collector = HostCollector(
            HostSettings(), environment: environment, sink: sink, moment: Self.moment(at: environment.now()))
    }

    /// Reads this machine's /proc and /sys once.
    package mutating func read(at wall: Timestamp) { collector.collect(at: Self.moment(at: wall)) }

    private static func moment(at wall: Timestamp) -> HostMoment {
        HostMoment(wall: wall, monotonic: monotonicNanoseconds())
    }
}
