/// Reads InfluxDB line protocol (docs.influxdata.com, "Line protocol", version 2): a pure function from bytes to
/// points.
///
/// `measurement[,tag=value…] field=value[,field=value…] [timestamp]`. A parser keeps only the room for a line's fields,
/// so that parsing allocates nothing once that has grown.
struct LineParser {
    /// More fields than this in a line are a mistake.
    static let maximumFields = 256

    /// The fields of the point last returned.
    private(set) var fields: [LineField] = []

    init() { fields.reserveCapacity(16) }

    /// Reads the line that begins at the first of `bytes`.
    ///
    /// - Parameters:
    ///   - bytes: the line up to its first newline at least, unless it is the last; may go on after the line.
    ///   - isLast: whether the bytes are all there is, so that their end is also the line's end.
    /// - Returns: a point, whose fields are in ``fields`` then; or why there is none.
    /// - Throws: `RecordProblem` when the line is bad.
    mutating func parse(_ bytes: UnsafeRawBufferPointer, isLast: Bool) throws(RecordProblem) -> LineOutcome {
        fields.removeAll(keepingCapacity: true)
        var index = bytes.skipBlanks(from: 0)
        if bytes.isLineEnd(index) || bytes[index] == UInt8(ascii: "#") {
            return .nothing(end: bytes.lineEnd(from: index))
        }

        let head = index
        index = try bytes.headEnd(from: head)
        var point = LinePoint(head: head..<index, timestamp: nil, timestampOffset: index, end: index)
        index = bytes.skipBlanks(from: index)
        if bytes.isLineEnd(index) {
            throw RecordProblem(
                "there are no fields; write 'measurement field=1' with a space before the fields", at: index)
        }
        while true {
            guard let next = try field(bytes, from: index) else { return .unfinished(isTextOpen: true) }
            index = next
            // The first newline has turned out to be part of a text: whether the line is whole depends on another.
            if case .text(let text, _)? = fields.last?.value, !isLast, bytes.hasNewline(in: text),
                !bytes.hasNewline(in: index..<bytes.count)
            {
                return .unfinished(isTextOpen: false)
            }
            guard index < bytes.count, bytes[index] == UInt8(ascii: ",") else { break }
            index += 1
        }
        index = bytes.skipBlanks(from: index)
        if !bytes.isLineEnd(index) {
            point.timestampOffset = index
            point.timestamp = try bytes.timestamp(at: &index)
            index = bytes.skipBlanks(from: index)
            if !bytes.isLineEnd(index) {
                throw RecordProblem("something follows the timestamp; begin a new line there", at: index)
            }
        }
        point.end = bytes.lineEnd(from: index)
        return .point(point)
    }

    /// Reads one `key=value`.
    ///
    /// - Returns: the offset after it; nil when the bytes end inside a quoted text.
    private mutating func field(_ bytes: UnsafeRawBufferPointer, from start: Int) throws(RecordProblem) -> Int? {
        guard fields.count < Self.maximumFields else {
            throw RecordProblem("more than \(Self.maximumFields) fields; spread them over several lines", at: start)
        }
        var index = start
        while index < bytes.count, bytes[index] != UInt8(ascii: "=") {
            switch bytes[index] {
            case UInt8(ascii: "\\"): index = bytes.escaped(after: index)
            case UInt8(ascii: " "), UInt8(ascii: ","), UInt8(ascii: "\n"):
                throw RecordProblem("the field has no '='; write 'key=value'", at: start)
            default: break
            }
            index += 1
        }
        guard index < bytes.count else { throw RecordProblem("the field has no '='; write 'key=value'", at: start) }
        let key = start..<index
        if key.isEmpty { throw RecordProblem("the field has no key; write 'key=value'", at: start) }
        index += 1
        guard let value = try bytes.value(at: &index) else { return nil }
        if index < bytes.count, bytes[index] != UInt8(ascii: ","), !bytes[index].isBlank, !bytes.isLineEnd(index) {
            throw RecordProblem("the value goes on after its end; a ',' or a space must follow it", at: index)
        }
        fields.append(LineField(key: key, value: value))
        return index
    }
}

extension UnsafeRawBufferPointer {
    /// Spaces and tabs may stand before and between the parts of a line.
    func skipBlanks(from start: Int) -> Int {
        var index = start
        while index < count, self[index].isBlank { index += 1 }
        return index
    }

    /// Whether the line ends here: newline, carriage return before one, or no more bytes.
    func isLineEnd(_ index: Int) -> Bool {
        guard index < count else { return true }
        if self[index] == UInt8(ascii: "\n") { return true }
        return self[index] == UInt8(ascii: "\r") && (index + 1 == count || self[index + 1] == UInt8(ascii: "\n"))
    }

    func hasNewline(in range: Range<Int>) -> Bool {
        self[range].contains(UInt8(ascii: "\n"))
    }

    /// The offset after the next newline, or the end.
    func lineEnd(from start: Int) -> Int {
        var index = start
        while index < count {
            index += 1
            if self[index - 1] == UInt8(ascii: "\n") { break }
        }
        return index
    }

    /// The offset of the byte that a backslash protects, or of the backslash itself at a line's end: no line may
    /// swallow the next one.
    fileprivate func escaped(after backslash: Int) -> Int {
        backslash + 1 < count && self[backslash + 1] != UInt8(ascii: "\n") ? backslash + 1 : backslash
    }

    /// The end of measurement and tags that begin at `start`: the first space without a backslash before it.
    fileprivate func headEnd(from start: Int) throws(RecordProblem) -> Int {
        var index = start
        while index < count {
            switch self[index] {
            case UInt8(ascii: " "): return index
            case UInt8(ascii: "\\"): index = escaped(after: index)
            case UInt8(ascii: "\n"):
                throw RecordProblem(
                    "there are no fields; write 'measurement field=1' with a space before the fields", at: start)
            default: break
            }
            index += 1
        }
        throw RecordProblem(
            "there are no fields; write 'measurement field=1' with a space before the fields", at: start)
    }

    /// Reads a timestamp: a whole number, which may have a minus.
    fileprivate func timestamp(at index: inout Int) throws(RecordProblem) -> Int64 {
        let start = index
        let isNegative = self[index] == UInt8(ascii: "-")
        if isNegative { index += 1 }
        let digits = index
        var value: Int64 = 0
        var overflows = false
        while index < count, self[index].isDigit {
            let (tens, overflow) = value.multipliedReportingOverflow(by: 10)
            let (next, carry) = tens.subtractingReportingOverflow(Int64(self[index] &- UInt8(ascii: "0")))
            overflows = overflows || overflow || carry
            value = next
            index += 1
        }
        // Counted downwards, because the least number has no positive counterpart.
        let (positive, overflow) = Int64(0).subtractingReportingOverflow(value)
        guard index > digits, isLineEnd(index) || self[index].isBlank else {
            throw RecordProblem(
                "the timestamp is not a whole number; a space in a tag or field key needs a '\\' before it", at: start)
        }
        guard !overflows, isNegative || !overflow else {
            throw RecordProblem("the timestamp is too large for 64 bits", at: start)
        }
        return isNegative ? value : positive
    }
}
