import Telemetry

/// Makes points and events of the lines of one kind of sender.
struct LineDecoder {
    /// The unit of timestamps in lines.
    let precision: LinePrecision
    var parser = LineParser()

    init(_ precision: LinePrecision) { self.precision = precision }

    /// Takes over a line that has just been parsed; its fields are the parser's.
    ///
    /// - Parameters:
    ///   - point: what the parser returned.
    ///   - bytes: what the parser read it from.
    ///   - arrival: the time of a line without one.
    ///   - points: gets a point for each field, or the event that the line is; the caller commits or abandons.
    /// - Throws: `RecordProblem` when a name, a tag or a field breaks a rule.
    mutating func accept(
        _ point: LinePoint, _ bytes: UnsafeRawBufferPointer, arrival: Timestamp, into points: inout PointIntake
    ) throws(RecordProblem) {
        var timestamp = arrival
        if let given = point.timestamp {
            let (scaled, overflow) = given.multipliedReportingOverflow(by: precision.factor)
            guard !overflow else {
                throw RecordProblem(
                    "the timestamp is beyond the year 2262 in \(precision.rawValue); correct 'precision' or the sender",
                    at: point.timestampOffset, .badTime)
            }
            timestamp = Timestamp(nanoseconds: scaled)
        }
        // Read only when something is new: nearly every line has a head and fields that were seen before.
        var head: LineHead?
        var group = points.group(UnsafeRawBufferPointer(rebasing: bytes[point.head]))
        if group.isNew {
            let new = try LineHead(bytes, in: point.head)
            if let event = try new.event(parser.fields, bytes, at: timestamp) {
                points.accept(event)
                return
            }
            head = new
        }
        for field in parser.fields {
            let column = field.key.lowerBound
            try points.add(
                UnsafeRawBufferPointer(rebasing: bytes[field.key]), to: &group, bytes.telemetryValue(field.value),
                at: timestamp, column: column
            ) { () throws(RecordProblem) in
                let known: LineHead
                if let head { known = head } else { known = try LineHead(bytes, in: point.head) }
                head = known
                let key = try bytes.unescaped(field.key, named: "field key")
                let name = try known.seriesName(field: key, at: column)
                return Series(name, tags: known.tags, kind: field.value.isState ? .state : .gauge)
            }
        }
    }
}

extension UnsafeRawBufferPointer {
    func telemetryValue(_ value: LineValue) throws(RecordProblem) -> Value {
        switch value {
        case .double(let number): .double(number)
        case .integer(let number): .integer(number)
        case .boolean(let flag): .boolean(flag)
        case .text(let range, let hasEscapes): .text(try unquoted(range, hasEscapes: hasEscapes))
        }
    }
}
