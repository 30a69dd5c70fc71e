/// Units as they are printed, from their UCUM codes (ucum.org, "case sensitive" form).
enum UnitSymbol {
    /// The symbol after a number; empty for the unit one.
    ///
    /// Codes that are not in the table are printed as they are, their exponents raised: `m/s2` is "m/s²".
    static func text(_ code: String) -> String {
        if let symbol = symbols[code] { return symbol }
        var text = ""
        var previous: Character = "\0"
        for character in code {
            if let raised = exponents[character], previous.isLetter || previous == "⁻" {
                text.append(raised)
            } else if character == "." {
                text.append("·")
            } else if character == "u", !previous.isLetter {
                text.append("µ")
            } else {
                text.append(character)
            }
            previous = text.last ?? "\0"
        }
        return text
    }

    /// A number and its unit with a narrow no-break space between, as ISO 80000-1 (7.1.4) asks; none before degrees of
    /// arc.
    static func attach(_ code: String, to number: String) -> String {
        let symbol = text(code)
        guard number != Figure.missing, !symbol.isEmpty else { return number }
        return symbol == "°" ? number + symbol : number + "\u{202F}" + symbol
    }

    private static let symbols = [
        "1": "", "Cel": "°C", "[degF]": "°F", "deg": "°", "Ohm": "Ω", "kOhm": "kΩ", "um": "µm", "us": "µs",
        "/min": "min⁻¹", "/s": "s⁻¹", "/h": "h⁻¹", "/d": "d⁻¹", "By": "B", "KiBy": "KiB", "MiBy": "MiB",
        "[ppm]": "ppm", "dB[SPL]": "dB SPL", "u": "u",
    ]

    private static let exponents: [Character: Character] = [
        "-": "⁻", "1": "¹", "2": "²", "3": "³", "4": "⁴", "5": "⁵", "6": "⁶",
    ]
}
