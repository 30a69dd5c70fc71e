import Telemetry

/// What can be set of the format `key-value`.
struct KeyValueFormat: Hashable, Sendable {
    var map = FieldMap()
    /// Stands between key and value.
    var assign = UInt8(ascii: "=")
    /// Stands between pairs; nil for blanks, `,` and `;`.
    var separator: UInt8?
}

/// Reads pairs such as `temp=21.5 hum=40 state="idle"`. Words without the sign between key and value mean nothing, so that
/// the rest of a log line does not disturb.
struct KeyValueRecords: RecordDecoding {
    private let format: KeyValueFormat
    private let selectors: [[UInt8]]
    private var mapper: FieldMapper
    private var pairs: [KeyValuePair] = []

    init(_ format: KeyValueFormat) {
        self.format = format
        selectors = format.map.selectors.map { Array($0.utf8) }
        mapper = FieldMapper(format.map)
    }

    mutating func decode(
        _ record: UnsafeRawBufferPointer, arrival: Timestamp, into points: inout PointIntake
    ) throws(RecordProblem) {
        pairs.removeAll(keepingCapacity: true)
        var index = 0
        while index < record.count {
            let start = index
            while index < record.count, record[index] != format.assign, !isSeparator(record[index]) { index += 1 }
            guard index < record.count, record[index] == format.assign else {
                index += 1
                continue
            }
            let key = start..<index
            index += 1
            // `Temp: 21.5` has a blank after its sign; after `=` a blank means that there is no value.
            if format.assign != UInt8(ascii: "=") {
                while index < record.count, record[index].isBlank { index += 1 }
            }
            let value = try value(record, &index)
            if !key.isEmpty { pairs.append(KeyValuePair(key: trimmed(record, key), value: value)) }
        }
        let found = KeyValueCells(record: record, pairs: pairs, selectors: selectors)
        try mapper.take(found, arrival: arrival, into: &points)
    }

    private func isSeparator(_ byte: UInt8) -> Bool {
        if let separator = format.separator { return byte == separator }
        return byte.isBlank || byte == UInt8(ascii: ",") || byte == UInt8(ascii: ";")
    }

    private func value(_ record: UnsafeRawBufferPointer, _ index: inout Int) throws(RecordProblem) -> Range<Int> {
        guard index < record.count, record[index] == UInt8(ascii: "\"") else {
            let start = index
            while index < record.count, !isSeparator(record[index]) { index += 1 }
            return start..<index
        }
        let start = index + 1
        var cursor = start
        while cursor < record.count, record[cursor] != UInt8(ascii: "\"") {
            cursor += record[cursor] == UInt8(ascii: "\\") ? 2 : 1
        }
        guard cursor < record.count else { throw RecordProblem("the quote is not closed", at: index) }
        index = cursor + 1
        return start..<cursor
    }

    private func trimmed(_ record: UnsafeRawBufferPointer, _ range: Range<Int>) -> Range<Int> {
        var (start, end) = (range.lowerBound, range.upperBound)
        while start < end, record[start].isBlank { start += 1 }
        while end > start, record[end - 1].isBlank { end -= 1 }
        return start..<end
    }
}

private struct KeyValuePair {
    let key: Range<Int>
    let value: Range<Int>
}

private struct KeyValueCells: RecordCells {
    let record: UnsafeRawBufferPointer
    let pairs: [KeyValuePair]
    let selectors: [[UInt8]]

    func cell(_ number: Int) -> Cell {
        for pair in pairs where UnsafeRawBufferPointer(rebasing: record[pair.key]).isEqual(selectors[number]) {
            return Cell(trimming: UnsafeRawBufferPointer(rebasing: record[pair.value]))
        }
        return .absent
    }

    func eachLeaf(_ body: (UnsafeRawBufferPointer, Cell) throws(RecordProblem) -> Void) throws(RecordProblem) {
        for pair in pairs {
            try body(
                UnsafeRawBufferPointer(rebasing: record[pair.key]),
                Cell(trimming: UnsafeRawBufferPointer(rebasing: record[pair.value])))
        }
    }
}
