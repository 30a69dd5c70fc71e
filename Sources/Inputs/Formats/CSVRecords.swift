import Telemetry

/// What can be set of the format `csv`.
struct CSVFormat: Hashable, Sendable {
    var map = FieldMap()
    /// The names of the columns; nil where the first row has them.
    var columns: [String]?
    /// Whether a stream begins with a row of names.
    var hasHeader = true
    var delimiter = UInt8(ascii: ",")
    /// Rows that begin with it mean nothing.
    var comment: UInt8?
}

/// Reads comma-separated values (RFC 4180): a record is a row, or several.
///
/// More lenient than the standard where nothing can be misread: rows end with `\n` or `\r\n`, blanks around a number do
/// not count, and a quote inside a value that does not begin with one stands for itself.
struct CSVRecords: RecordDecoding {
    /// More columns than this are a mistake.
    private static let maximumColumns = 1024

    private let format: CSVFormat
    private let selectors: [String]
    private var mapper: FieldMapper
    /// The names of the columns; nil as long as the row that has them has not come.
    private var names: [[UInt8]]?
    /// The column of each selector; -1 where there is none.
    private var places: [Int] = []
    /// The row of names, which a logger that starts again writes again.
    private var header: [UInt8] = []
    private var cells: [CSVCell] = []
    /// Values without the doubling of their quotes.
    private var scratch: [UInt8] = []
    private var skipsHeader = false

    init(_ format: CSVFormat) {
        self.format = format
        selectors = format.map.selectors
        mapper = FieldMapper(format.map)
        restart()
    }

    var wantsHead: Bool { format.columns == nil && format.hasHeader }

    mutating func restart() {
        header = []
        names = nil
        skipsHeader = false
        if let columns = format.columns {
            names = columns.map { Array($0.utf8) }
            places = selectors.map { Self.place(of: $0, in: columns) ?? -1 }
            skipsHeader = format.hasHeader
        } else if !format.hasHeader {
            names = []
            places = selectors.map { (Int($0) ?? 0) - 1 }
        }
    }

    mutating func decode(
        _ record: UnsafeRawBufferPointer, arrival: Timestamp, into points: inout PointIntake
    ) throws(RecordProblem) {
        var start = 0
        while start < record.count {
            let first = start
            if record.isLineEnd(first) || record[first] == format.comment {
                start = record.lineEnd(from: first)
                continue
            }
            do throws(RecordProblem) {
                start = try split(record, from: first)
                try take(record, first..<start, arrival: arrival, into: &points)
                points.commit()
            } catch {
                points.abandon()
                points.refuse(error)
                // A quote that is never closed costs its own line, not what follows.
                if start == first { start = record.lineEnd(from: first) }
            }
        }
    }

    /// Finds the cells of the row that begins at `first`.
    ///
    /// - Returns: the offset after the row and its newline.
    private mutating func split(_ record: UnsafeRawBufferPointer, from first: Int) throws(RecordProblem) -> Int {
        cells.removeAll(keepingCapacity: true)
        scratch.removeAll(keepingCapacity: true)
        var index = first
        while true {
            guard cells.count < Self.maximumColumns else {
                throw RecordProblem("more than \(Self.maximumColumns) columns; is the delimiter right?", at: index)
            }
            if index < record.count, record[index] == UInt8(ascii: "\"") {
                cells.append(try quoted(record, &index))
            } else {
                let start = index
                while index < record.count, record[index] != format.delimiter, !record.isLineEnd(index) { index += 1 }
                cells.append(CSVCell(range: start..<index, isUnquoted: false))
            }
            guard index < record.count, record[index] == format.delimiter else { break }
            index += 1
        }
        guard record.isLineEnd(index) else {
            throw RecordProblem("text follows the closing quote; double the quotes inside a value", at: index)
        }
        return record.lineEnd(from: index)
    }

