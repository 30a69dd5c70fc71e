extension Unit {
    /// The UCUM code that was most likely meant by one that is unknown; nil when nothing is near.
    ///
    /// Words and signs that people write for units are replaced, letters are tried in the other case, and `^`, `*` and
    /// `·` become what UCUM writes: `m/sec^2` gives `m/s2`.
    package static func suggestion(for code: String) -> String? {
        var result = ""
        var token = ""
        func flush() {
            result += isKnownCode(token) ? token : replacement(for: token) ?? token
            token = ""
        }
        for character in code {
            switch character {
            case "/", ".", "(", ")":
                flush()
                result.append(character)
            case "*", "·", "⋅":
                flush()
                result.append(".")
            case "^": continue
            case "²": token.append("2")
            case "³": token.append("3")
            default: token.append(character)
            }
        }
        flush()
        return result != code && isKnownCode(result) ? result : nil
    }

    private static func isKnownCode(_ code: String) -> Bool { UnitExpression.parse(code) != nil }

    private static func replacement(for token: String) -> String? {
        let digits = token.reversed().prefix { $0.isASCII && $0.isWholeNumber }.count
        let exponent = String(token.suffix(digits))
        let word = String(token.dropLast(digits))
        if let meant = colloquial[word] ?? colloquial[word.lowercased()] { return meant + exponent }
        let micro = word.replacingPrefix("µ", "u") ?? word.replacingPrefix("μ", "u")
        if let micro, isKnownCode(micro) { return micro + exponent }
        return codesByLowercase[word.lowercased()].map { $0 + exponent }
    }

    private static let colloquial: [String: String] = [
        "°C": "Cel", "℃": "Cel", "degC": "Cel", "celsius": "Cel", "°F": "[degF]", "℉": "[degF]", "degF": "[degF]",
        "fahrenheit": "[degF]", "kelvin": "K", "°": "deg", "degree": "deg", "degrees": "deg", "sec": "s", "secs": "s",
        "second": "s", "seconds": "s", "msec": "ms", "millisecond": "ms", "milliseconds": "ms", "usec": "us",
        "nsec": "ns",
        "mins": "min", "minute": "min", "minutes": "min", "hr": "h", "hrs": "h", "hour": "h", "hours": "h", "day": "d",
        "days": "d", "week": "wk", "weeks": "wk", "rpm": "{rev}/min", "rps": "{rev}/s", "rev": "{rev}", "byte": "By",
        "bytes": "By", "kib": "KiBy", "mib": "MiBy", "gib": "GiBy", "tib": "TiBy", "kb": "kBy", "mb": "MBy",
        "gb": "GBy", "tb": "TBy", "bits": "bit",
        "bps": "bit/s",
        "percent": "%", "pct": "%", "ppm": "[ppm]", "ppb": "[ppb]", "ohm": "Ohm", "ohms": "Ohm", "Ω": "Ohm",
        "psi": "[psi]",
        "inch": "[in_i]", "inches": "[in_i]", "in": "[in_i]", "ft": "[ft_i]", "feet": "[ft_i]", "foot": "[ft_i]",
        "mile": "[mi_i]", "miles": "[mi_i]", "mph": "[mi_i]/h", "lb": "[lb_av]", "lbs": "[lb_av]", "oz": "[oz_av]",
        "meter": "m", "meters": "m", "metre": "m", "metres": "m", "gram": "g", "grams": "g", "newton": "N",
        "newtons": "N",
        "Nm": "N.m", "volt": "V", "volts": "V", "amp": "A", "amps": "A", "ampere": "A", "watt": "W", "watts": "W",
        "Wh": "W.h", "kWh": "kW.h", "mAh": "mA.h", "Ah": "A.h", "kph": "km/h", "kmh": "km/h", "count": "1",
        "counts": "1",
        "each": "1", "mmHg": "mm[Hg]", "fps": "{frame}/s", "bpm": "{beats}/min", "hz": "Hz", "joule": "J",
    ]

    /// Codes that differ from what was written only in case: `hz`, `CEL`, `KPA`. Of several, the one with the simplest
    /// prefix wins, so that the answer never depends on the order of a dictionary.
    private static let codesByLowercase: [String: String] = {
        var codes: [String: String] = [:]
        let common = ["", "k", "m", "M", "G", "u", "n", "c", "h", "Ki", "Mi", "Gi", "Ti"]
        for prefix in common {
            for symbol in UnitAtom.all.keys.sorted() where prefix.isEmpty || UnitAtom.all[symbol]?.isMetric == true {
                let code = prefix + symbol
                if codes[code.lowercased()] == nil { codes[code.lowercased()] = code }
            }
        }
        return codes
    }()
}

extension String {
    fileprivate func replacingPrefix(_ prefix: String, _ replacement: String) -> String? {
        hasPrefix(prefix) ? replacement + dropFirst(prefix.count) : nil
    }
}
