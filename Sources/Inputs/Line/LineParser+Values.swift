extension UnsafeRawBufferPointer {
    /// Reads a field's value.
    ///
    /// - Returns: nil when the bytes end inside a quoted text.
    func value(at index: inout Int) throws(RecordProblem) -> LineValue? {
        guard index < count else { throw RecordProblem("the field has no value", at: index) }
        switch self[index] {
        case UInt8(ascii: "\""): return try quotedText(at: &index)
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "+"), UInt8(ascii: "."):
            return try number(at: &index)
        case UInt8(ascii: "t"), UInt8(ascii: "T"), UInt8(ascii: "f"), UInt8(ascii: "F"):
            return .boolean(try boolean(at: &index))
        case UInt8(ascii: ","), UInt8(ascii: " "), UInt8(ascii: "\n"), UInt8(ascii: "\r"):
            throw RecordProblem("the field has no value; leave the field out when there is none", at: index)
        default:
            throw RecordProblem(Self.notAValue, at: index)
        }
    }

    private static let notAValue =
        "not a value; write a number, 1i, 1u, true, false or \"text\" in double quotes "
        + "(NaN and infinity have no form: leave the field out)"

    /// Reads text in double quotes; in it `\"` and `\\` stand for `"` and `\`, and a newline for itself.
    private func quotedText(at index: inout Int) throws(RecordProblem) -> LineValue? {
        let start = index + 1
        var hasEscapes = false
        var cursor = start
        while cursor < count {
            switch self[cursor] {
            case UInt8(ascii: "\""):
                index = cursor + 1
                return .text(start..<cursor, hasEscapes: hasEscapes)
            case UInt8(ascii: "\\"):
                hasEscapes = true
                cursor += 2
            default:
                cursor += 1
            }
        }
        return nil
    }

    private func boolean(at index: inout Int) throws(RecordProblem) -> Bool {
        var end = index
        while end < count, self[end] != UInt8(ascii: ","), !self[end].isBlank, !isLineEnd(end) { end += 1 }
        let word = UnsafeRawBufferPointer(rebasing: self[index..<end])
        for (spelling, value) in Self.booleans where word.isEqual(spelling) {
            index = end
            return value
        }
        throw RecordProblem(Self.notAValue, at: index)
    }

    private static let booleans: [(StaticString, Bool)] = [
        ("true", true), ("false", false), ("t", true), ("f", false), ("T", true), ("F", false), ("True", true),
        ("False", false), ("TRUE", true), ("FALSE", false),
    ]

    /// Reads a float, or with `i` or `u` behind it a whole number.
    private func number(at index: inout Int) throws(RecordProblem) -> LineValue {
        guard let number = DecimalText(self, at: index) else { throw RecordProblem(Self.notAValue, at: index) }
        let suffix = number.isWhole && number.end < count ? self[number.end] : 0
        if suffix == UInt8(ascii: "i") || suffix == UInt8(ascii: "u") {
            defer { index = number.end + 1 }
            return .integer(try number.integer(isUnsigned: suffix == UInt8(ascii: "u"), at: index))
        }
        if number.lacksExponent { throw RecordProblem("the exponent has no digits", at: index) }
        let value = number.double(in: self)
        guard value.isFinite else {
            throw RecordProblem("the number is beyond what a 64-bit float holds (about 1.8e308)", at: index)
        }
        index = number.end
        return .double(value)
    }
}

extension DecimalText {
    fileprivate func integer(isUnsigned: Bool, at start: Int) throws(RecordProblem) -> Int64 {
        if isUnsigned, isNegative {
            throw RecordProblem("an unsigned number cannot be negative; write 'i' behind it instead of 'u'", at: start)
        }
        guard let integer else {
            throw RecordProblem(
                "the whole number does not fit into 64 bits with a sign; send it as a float, without the suffix",
                at: start)
        }
        return integer
    }
}
