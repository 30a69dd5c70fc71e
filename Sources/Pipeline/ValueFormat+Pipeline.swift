package import Configuration
package import Telemetry

extension ValueFormat where Value == SeriesPattern {
    /// Which series a rule is for.
    package static var seriesPattern: ValueFormat {
        .parsing(.string, "a series name such as 'room.*'", placeholder: .any) { text throws(InvalidValue) in
            guard let pattern = SeriesPattern(text) else { throw InvalidValue("must be \(SeriesPattern.rule)") }
            return pattern
        }
    }
}

extension ValueFormat where Value == NameTemplate {
    static var nameTemplate: ValueFormat {
        guard let placeholder = NameTemplate("*") else { preconditionFailure("a lone star is a template") }
        return .parsing(.string, "a series name such as '*.raw'", placeholder: placeholder) {
            text throws(InvalidValue) in
            guard let template = NameTemplate(text) else { throw InvalidValue("must be \(NameTemplate.rule)") }
            return template
        }
    }
}

extension ValueFormat where Value == Unit {
    static var unit: ValueFormat {
        .parsing(.string, "a unit such as 'Cel'", placeholder: .one) { text throws(InvalidValue) in
            try Unit.written(text)
        }
    }

    static var timeUnit: ValueFormat {
        .parsing(.string, "a unit of time such as 's'", placeholder: .second) { text throws(InvalidValue) in
            let unit = try Unit.written(text)
            guard unit.isCommensurable(with: .second) else {
                throw InvalidValue("'\(text)' is not a unit of time; give s, min or h")
            }
            return unit
        }
    }
}

extension Unit {
    /// The unit of a code that stands in a file.
    package static func written(_ code: String) throws(InvalidValue) -> Unit {
        do throws(UnknownUnit) {
            return try known(code)
        } catch {
            throw InvalidValue(error.message)
        }
    }
}

extension ValueFormat where Value == Quantity {
    /// A difference that is not worth a sample.
    static var band: ValueFormat {
        let zero = Quantity(value: 0, unit: "1")
        let positive = ValueFormat.quantity.check("must not be below 0", placeholder: zero) { $0.value >= 0 }
        return .parsing(positive, "a difference such as 0.05 or '0.05 Cel'", placeholder: zero) {
            band throws(InvalidValue) in
            _ = try Unit.written(band.unit)
            return band
        }
    }
}

extension ValueFormat where Value == Timestamp {
    /// The end of a day of the calendar, in UTC: a certificate is good on the day it names.
    static var day: ValueFormat {
        .parsing(.string, "a day such as '2027-03-31'", placeholder: Timestamp(nanoseconds: 0)) {
            text throws(InvalidValue) in
            guard let time = Timestamp(rfc3339: "\(text)T00:00:00Z") else {
                throw InvalidValue("must be a day such as '2027-03-31'")
            }
            return time.advanced(byNanoseconds: 86_400_000_000_000)
        }
    }
}

/// So many in so much time.
struct Rate: Hashable, Sendable {
    var count: Int
    var per: Int64
}

extension ValueFormat where Value == Rate {
    static var rate: ValueFormat {
        .parsing(.string, "a rate such as '10/s'", placeholder: Rate(count: 1, per: 1)) { text throws(InvalidValue) in
            let parts = text.split(separator: "/", omittingEmptySubsequences: false)
            let lengths: [Substring: Int64] = ["s": 1_000_000_000, "min": 60_000_000_000, "h": 3_600_000_000_000]
            guard parts.count == 2, let count = Int(parts[0]), (1...1_000_000).contains(count),
                let per = lengths[parts[1]]
            else { throw InvalidValue("must be a whole number for a time: '10/s', '30/min' or '100/h'") }
            return Rate(count: count, per: per)
        }
    }
}

extension ValueFormat where Value == String {
    /// The key of a tag, such that a list of them can be put on record with commas between.
    package static var tagKey: ValueFormat {
        .parsing(.string, "the key of a tag", placeholder: "tag") { text throws(InvalidValue) in
            let isSound = text.utf8.allSatisfy { (0x21...0x7E).contains($0) && $0 != UInt8(ascii: ",") }
            guard isSound, (1...64).contains(text.utf8.count) else {
                throw InvalidValue("must be 1 to 64 visible ASCII characters other than a comma")
            }
            return text
        }
    }
}
