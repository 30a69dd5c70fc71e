extension ValueFormat where Value == Int64 {
    /// A duration in nanoseconds: `10ms`, `1.5s`, `1h30m`, `180d`.
    ///
    /// Units are `ns`, `us`, `ms`, `s`, `m` (minutes), `h`, `d` (24 h) and `w` (7 d). Several may follow each other,
    /// the
    /// larger one first. A number without a unit is an error.
    package static var nanoseconds: ValueFormat {
        ValueFormat(expected: Nanoseconds.expected, placeholder: 0) { reader in
            guard case .scalar(let scalar) = reader.node.content else { return nil }
            switch scalar.resolved {
            case .integer, .double:
                return reader.fail(
                    reader.mismatch(Nanoseconds.expected) + "; add a unit, for example '\(scalar.text.prefix(40))s'")
            case .string(let text):
                do throws(InvalidValue) {
                    return try Nanoseconds.parse(text)
                } catch {
                    return reader.fail(reader.mismatch(Nanoseconds.expected) + "; " + error.message)
                }
            default: return nil
            }
        }
    }

    /// A duration in nanoseconds within limits, which are in nanoseconds too.
    package static func nanoseconds(in limits: some Limits<Int64>) -> ValueFormat {
        nanoseconds.within(limits, text: Nanoseconds.text)
    }
}

extension ValueFormat where Value == Duration {
    /// A duration, written as for ``nanoseconds``.
    package static var duration: ValueFormat {
        .converting(.nanoseconds) { .nanoseconds($0) }
    }

    /// A duration within limits.
    package static func duration(in limits: some Limits<Duration>) -> ValueFormat {
        duration.within(limits) { duration in
            let (seconds, attoseconds) = duration.components
            let (whole, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
            let total = whole.addingReportingOverflow(attoseconds / 1_000_000_000)
            return overflow || total.overflow ? "\(duration)" : Nanoseconds.text(total.partialValue)
        }
    }
}

/// Durations as text.
enum Nanoseconds {
    static let expected = "a duration such as '500ms'"

    /// The larger first.
    static let units: [(symbol: String, length: Int64)] = [
        ("w", 604_800_000_000_000), ("d", 86_400_000_000_000), ("h", 3_600_000_000_000), ("m", 60_000_000_000),
        ("s", 1_000_000_000), ("ms", 1_000_000), ("us", 1_000), ("ns", 1),
    ]

    static func parse(_ text: String) throws(InvalidValue) -> Int64 {
        if text.hasPrefix("-") { throw InvalidValue("it cannot be negative") }
        var rest = text[...]
        var total: Int64 = 0
        var previous: Int64?
        repeat {
            guard let measure = Measure(from: &rest) else {
                throw InvalidValue("write a number and a unit, for example '1.5s' or '1h30m'")
            }
            let length = try length(of: measure.unit)
            if let previous, length >= previous { throw InvalidValue("put larger units first, each once") }
            previous = length
            guard measure.decimals == 0 || rest.isEmpty else {
                throw InvalidValue("only the last number may have a decimal point")
            }
            guard let part = measure.times(length) else {
                throw InvalidValue(
                    measure.decimals > 0 ? "it must be a whole number of nanoseconds" : "the longest is 292 years")
            }
            let (sum, overflow) = total.addingReportingOverflow(part)
            guard !overflow else { throw InvalidValue("the longest is 292 years") }
            total = sum
        } while !rest.isEmpty
        return total
    }

    private static func length(of unit: Substring) throws(InvalidValue) -> Int64 {
        if let known = units.first(where: { $0.symbol == unit }) { return known.length }
        let meant: String? =
            switch unit.lowercased() {
            case "w", "week", "weeks": "w"
            case "d", "day", "days": "d"
            case "h", "hr", "hour", "hours": "h"
            case "m", "min", "mins", "minute", "minutes": "m"
            case "s", "sec", "secs", "second", "seconds": "s"
            case "ms", "msec", "millisecond", "milliseconds": "ms"
            case "us", "µs", "μs", "usec", "microsecond", "microseconds": "us"
            case "ns", "nsec", "nanosecond", "nanoseconds": "ns"
            default: nil
            }
        if unit.isEmpty { throw InvalidValue("add a unit, for example 's'") }
        let symbols = units.reversed().map(\.symbol).joined(separator: ", ")
        throw InvalidValue(meant.map { "the unit is written '\($0)'" } ?? "the units are \(symbols)")
    }

    /// A duration as a user would write it, in the largest unit that keeps it whole.
    static func text(_ nanoseconds: Int64) -> String {
        guard nanoseconds != 0 else { return "0s" }
        let unit = units.dropFirst().first { nanoseconds.isMultiple(of: $0.length) }
        return unit.map { "\(nanoseconds / $0.length)\($0.symbol)" } ?? "\(nanoseconds)ns"
    }
}
