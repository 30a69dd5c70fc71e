/// What a UCUM code means: a factor over base units, and a function for a special unit.
struct UnitExpression: Hashable, Sendable {
    var dimension: Dimension
    /// How many base units one proper unit is.
    var ratio: Ratio
    /// Set for a special unit, such as `Cel`, whose values are not proportional to the quantity.
    var scale: SpecialScale?

    static let one = UnitExpression(dimension: .one, ratio: .one)

    /// The meaning of a case-sensitive code; nil when it is none (UCUM 2.1, §3 to §14 and the grammar in §8).
    static func parse(_ code: String) -> UnitExpression? {
        var parser = UnitParser(code)
        return parser.whole()
    }

    /// Nil for special units, which take part in no algebra (UCUM 2.1, §21).
    func multiplied(by other: UnitExpression) -> UnitExpression? {
        guard scale == nil, other.scale == nil else {
            // A pure 1, written or left by an annotation, changes nothing.
            return other == .one ? self : self == .one ? other : nil
        }
        return UnitExpression(
            dimension: dimension.multiplied(by: other.dimension), ratio: ratio.multiplied(by: other.ratio))
    }

    func raised(to power: Int) -> UnitExpression? {
        guard scale == nil else { return power == 1 ? self : nil }
        return UnitExpression(dimension: dimension.raised(to: power), ratio: ratio.raised(to: power))
    }
}

/// A recursive descent over the bytes of one code.
private struct UnitParser {
    private let bytes: [UInt8]
    private var index = 0

    init(_ code: String) {
        bytes = Array(code.utf8)
    }

    private var next: UInt8? { index < bytes.count ? bytes[index] : nil }

    private mutating func skip(_ character: Unicode.Scalar) -> Bool {
        guard let next, UInt32(next) == character.value else { return false }
        index += 1
        return true
    }

    mutating func whole() -> UnitExpression? {
        guard bytes.count <= 64, bytes.allSatisfy({ (0x21...0x7E).contains($0) }) else { return nil }
        let first: UnitExpression
        if skip("/") {
            guard let inverse = component()?.raised(to: -1) else { return nil }
            first = inverse
        } else {
            guard let plain = component() else { return nil }
            first = plain
        }
        guard let term = rest(of: first), index == bytes.count else { return nil }
        return term
    }

    /// `.` and `/` bind alike and to the left: `s/m.mg` is s·mg/m.
    private mutating func rest(of first: UnitExpression) -> UnitExpression? {
        var product = first
        while true {
            let power: Int
            if skip(".") { power = 1 } else if skip("/") { power = -1 } else { return product }
            guard let factor = component()?.raised(to: power), let longer = product.multiplied(by: factor) else {
                return nil
            }
            product = longer
        }
    }

    private mutating func component() -> UnitExpression? {
        if skip("(") {
            guard let first = component(), let inner = rest(of: first), skip(")") else { return nil }
            return inner
        }
        if next == UInt8(ascii: "{") { return annotation() ? .one : nil }
        guard let unit = number() ?? simpleUnit() else { return nil }
        if next == UInt8(ascii: "{"), !annotation() { return nil }
        return unit
    }

    /// `{…}`: any characters but braces; it means 1 (UCUM 2.1, §12).
    private mutating func annotation() -> Bool {
        guard skip("{"), let end = bytes[index...].firstIndex(of: UInt8(ascii: "}")),
            !bytes[index..<end].contains(UInt8(ascii: "{"))
        else { return false }
        index = end + 1
        return true
    }

    /// A positive integer, unless it begins `10*` or `10^`.
    private mutating func number() -> UnitExpression? {
        let digits = bytes[index...].prefix { (0x30...0x39).contains($0) }
        guard !digits.isEmpty, let value = Double(String(decoding: digits, as: UTF8.self)), value > 0 else {
            return nil
        }
        if let operation = bytes[digits.endIndex...].first,
            operation == UInt8(ascii: "*") || operation == UInt8(ascii: "^")
        {
            return nil
        }
        index = digits.endIndex
        return UnitExpression(dimension: .one, ratio: Ratio(value))
    }

    private mutating func simpleUnit() -> UnitExpression? {
        guard let symbol = symbol(), let unit = Self.meaning(of: symbol) else { return nil }
        return exponent().flatMap(unit.raised(to:))
    }

    /// The characters up to an operator or a digit; square brackets hide both.
    private mutating func symbol() -> String? {
        let start = index
        if bytes[index...].starts(with: "10*".utf8) || bytes[index...].starts(with: "10^".utf8) {
            index += 3
        } else {
            scan: while let byte = next {
                switch byte {
                case UInt8(ascii: "["):
                    guard let end = bytes[index...].firstIndex(of: UInt8(ascii: "]")) else { return nil }
                    index = end + 1
                case UInt8(ascii: "."), UInt8(ascii: "/"), UInt8(ascii: "("), UInt8(ascii: ")"), UInt8(ascii: "{"),
                    UInt8(ascii: "}"), UInt8(ascii: "+"), UInt8(ascii: "-"), 0x30...0x39:
                    break scan
                default: index += 1
                }
            }
        }
        return index > start ? String(decoding: bytes[start..<index], as: UTF8.self) : nil
    }

    /// The exponent behind a symbol, 1 when there is none; nil for a sign without digits and for one beyond two digits.
    private mutating func exponent() -> Int? {
        let isNegative = skip("-")
        let isSigned = isNegative || skip("+")
        let digits = bytes[index...].prefix { (0x30...0x39).contains($0) }
        index = digits.endIndex
        if digits.isEmpty { return isSigned ? nil : 1 }
        guard digits.count <= 2, let power = Int(String(decoding: digits, as: UTF8.self)) else { return nil }
        return isNegative ? -power : power
    }

    private static func meaning(of symbol: String) -> UnitExpression? {
        if let atom = UnitAtom.all[symbol] { return atom.expression(named: symbol, prefix: .one) }
        // `da` before `d`: no metric atom begins with `a` so that both could be meant.
        for length in [2, 1] where symbol.utf8.count > length {
            let rest = String(symbol.dropFirst(length))
            if let prefix = UnitAtom.prefixes[String(symbol.prefix(length))], let atom = UnitAtom.all[rest],
                atom.isMetric, !atom.isLevel || prefix.numerator < prefix.denominator
            {
                return atom.expression(named: rest, prefix: prefix)
            }
        }
        return nil
    }
}

extension UnitAtom {
    fileprivate func expression(named symbol: String, prefix: Ratio) -> UnitExpression? {
        switch meaning {
        case .base: return UnitExpression(dimension: Dimension(exponents: [symbol: 1]), ratio: prefix)
        case .number(let value): return UnitExpression(dimension: .one, ratio: Ratio(value).multiplied(by: prefix))
        case .expression(let text):
            guard var unit = UnitExpression.parse(text) else { return nil }
            unit.ratio = unit.ratio.multiplied(by: prefix)
            return unit
        case .special(let function, let proper):
            guard var unit = UnitExpression.parse(proper) else { return nil }
            unit.scale = SpecialScale(function: function, prefix: prefix)
            return unit
        }
    }
}
