import CLinux
import Telemetry

#if canImport(Glibc)
import Glibc
#else
import Musl
#endif

/// How a record writes its time.
enum TimeFormat: Hashable, Sendable {
    /// `2026-11-22T08:15:30.25Z`, with an offset or `Z`.
    case rfc3339
    /// The same without an offset, in UTC.
    case utc
    /// A count since 1970; decimals are taken.
    case count(LinePrecision)
    /// A pattern of strptime(3), read as UTC unless it has `%z`. In whole seconds.
    case pattern(String)

    /// - Parameter text: `rfc3339`, `utc`, `ns`, `us`, `ms`, `s`, or a pattern with a `%`.
    init?(_ text: String) {
        switch text {
        case "rfc3339": self = .rfc3339
        case "utc": self = .utc
        default:
            if let unit = LinePrecision(rawValue: text) {
                self = .count(unit)
            } else if text.utf8.contains(UInt8(ascii: "%")) {
                self = .pattern(text)
            } else {
                return nil
            }
        }
    }

    /// - Throws: `RecordProblem` when the cell is no such time, or one beyond what a timestamp holds.
    func timestamp(_ cell: Cell) throws(RecordProblem) -> Timestamp {
        let time: Timestamp? =
            switch self {
            case .rfc3339: try cell.string().flatMap { Timestamp(rfc3339: $0) }
            case .utc: try cell.string().flatMap { Timestamp(rfc3339: $0 + "Z") ?? Timestamp(rfc3339: $0) }
            case .count(let unit): Self.counted(cell, unit)
            case .pattern(let pattern): try cell.string().flatMap { Self.parsed($0, pattern) }
            }
        guard let time else {
            throw RecordProblem("the time \(cell.shown) is not \(words)", .badTime)
        }
        return time
    }

    private var words: String {
        switch self {
        case .rfc3339: "one such as 2026-11-22T08:15:30Z"
        case .utc: "one such as 2026-11-22 08:15:30"
        case .count(let unit): "a count of \(unit.rawValue) since 1970"
        case .pattern(let pattern): "of the form '\(pattern)'"
        }
    }

    private static func counted(_ cell: Cell, _ unit: LinePrecision) -> Timestamp? {
        switch cell {
        case .bytes(let bytes):
            guard let number = DecimalText(whole: bytes) else { return nil }
            if let exact = number.fixed(unit.factor) { return Timestamp(nanoseconds: exact) }
            return counted(.number(number.double(in: bytes)), unit)
        case .integer(let number):
            let (scaled, overflow) = number.multipliedReportingOverflow(by: unit.factor)
            return overflow ? nil : Timestamp(nanoseconds: scaled)
        case .number(let number):
            // To the microsecond: a double of seconds has no more at today's dates, and the rest would be noise.
            let microseconds = (number * Double(unit.factor) / 1000).rounded()
            guard abs(microseconds) < 9.2e15 else { return nil }
            return Timestamp(nanoseconds: Int64(microseconds) * 1000)
        case .text(var text):
            return text.withUTF8 { counted(.bytes(UnsafeRawBufferPointer($0)), unit) }
        case .absent, .boolean, .container: return nil
        }
    }

    private static func parsed(_ text: String, _ pattern: String) -> Timestamp? {
        var fields = tm()
        let isWhole = text.withCString { text in
            guard let end = linux_parse_time(text, pattern, &fields) else { return false }
            return end.pointee == 0
        }
        guard isWhole else { return nil }
        let offset = fields.tm_gmtoff
        let seconds = timegm(&fields) - offset
        guard abs(seconds) < 9_223_372_036 else { return nil }
        return Timestamp(seconds: Int64(seconds))
    }
}
