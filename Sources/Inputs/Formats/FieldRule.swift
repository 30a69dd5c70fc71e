import Telemetry

/// What one field of a record means: the series it is of, and how its text becomes a value.
struct FieldRule: Hashable, Sendable {
    /// What a field's value is.
    enum Form: String, CaseIterable, Sendable {
        /// A number; text that is one counts.
        case number
        /// A whole number that fits into 64 bits.
        case integer
        /// One of two states.
        case boolean
        /// A state with a name.
        case text
    }

    var series: String
    /// Which part of a record it is; what that looks like is the format's business.
    var selector: String
    var unit = Unit.one
    var form = Form.number
    var isCounter = false
    /// The value is the record's number times this, plus ``offset``.
    var scale = 1.0
    var offset = 0.0
    /// What the sensor can give, in the series' unit; a value outside is kept and marked.
    var range: ClosedRange<Double>?

    /// The series, without tags.
    func described(tags: [Tag]) -> Series {
        Series(
            series, tags: tags, unit: unit,
            kind: form == .boolean || form == .text ? .state : isCounter ? .counter : .gauge,
            provenance: Provenance(range: range))
    }

    /// A cell as a value of this field; nil for a cell that is absent.
    ///
    /// - Throws: `RecordProblem` when the cell is something else than the field should be.
    func value(of cell: Cell) throws(RecordProblem) -> (value: Value, quality: Quality)? {
        if cell.isAbsent { return nil }
        switch form {
        case .number:
            guard let number = Self.number(cell) else { throw refusal(of: cell, "a number") }
            let value = scale == 1 && offset == 0 ? number : number * scale + offset
            guard value.isFinite else { throw refusal(of: cell, "a number within what a 64-bit float holds") }
            return (.double(value), quality(of: value))
        case .integer:
            guard let number = Self.integer(cell) else { throw refusal(of: cell, "a whole number of 64 bits") }
            return (.integer(number), quality(of: Double(number)))
        case .boolean:
            guard let flag = Self.boolean(cell) else { throw refusal(of: cell, "true or false") }
            return (.boolean(flag), [])
        case .text:
            guard let text = try cell.string() else { throw refusal(of: cell, "text") }
            return (.text(text), [])
        }
    }

    private func quality(of value: Double) -> Quality {
        range.map { $0.contains(value) } ?? true ? [] : .outOfRange
    }

    private func refusal(of cell: Cell, _ wanted: String) -> RecordProblem {
        var advice = ""
        switch (form, cell) {
        case (.number, .boolean), (.integer, .boolean): advice = "; add 'as: boolean' to the field"
        case (.number, .text), (.integer, .text), (.number, .bytes), (.integer, .bytes):
            advice = "; a field of words needs 'as: text'"
        case (_, .container): advice = "; point at a value inside it"
        default: break
        }
        return RecordProblem("\(series): \(cell.shown) is not \(wanted)\(advice)", .badValue)
    }

    static func number(_ cell: Cell) -> Double? {
        switch cell {
        case .number(let number): return number
        case .integer(let number): return Double(number)
        case .bytes(let bytes): return DecimalText(whole: bytes)?.double(in: bytes)
        case .text(var text):
            return text.withUTF8 { number(Cell(trimming: UnsafeRawBufferPointer($0))) }
        case .boolean, .absent, .container: return nil
        }
    }

    static func integer(_ cell: Cell) -> Int64? {
        switch cell {
        case .integer(let number): return number
        case .number(let number): return Int64(exactly: number)
        case .bytes(let bytes):
            guard let number = DecimalText(whole: bytes) else { return nil }
            return number.integer ?? Int64(exactly: number.double(in: bytes))
        case .text(var text):
            return text.withUTF8 { integer(Cell(trimming: UnsafeRawBufferPointer($0))) }
        case .boolean, .absent, .container: return nil
        }
    }

    static func boolean(_ cell: Cell) -> Bool? {
        switch cell {
        case .boolean(let flag): return flag
        case .integer(let number): return number == 0 ? false : number == 1 ? true : nil
        case .number(let number): return number == 0 ? false : number == 1 ? true : nil
        case .bytes(let bytes):
            for (word, flag) in words where bytes.isWord(word) { return flag }
            return nil
        case .text(var text):
            return text.withUTF8 { boolean(Cell(trimming: UnsafeRawBufferPointer($0))) }
        case .absent, .container: return nil
        }
    }

    private static let words: [(StaticString, Bool)] = [
        ("1", true), ("0", false), ("true", true), ("false", false), ("on", true), ("off", false), ("yes", true),
        ("no", false), ("t", true), ("f", false),
    ]
}

extension UnsafeRawBufferPointer {
    /// Whether the bytes are those of `text`, which is in small letters, in letters of any case.
    func isWord(_ text: StaticString) -> Bool {
        guard count == text.utf8CodeUnitCount else { return false }
        for index in 0..<count {
            let byte = self[index]
            let small = (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) ? byte | 0x20 : byte
            if small != text.utf8Start[index] { return false }
        }
        return true
    }
}