    private mutating func quoted(
        _ record: UnsafeRawBufferPointer, _ index: inout Int
    ) throws(RecordProblem) -> CSVCell {
        let quote = UInt8(ascii: "\"")
        let start = index + 1
        var cursor = start
        var doubled = false
        while cursor < record.count {
            if record[cursor] != quote {
                cursor += 1
            } else if cursor + 1 < record.count, record[cursor + 1] == quote {
                doubled = true
                cursor += 2
            } else {
                index = cursor + 1
                guard doubled else { return CSVCell(range: start..<cursor, isUnquoted: false) }
                let begin = scratch.count
                var copied = start
                while copied < cursor {
                    scratch.append(record[copied])
                    copied += record[copied] == quote ? 2 : 1
                }
                return CSVCell(range: begin..<scratch.count, isUnquoted: true)
            }
        }
        throw RecordProblem("the quote is not closed", at: index)
    }

    private mutating func take(
        _ record: UnsafeRawBufferPointer, _ row: Range<Int>, arrival: Timestamp, into points: inout PointIntake
    ) throws(RecordProblem) {
        if skipsHeader {
            skipsHeader = false
            return
        }
        let bytes = UnsafeRawBufferPointer(rebasing: record[row])
        guard let names else {
            try learn(record, bytes)
            return
        }
        if !header.isEmpty, bytes.isEqual(header) { return }
        // Without names, rows are as long as they are.
        guard names.isEmpty || cells.count == names.count else {
            throw RecordProblem("the row has \(cells.count) columns instead of \(names.count)", at: row.lowerBound)
        }
        let (cells, places) = (cells, places)
        try scratch.withUnsafeBufferPointer { scratch throws(RecordProblem) in
            let row = CSVRow(
                record: record, scratch: UnsafeRawBufferPointer(scratch), cells: cells, names: names, places: places)
            try mapper.take(row, arrival: arrival, into: &points)
        }
    }

    /// Takes the row as the names of the columns.
    private mutating func learn(
        _ record: UnsafeRawBufferPointer, _ row: UnsafeRawBufferPointer
    ) throws(RecordProblem) {
        header = Array(row)
        let texts = scratch.withUnsafeBytes { scratch in
            cells.map { cell in
                let source = cell.isUnquoted ? scratch : record
                guard case .bytes(let name) = Cell(trimming: UnsafeRawBufferPointer(rebasing: source[cell.range]))
                else {
                    return ""
                }
                return name.text
            }
        }
        names = texts.map { Array($0.utf8) }
        places = selectors.map { Self.place(of: $0, in: texts) ?? -1 }
        for (selector, place) in zip(selectors, places) where place < 0 {
            throw RecordProblem(
                "the first row has no column '\(selector)'; it has \(texts.prefix(12).joined(separator: ", ").utf8.shownText)"
            )
        }
    }

    /// By name, or by number from 1.
    private static func place(of selector: String, in columns: [String]) -> Int? {
        if let place = columns.firstIndex(of: selector) { return place }
        guard let number = Int(selector), (1...columns.count).contains(number) else { return nil }
        return number - 1
    }
}

private struct CSVCell {
    var range: Range<Int>
    /// Whether the range is in the scratch, not in the record.
    var isUnquoted: Bool
}

private struct CSVRow: RecordCells {
    let record: UnsafeRawBufferPointer
    let scratch: UnsafeRawBufferPointer
    let cells: [CSVCell]
    let names: [[UInt8]]
    let places: [Int]

    func cell(_ number: Int) -> Cell {
        let place = places[number]
        return cells.indices.contains(place) ? cell(at: place) : .absent
    }

    private func cell(at place: Int) -> Cell {
        let source = cells[place].isUnquoted ? scratch : record
        return Cell(trimming: UnsafeRawBufferPointer(rebasing: source[cells[place].range]))
    }

    func eachLeaf(_ body: (UnsafeRawBufferPointer, Cell) throws(RecordProblem) -> Void) throws(RecordProblem) {
        for place in cells.indices {
            let name = place < names.count ? names[place] : Array("\(place + 1)".utf8)
            try name.withUnsafeBufferPointer { name throws(RecordProblem) in
                try body(UnsafeRawBufferPointer(name), cell(at: place))
            }
        }
    }
}
