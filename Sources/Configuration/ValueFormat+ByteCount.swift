extension ValueFormat where Value == Int64 {
    /// A size in bytes: `512MiB`, `64KiB`, `1GB`, `200B`.
    ///
    /// `KiB`, `MiB`, `GiB` and `TiB` are powers of 1024, `kB`, `MB`, `GB` and `TB` powers of 1000 (IEC 80000-13). A
    /// number
    /// without a unit is an error.
    package static var byteCount: ValueFormat {
        ValueFormat(expected: ByteCount.expected, placeholder: 0) { reader in
            guard case .scalar(let scalar) = reader.node.content else { return nil }
            switch scalar.resolved {
            case .integer, .double:
                return reader.fail(
                    reader.mismatch(ByteCount.expected) + "; add a unit, for example '\(scalar.text.prefix(40))B'")
            case .string(let text):
                do throws(InvalidValue) {
                    return try ByteCount.parse(text)
                } catch {
                    return reader.fail(reader.mismatch(ByteCount.expected) + "; " + error.message)
                }
            default: return nil
            }
        }
    }

    /// A size in bytes within limits, which are in bytes too.
    package static func byteCount(in limits: some Limits<Int64>) -> ValueFormat {
        byteCount.within(limits, text: ByteCount.text)
    }
}

/// Sizes as text.
enum ByteCount {
    static let expected = "a size such as '512MiB'"

    /// The larger first; powers of 1024 before powers of 1000.
    static let units: [(symbol: String, size: Int64)] = [
        ("TiB", 1 << 40), ("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10),
        ("TB", 1_000_000_000_000), ("GB", 1_000_000_000), ("MB", 1_000_000), ("kB", 1_000), ("B", 1),
    ]

    static func parse(_ text: String) throws(InvalidValue) -> Int64 {
        if text.hasPrefix("-") { throw InvalidValue("it cannot be negative") }
        var rest = text[...]
        guard let measure = Measure(from: &rest), rest.isEmpty else {
            throw InvalidValue("write a number and a unit, for example '512MiB'")
        }
        let size = try size(of: measure.unit)
        guard let bytes = measure.times(size) else {
            throw InvalidValue(
                measure.decimals > 0 ? "it must be a whole number of bytes" : "it must be below 8388608TiB")
        }
        return bytes
    }

    private static func size(of unit: Substring) throws(InvalidValue) -> Int64 {
        if let known = units.first(where: { $0.symbol == unit }) { return known.size }
        if unit.isEmpty { throw InvalidValue("add a unit, for example 'MiB'") }
        let letter = unit.prefix(1).lowercased()
        switch unit.lowercased() {
        case "k", "m", "g", "t", "kb", "mb", "gb", "tb":
            let (binary, decimal) = (letter.uppercased() + "iB", (letter == "k" ? "k" : letter.uppercased()) + "B")
            let power = ["k": 1, "m": 2, "g": 3, "t": 4][letter, default: 0]
            throw InvalidValue("write '\(binary)' (1024^\(power)) or '\(decimal)' (1000^\(power))")
        case "kib", "mib", "gib", "tib": throw InvalidValue("the unit is written '\(letter.uppercased())iB'")
        default:
            throw InvalidValue("the units are B, KiB, MiB, GiB, TiB, kB, MB, GB, TB")
        }
    }

    /// A size as a user would write it, in the largest unit that keeps it whole.
    static func text(_ bytes: Int64) -> String {
        guard bytes != 0, let unit = units.first(where: { bytes.isMultiple(of: $0.size) }) else { return "\(bytes)B" }
        return "\(bytes / unit.size)\(unit.symbol)"
    }
}
