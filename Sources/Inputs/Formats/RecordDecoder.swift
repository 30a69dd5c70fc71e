import Telemetry

/// Makes points of the records of one stream.
protocol RecordDecoding {
    /// Takes over one record.
    ///
    /// - Parameters:
    ///   - record: its bytes, without what separates it from the next.
    ///   - arrival: when it came: the time of points that bring none.
    ///   - points: gets the points. What is committed there stays; what is not is the caller's to commit or abandon.
    /// - Throws: `RecordProblem` when the record is bad.
    mutating func decode(
        _ record: UnsafeRawBufferPointer, arrival: Timestamp, into points: inout PointIntake
    ) throws(RecordProblem)

    /// A new stream of the same kind begins: what was learnt from the last one's beginning is void.
    mutating func restart()

    /// Whether the first record of a stream says how to read the others.
    var wantsHead: Bool { get }
}

extension RecordDecoding {
    mutating func restart() {}
    var wantsHead: Bool { false }
}

/// The decoder of a format.
///
/// Any input whose source gives text makes one for each stream, a ``PointIntake`` beside it, and hands every record to
/// ``RecordIntake`` or, to handle problems itself, to ``decode(_:arrival:into:)``.
struct RecordDecoder {
    private var decoder: any RecordDecoding

    init(_ format: RecordFormat) {
        decoder =
            switch format {
            case .line(let precision): LineRecords(precision)
            case .senml(let format): SenMLRecords(format)
            case .json(let format): JSONRecords(format)
            case .csv(let format): CSVRecords(format)
            case .keyValue(let format): KeyValueRecords(format)
            case .nmea(let format): NMEARecords(format)
            case .regex(let format): PatternRecords(format)
            case .value(let rule): ValueRecords(rule)
            }
    }

    /// Takes over one record. A bad one leaves nothing behind.
    ///
    /// - Throws: `RecordProblem` when the record is bad.
    mutating func decode(
        _ record: UnsafeRawBufferPointer, arrival: Timestamp, into points: inout PointIntake
    ) throws(RecordProblem) {
        do throws(RecordProblem) {
            try decoder.decode(record, arrival: arrival, into: &points)
        } catch {
            points.abandon()
            throw error
        }
        points.commit()
    }

    /// A new stream of the same kind begins.
    mutating func restart() { decoder.restart() }

    /// Whether the first record of a stream says how to read the others, as a header of CSV does.
    var wantsHead: Bool { decoder.wantsHead }
}

/// The format `value`: the whole record is one value.
struct ValueRecords: RecordDecoding {
    private var mapper: FieldMapper

    init(_ rule: FieldRule) { mapper = FieldMapper(FieldMap(fields: .rules([rule]))) }

    mutating func decode(
        _ record: UnsafeRawBufferPointer, arrival: Timestamp, into points: inout PointIntake
    ) throws(RecordProblem) {
        let cell = Cell(trimming: record)
        if cell.isAbsent { return }
        try mapper.take(OneCell(cell: cell), arrival: arrival, into: &points)
    }

    private struct OneCell: RecordCells {
        let cell: Cell
        func cell(_ number: Int) -> Cell { cell }
        func eachLeaf(_ body: (UnsafeRawBufferPointer, Cell) throws(RecordProblem) -> Void) throws(RecordProblem) {}
    }
}

/// The format `line`: a record is a line of line protocol, or several.
struct LineRecords: RecordDecoding {
    private var decoder: LineDecoder

    init(_ precision: LinePrecision) { decoder = LineDecoder(precision) }

    mutating func decode(
        _ record: UnsafeRawBufferPointer, arrival: Timestamp, into points: inout PointIntake
    ) throws(RecordProblem) {
        var start = 0
        while start < record.count {
            let rest = UnsafeRawBufferPointer(rebasing: record[start...])
            do throws(RecordProblem) {
                switch try decoder.parser.parse(rest, isLast: true) {
                case .nothing(let end): start += end
                case .unfinished: throw RecordProblem("the text is not closed; write '\"' after it", at: rest.count)
                case .point(let point):
                    try decoder.accept(point, rest, arrival: arrival, into: &points)
                    points.commit()
                    start += point.end
                }
            } catch {
                points.abandon()
                points.refuse(
                    RecordProblem(
                        error.message, at: start + error.offset, error.reason == .badRecord ? .badLine : error.reason))
                start += rest.lineEnd(from: 0)
            }
        }
    }
}
