import Telemetry

#if canImport(Glibc)
import Glibc
#else
import Musl
#endif

/// Puts together what sentences say of the time: some a date, most only a time of day.
struct NMEAClock {
    private static let day: Int64 = 86_400_000_000_000

    /// Midnight of the date last read; nil before any.
    private var midnight: Int64?
    /// The time of day last read, nanoseconds.
    private var last: Int64?

    /// Takes a date `ddmmyy`. Years from 80 are of the last century, when receivers first sent them.
    mutating func date(_ text: UnsafeRawBufferPointer?) {
        guard let text, text.count == 6, text.allSatisfy(\.isDigit) else { return }
        let year = Self.number(text, 4..<6)
        set(day: Self.number(text, 0..<2), month: Self.number(text, 2..<4), year: year < 80 ? 2000 + year : 1900 + year)
    }

    /// Takes a date in three fields.
    mutating func date(day: UnsafeRawBufferPointer, month: UnsafeRawBufferPointer, year: UnsafeRawBufferPointer) {
        guard day.count == 2, month.count == 2, year.count == 4, (Array(day) + month + year).allSatisfy(\.isDigit)
        else {
            return
        }
        set(day: Self.number(day, 0..<2), month: Self.number(month, 0..<2), year: Self.number(year, 0..<4))
    }

    private mutating func set(day: Int32, month: Int32, year: Int32) {
        guard (1...31).contains(day), (1...12).contains(month), (1970...2261).contains(year) else { return }
        var fields = tm()
        fields.tm_mday = day
        fields.tm_mon = month - 1
        fields.tm_year = year - 1900
        midnight = Int64(timegm(&fields)) * 1_000_000_000
        // The date belongs to the time of day in its own sentence.
        last = nil
    }

    /// The time of `hhmmss` or `hhmmss.sss`; nil when it is none, or no date is known yet.
    mutating func time(_ text: UnsafeRawBufferPointer?) -> Timestamp? {
        guard let text, text.count >= 6, let seconds = DecimalText(whole: text)?.fixed(1_000_000_000), seconds >= 0
        else {
            return nil
        }
        let (whole, fraction) = seconds.quotientAndRemainder(dividingBy: 1_000_000_000)
        let (hour, minute, second) = (whole / 10_000, whole / 100 % 100, whole % 100)
        guard hour < 24, minute < 60, second <= 60 else { return nil }
        let time = (hour * 3600 + minute * 60 + second) * 1_000_000_000 + fraction
        guard var midnight else { return nil }
        // Midnight has passed since the last sentence with a date.
        if let last, time < last - Self.day / 2 {
            midnight += Self.day
            self.midnight = midnight
        }
        last = time
        return Timestamp(nanoseconds: midnight + time)
    }

    private static func number(_ text: UnsafeRawBufferPointer, _ range: Range<Int>) -> Int32 {
        range.reduce(0) { $0 * 10 + Int32(text[$1] &- UInt8(ascii: "0")) }
    }
}
