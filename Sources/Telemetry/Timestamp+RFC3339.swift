extension Timestamp: CustomStringConvertible {
    /// RFC 3339 in UTC with as many of 0, 3, 6 or 9 decimals as the value needs: `2026-11-22T08:15:30.250Z`.
    package var description: String {
        let (seconds, fraction) = Self.split(nanoseconds, by: 1_000_000_000)
        let (days, secondOfDay) = Self.split(seconds, by: 86_400)
        let date = CivilDate(daysSinceEpoch: days)
        var text = "\(Self.padded(date.year, 4))-\(Self.padded(date.month, 2))-\(Self.padded(date.day, 2))T"
        text += "\(Self.padded(secondOfDay / 3600, 2)):\(Self.padded(secondOfDay / 60 % 60, 2)):"
        text += Self.padded(secondOfDay % 60, 2)
        if fraction != 0 {
            let (digits, unit): (Int, Int64) =
                if fraction % 1_000_000 == 0 { (3, 1_000_000) } else if fraction % 1000 == 0 { (6, 1000) } else {
                    (9, 1)
                }
            text += "." + Self.padded(fraction / unit, digits)
        }
        return text + "Z"
    }

    /// Reads RFC 3339 (section 5.6): date, `T`, time, optional fraction, `Z` or an offset; a bare date is its midnight UTC.
    ///
    /// Nil for anything else, for dates that do not exist, and for times a `Timestamp` cannot hold. Digits beyond the ninth
    /// decimal are dropped; a leap second `:60` is read as the second after.
    package init?(rfc3339 text: some StringProtocol) {
        var scanner = DigitScanner(Array(text.utf8))
        guard let year = scanner.number(4), scanner.skip("-"), let month = scanner.number(2), scanner.skip("-"),
            let day = scanner.number(2), let days = CivilDate(year: year, month: month, day: day)?.daysSinceEpoch
        else { return nil }
        var seconds = days * 86_400
        var fraction: Int64 = 0
        if !scanner.isAtEnd {
            guard scanner.skip("T") || scanner.skip("t") || scanner.skip(" "), let hour = scanner.number(2), hour < 24,
                scanner.skip(":"), let minute = scanner.number(2), minute < 60, scanner.skip(":"),
                let second = scanner.number(2), second <= 60
            else { return nil }
            seconds += hour * 3600 + minute * 60 + second
            if scanner.skip(".") {
                guard let read = scanner.fraction() else { return nil }
                fraction = read
            }
            guard let offset = scanner.offset(), scanner.isAtEnd else { return nil }
            seconds -= offset
        }
        if seconds < 0, fraction > 0 {
            // Counted from the second above, so that the earliest representable time does not overflow on the way.
            seconds += 1
            fraction -= 1_000_000_000
        }
        let (scaled, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        let (sum, carry) = scaled.addingReportingOverflow(fraction)
        guard !overflow, !carry else { return nil }
        self.init(nanoseconds: sum)
    }

    /// Floored division, so that times before 1970 have a fraction that counts forward.
    private static func split(_ value: Int64, by unit: Int64) -> (whole: Int64, rest: Int64) {
        let (quotient, rest) = value.quotientAndRemainder(dividingBy: unit)
        return rest < 0 ? (quotient - 1, rest + unit) : (quotient, rest)
    }

    private static func padded(_ value: Int64, _ width: Int) -> String {
        let digits = String(value)
        return String(repeating: "0", count: Swift.max(0, width - digits.utf8.count)) + digits
    }
}

/// A day of the proleptic Gregorian calendar; the algorithms are those of Howard Hinnant, "chrono-Compatible Low-Level
/// Date Algorithms" (2013), which count from 0000-03-01 in eras of 400 years.
private struct CivilDate {
    var year: Int64
    var month: Int64
    var day: Int64

    init(daysSinceEpoch: Int64) {
        let shifted = daysSinceEpoch + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        day = dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
        month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
    }

    init?(year: Int64, month: Int64, day: Int64) {
        guard (1...12).contains(month), day >= 1 else { return nil }
        self.year = year
        self.month = month
        self.day = day
        guard CivilDate(daysSinceEpoch: daysSinceEpoch) == self else { return nil }
    }

    var daysSinceEpoch: Int64 {
        let shiftedYear = month <= 2 ? year - 1 : year
        let era = (shiftedYear >= 0 ? shiftedYear : shiftedYear - 399) / 400
        let yearOfEra = shiftedYear - era * 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }
}

extension CivilDate: Equatable {}

/// Reads fixed-width decimal fields from ASCII.
private struct DigitScanner {
    private let bytes: [UInt8]
    private var index = 0

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    var isAtEnd: Bool { index == bytes.count }

    mutating func skip(_ character: Unicode.Scalar) -> Bool {
        guard index < bytes.count, UInt32(bytes[index]) == character.value else { return false }
        index += 1
        return true
    }

    mutating func digit() -> Int64? {
        guard index < bytes.count, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(bytes[index]) else { return nil }
        defer { index += 1 }
        return Int64(bytes[index] - UInt8(ascii: "0"))
    }

    mutating func number(_ width: Int) -> Int64? {
        var value: Int64 = 0
        for _ in 0..<width {
            guard let digit = digit() else { return nil }
            value = value * 10 + digit
        }
        return value
    }

    /// The digits after the point as nanoseconds; at least one is required.
    mutating func fraction() -> Int64? {
        guard var value = digit() else { return nil }
        var count = 1
        while let digit = digit() {
            if count < 9 {
                value = value * 10 + digit
                count += 1
            }
        }
        while count < 9 {
            value *= 10
            count += 1
        }
        return value
    }

    /// `Z` or `±hh:mm` as seconds east of UTC.
    mutating func offset() -> Int64? {
        if skip("Z") || skip("z") { return 0 }
        let sign: Int64
        if skip("+") { sign = 1 } else if skip("-") { sign = -1 } else { return nil }
        guard let hours = number(2), hours < 24, skip(":"), let minutes = number(2), minutes < 60 else { return nil }
        return sign * (hours * 3600 + minutes * 60)
    }
}
