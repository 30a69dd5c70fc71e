#if canImport(Glibc)
import Glibc
#else
import Musl
#endif

/// Numbers as sentences have them.
package enum Figure {
    /// Three significant digits, or as many more as it takes to tell the number from `other`.
    static func text(_ number: Double, apartFrom other: Double? = nil) -> String {
        guard let other, other != number else { return rounded(number, digits: 3) }
        for digits in 3..<17 {
            let text = rounded(number, digits: digits)
            // Told apart from the other number as a sentence has it, and not rounded over to its far side.
            guard text != rounded(other, digits: digits), let shown = Double(text) else { continue }
            if (shown < other) == (number < other), shown != other { return text }
        }
        return plain(number)
    }

    /// With its unit; a pure number has none.
    package static func text(_ number: Double, _ unit: String, apartFrom other: Double? = nil) -> String {
        let text = text(number, apartFrom: other)
        return unit == "1" ? text : "\(text) \(unit)"
    }

    /// `5 min`, `1 h`, `1.5 h`, `90 s`: nanoseconds in the largest unit that they fill at least once.
    package static func duration(_ nanoseconds: Int64) -> String {
        let seconds = Double(nanoseconds) / 1e9
        let units: [(Double, String)] = [(86_400, "d"), (3600, "h"), (60, "min")]
        let unit = units.first { seconds >= $0.0 } ?? (1, "s")
        return text(seconds / unit.0, unit.1)
    }

    /// `95 %`, `99.9 %`.
    package static func percent(_ share: Double) -> String { "\(rounded(share * 100, digits: 6)) %" }

    /// `95th`, `1st`, `99.9th`: which percentile a share is.
    static func ordinal(_ share: Double) -> String {
        let text = rounded(share * 100, digits: 6)
        guard let number = Int(text), !(11...13).contains(number % 100) else { return "\(text)th" }
        switch number % 10 {
        case 1: return "\(text)st"
        case 2: return "\(text)nd"
        case 3: return "\(text)rd"
        default: return "\(text)th"
        }
    }

    /// Integers keep all their digits.
    private static func rounded(_ number: Double, digits: Int) -> String {
        guard number != 0, number.isFinite, number.rounded() != number || abs(number) >= 1e15 else {
            return plain(number)
        }
        let places = digits - 1 - Int(log10(abs(number)).rounded(.down))
        guard (0...300).contains(places) else { return plain(places < 0 ? number.rounded() : number) }
        let scale = pow(10, Double(places))
        return plain((number * scale).rounded() / scale)
    }

    private static func plain(_ number: Double) -> String {
        let text = "\(number == 0 ? 0 : number)"
        return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
    }
}
