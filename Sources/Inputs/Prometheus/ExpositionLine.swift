/// One sample of the text format, as places in its bytes: `name{label="value",…} value [timestamp]`
/// (prometheus.io/docs/instrumenting/exposition_formats, version 0.0.4; OpenMetrics 1.0, section "ABNF").
struct ExpositionLine {
    let name: UnsafeRawBufferPointer
    /// Between the braces; empty when there are none.
    let labels: UnsafeRawBufferPointer
    /// Name and labels as they were sent: the same for the same series in every scrape.
    let key: UnsafeRawBufferPointer
    let value: Double
    /// In the unit of the format; nil when there is none.
    let timestamp: Double?

    /// - Throws: `ExpositionProblem` when the line is no sample.
    init(_ line: UnsafeRawBufferPointer) throws(ExpositionProblem) {
        var index = 0
        while index < line.count, Self.isNameByte(line[index]) { index += 1 }
        guard index > 0 else { throw ExpositionProblem("there is no name", at: 0) }
        name = UnsafeRawBufferPointer(rebasing: line[..<index])
        var keyEnd = index
        var inner = 0..<0
        while index < line.count, line[index].isBlank { index += 1 }
        if index < line.count, line[index] == UInt8(ascii: "{") {
            let start = index + 1
            index = try Self.closingBrace(line, from: start)
            inner = start..<index
            index += 1
            keyEnd = index
        }
        labels = UnsafeRawBufferPointer(rebasing: line[inner])
        key = UnsafeRawBufferPointer(rebasing: line[..<keyEnd])
        let number = Self.word(line, &index)
        guard let value = Self.number(number) else { throw ExpositionProblem("the value is no number", at: index) }
        self.value = value
        let time = Self.word(line, &index)
        // OpenMetrics has exemplars behind a '#'.
        if time.isEmpty || time.first == UInt8(ascii: "#") {
            timestamp = nil
        } else {
            guard let number = time.decimalNumber else {
                throw ExpositionProblem("the timestamp is no number", at: index)
            }
            timestamp = number
            let rest = Self.word(line, &index)
            guard rest.isEmpty || rest.first == UInt8(ascii: "#") else {
                throw ExpositionProblem("something follows the timestamp", at: index)
            }
        }
    }

    /// Goes through the labels.
    ///
    /// - Parameter body: gets each label's name and its value without backslashes.
    /// - Throws: `ExpositionProblem` when they are not of the form `name="value"`, or what `body` throws.
    func forEachLabel(
        _ body: (UnsafeRawBufferPointer, [UInt8]) throws(ExpositionProblem) -> Void
    ) throws(ExpositionProblem) {
        var index = 0
        func skipBlanks() { while index < labels.count, labels[index].isBlank { index += 1 } }
        while true {
            skipBlanks()
            guard index < labels.count else { return }
            let start = index
            while index < labels.count, Self.isNameByte(labels[index]) { index += 1 }
            let label = UnsafeRawBufferPointer(rebasing: labels[start..<index])
            skipBlanks()
            guard !label.isEmpty, index + 1 < labels.count, labels[index] == UInt8(ascii: "=") else {
                throw ExpositionProblem("a label is not of the form name=\"value\"", at: name.count + index)
            }
            index += 1
            skipBlanks()
            guard index < labels.count, labels[index] == UInt8(ascii: "\"") else {
                throw ExpositionProblem("a label's value is not in quotes", at: name.count + index)
            }
            index += 1
            var value: [UInt8] = []
            while index < labels.count, labels[index] != UInt8(ascii: "\"") {
                if labels[index] == UInt8(ascii: "\\"), index + 1 < labels.count {
                    index += 1
                    value.append(labels[index] == UInt8(ascii: "n") ? UInt8(ascii: "\n") : labels[index])
                } else {
                    value.append(labels[index])
                }
                index += 1
            }
            guard index < labels.count else { throw ExpositionProblem("a label's value is not closed", at: name.count) }
            index += 1
            try body(label, value)
            skipBlanks()
            guard index < labels.count else { return }
            guard labels[index] == UInt8(ascii: ",") else {
                throw ExpositionProblem("there is no ',' between two labels", at: name.count + index)
            }
            index += 1
        }
    }

    /// A number, `NaN`, `+Inf` or `-Inf`, as Go writes them.
    static func number(_ bytes: UnsafeRawBufferPointer) -> Double? {
        if let number = bytes.decimalNumber { return number }
        if bytes.isEqual("NaN") || bytes.isEqual("nan") { return .nan }
        if bytes.isEqual("+Inf") || bytes.isEqual("Inf") || bytes.isEqual("+inf") { return .infinity }
        return bytes.isEqual("-Inf") || bytes.isEqual("-inf") ? -.infinity : nil
    }

    private static func isNameByte(_ byte: UInt8) -> Bool {
        byte.isDigit || byte == UInt8(ascii: "_") || byte == UInt8(ascii: ":") || (0x61...0x7A).contains(byte | 0x20)
    }

    private static func closingBrace(_ line: UnsafeRawBufferPointer, from start: Int) throws(ExpositionProblem) -> Int {
        var index = start
        var isQuoted = false
        while index < line.count {
            switch line[index] {
            case UInt8(ascii: "\\") where isQuoted: index += 1
            case UInt8(ascii: "\""): isQuoted.toggle()
            case UInt8(ascii: "}") where !isQuoted: return index
            default: break
            }
            index += 1
        }
        throw ExpositionProblem("the labels are not closed", at: start)
    }

    private static func word(_ line: UnsafeRawBufferPointer, _ index: inout Int) -> UnsafeRawBufferPointer {
        while index < line.count, line[index].isBlank { index += 1 }
        let start = index
        while index < line.count, !line[index].isBlank, line[index] != UInt8(ascii: "\r") { index += 1 }
        return UnsafeRawBufferPointer(rebasing: line[start..<index])
    }
}

/// Why a line is no sample.
struct ExpositionProblem: Error, Hashable {
    /// Bytes from the line's first; the column is one more.
    let offset: Int
    let message: String

    init(_ message: String, at offset: Int) {
        self.message = message
        self.offset = offset
    }
}
