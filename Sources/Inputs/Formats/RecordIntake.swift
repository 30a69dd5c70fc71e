import Telemetry

/// Takes the records of one source: decodes, counts and logs.
struct RecordIntake {
    /// The longest record that inputs of text take, in bytes.
    static let longestRecord = 65_536

    private var decoder: RecordDecoder
    private(set) var points: PointIntake

    /// - Parameters:
    ///   - settings: how records are read, and what is added to them.
    ///   - source: who sends the records, as a person knows it: `/dev/ttyUSB0`.
    ///   - environment: names the input in counters.
    ///   - sink: gets the samples.
    init(_ settings: RecordSettings, from source: String, environment: InputEnvironment, sink: any SampleSink) {
        decoder = RecordDecoder(settings.format)
        points = PointIntake(
            source, tags: environment.deviceTags(settings.device) + settings.tags, units: settings.units,
            priority: settings.priority, environment: environment, sink: sink)
    }

    /// Whether the first record of a stream says how to read the others.
    var wantsHead: Bool { decoder.wantsHead }

    /// Takes a record; a bad one is counted and logged.
    mutating func take(_ record: UnsafeRawBufferPointer, arrival: Timestamp) {
        points.record += 1
        do throws(RecordProblem) {
            try decoder.decode(record, arrival: arrival, into: &points)
        } catch {
            points.refuse(error)
        }
    }

    /// Counts a record of which too much has come.
    mutating func refuseTooLong(_ limit: Int) {
        points.record += 1
        points.refuse(RecordProblem("it is longer than \(limit) bytes; is the terminator right?", at: limit, .tooLong))
    }

    /// Counts a record whose end never came.
    mutating func refuseCutOff(_ count: Int) {
        points.record += 1
        points.refuse(RecordProblem("\(count) bytes came, and no end of the record", at: count, .cutOff))
    }

    /// A new stream of the same kind begins, by default of the same source.
    mutating func restart(from source: String? = nil) {
        decoder.restart()
        points.record = 0
        if let source { points.source = source }
    }

    /// Gives the sink what has gathered.
    mutating func flush() { points.flush() }
}
