import Telemetry

/// Times and lengths of time as people read them.
enum Span {
    /// Seconds as `0.25 s`, `12.5 s`, `2 min 30 s`, `3 h 12 min`, `180 d`.
    static func text(seconds: Double, limits: [Double] = []) -> String {
        guard seconds.isFinite else { return Figure.missing }
        guard seconds.magnitude >= 120, seconds.magnitude < 1e12, !limits.contains(where: { isNear(seconds, $0) })
        else {
            return Figure.text(seconds, limits: limits) + "\u{202F}s"
        }
        let total = Int64(seconds.rounded())
        let parts: [(length: Int64, symbol: String)] = [(86_400, "d"), (3600, "h"), (60, "min"), (1, "s")]
        let largest = parts.firstIndex { total.magnitude >= $0.length } ?? parts.count - 1
        var rest = total.magnitude
        var words: [String] = []
        for part in parts[largest...].prefix(2) {
            let (count, remainder) = rest.quotientAndRemainder(dividingBy: UInt64(part.length))
            if count > 0 { words.append("\(count)\u{202F}\(part.symbol)") }
            rest = remainder
        }
        return (seconds < 0 ? "\u{2212}" : "") + words.joined(separator: "\u{00A0}")
    }

    /// A sum over runs, `412 h`; below an hour as any other length of time.
    static func hours(seconds: Double) -> String {
        seconds >= 3600 && seconds < 1e12 ? Figure.text(seconds / 3600) + "\u{202F}h" : text(seconds: seconds)
    }

    /// `2026-11-20 08:15:03` in UTC, to the second below.
    static func text(_ time: Timestamp) -> String {
        let text = time.description
        return "\(text.prefix(10)) \(text.dropFirst(11).prefix(8))"
    }

    /// `2026-11-20 08:15 UTC`.
    static func minute(_ time: Timestamp) -> String {
        String(text(time).prefix(16)) + "\u{00A0}UTC"
    }

    /// A length within a per cent of a limit is told in seconds, where it cannot look equal to it.
    private static func isNear(_ seconds: Double, _ limit: Double) -> Bool {
        seconds != limit && (seconds - limit).magnitude < 0.01 * limit.magnitude
    }
}
