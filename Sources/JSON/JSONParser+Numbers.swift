extension JSONParser {
    /// The longest number read. The exact decimal form of any double has fewer characters; with a bound, nobody can
    /// make the conversion to binary chew on megabytes of digits.
    private static var longestNumber: Int { 1_100 }

    /// Reads a number (RFC 8259 section 6).
    mutating func parseNumber() throws(JSONError) -> JSONValue {
        let start = position
        let isNegative = skip(UInt8(ascii: "-"))
        let digits = try skipDigits()
        if digits.count > 1, input[digits.lowerBound] == UInt8(ascii: "0") {
            throw fault(.invalidNumber, "a number may not begin with a needless 0", at: start)
        }
        var isInteger = true
        if skip(UInt8(ascii: ".")) {
            isInteger = false
            _ = try skipDigits()
        }
        if skip(UInt8(ascii: "e")) || skip(UInt8(ascii: "E")) {
            isInteger = false
            if !skip(UInt8(ascii: "-")) { _ = skip(UInt8(ascii: "+")) }
            _ = try skipDigits()
        }
        guard position - start <= Self.longestNumber else {
            throw fault(.numberOutOfRange, "a number of more than \(Self.longestNumber) characters", at: start)
        }
        if isInteger, let value = integer(digits, isNegative: isNegative) { return .integer(value) }
        guard let value = Double(String(decoding: input[start..<position], as: UTF8.self)), value.isFinite else {
            throw fault(.numberOutOfRange, "this number exceeds the range of a double, ±1.8e308", at: start)
        }
        return .double(value)
    }

    /// Steps over one digit or more.
    private mutating func skipDigits() throws(JSONError) -> Range<Int> {
        let start = position
        while let byte = peek, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) { position += 1 }
        guard position > start else {
            throw peek == nil
                ? unexpected("a digit") : fault(.invalidNumber, "\(found) stands where a digit is needed")
        }
        return start..<position
    }

    /// The digits as an integer; nil where it does not fit 64 bits, or is a negative zero, which only a double holds.
    private func integer(_ digits: Range<Int>, isNegative: Bool) -> Int64? {
        var value: Int64 = 0
        for index in digits {
            let digit = Int64(input[index] - UInt8(ascii: "0"))
            let (shifted, overflow) = value.multipliedReportingOverflow(by: 10)
            // Counting down for negative numbers reaches Int64.min, which has no positive counterpart.
            let (sum, carry) =
                isNegative
                ? shifted.subtractingReportingOverflow(digit) : shifted.addingReportingOverflow(digit)
            if overflow || carry { return nil }
            value = sum
        }
        return isNegative && value == 0 ? nil : value
    }
}
