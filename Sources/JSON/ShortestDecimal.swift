/// The shortest decimal digits that read back as one double, and of those the closest to it, without allocating.
///
/// The digits are the standard library's own (`Double` as `TextOutputStreamable`, which promises shortest and closest);
/// this type takes its notation apart: `12.5`, `1e+16` and `1.25e-07` become digits and a place for the point.
struct ShortestDecimal {
    private var text = Text()

    /// How many digits there are, at least one for a value above zero: no zero leads and none trails.
    private(set) var digitCount = 0

    /// Where the point stands: the value is `0.d₁d₂d₃… × 10^pointPosition`.
    private(set) var pointPosition = 0

    /// Takes a positive, finite value apart.
    init(_ value: Double) {
        assert(value > 0 && value.isFinite)
        value.write(to: &text)
        var index = 0
        var point: Int?
        var leadingZeros = 0
        // Digits move to the front of the same buffer; the write position never passes the read position.
        scan: while index < text.count {
            let byte = text.bytes[index]
            switch byte {
            case UInt8(ascii: "."): point = digitCount + leadingZeros
            case UInt8(ascii: "0") where digitCount == 0: leadingZeros += 1
            case UInt8(ascii: "0")...UInt8(ascii: "9"):
                text.bytes[digitCount] = byte
                digitCount += 1
            default: break scan
            }
            index += 1
        }
        pointPosition = (point ?? digitCount + leadingZeros) - leadingZeros + exponent(after: index)
        while digitCount > 1, text.bytes[digitCount - 1] == UInt8(ascii: "0") { digitCount -= 1 }
    }

    /// The digit at `index` as its ASCII character.
    subscript(index: Int) -> UInt8 { text.bytes[index] }

    private func exponent(after mark: Int) -> Int {
        guard mark + 1 < text.count else { return 0 }
        var magnitude = 0
        for index in (mark + 1)..<text.count where text.bytes[index] >= UInt8(ascii: "0") {
            magnitude = magnitude * 10 + Int(text.bytes[index] - UInt8(ascii: "0"))
        }
        return text.bytes[mark + 1] == UInt8(ascii: "-") ? -magnitude : magnitude
    }
}

extension ShortestDecimal {
    /// Room for a double as the standard library writes it: at most 24 bytes, `-2.2250738585072014e-308`.
    private struct Text: TextOutputStream {
        var bytes = InlineArray<32, UInt8>(repeating: 0)
        var count = 0

        mutating func write(_ string: String) {
            for byte in string.utf8 { append(byte) }
        }

        /// The requirement through which the standard library hands over digits without making a `String` of them,
        /// which it would have to allocate from 16 bytes on. Were it to go away, `write(_:)` takes its place: the same
        /// text, one allocation more.
        mutating func _writeASCII(_ buffer: UnsafeBufferPointer<UInt8>) {
            for byte in buffer { append(byte) }
        }

        private mutating func append(_ byte: UInt8) {
            bytes[count] = byte
            count += 1
        }
    }
}
