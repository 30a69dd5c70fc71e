import Configuration
import Testing

/// What one value written as `text` reads as; the error's text, without the position, when it is none.
func reading<Value>(_ text: String, as format: ValueFormat<Value>) -> Result<Value, ConfigurationError> {
    do throws(ConfigurationError) {
        return .success(try ConfigurationFile(name: "f", text: text + "\n").decode(as: format))
    } catch {
        return .failure(error)
    }
}

extension Result where Failure == ConfigurationError {
    /// The value, or nil.
    var value: Success? { try? get() }
    /// The messages of an error; empty for a value.
    var messages: [String] {
        if case .failure(let error) = self { error.diagnostics.map(\.message) } else { [] }
    }
}

@Suite("Scalar formats")
struct ScalarFormatTests {
    @Test(
        "a duration is exact to the nanosecond",
        arguments: [
            ("0s", 0), ("1ns", 1), ("10us", 10_000), ("10ms", 10_000_000), ("1s", 1_000_000_000),
            ("1.5s", 1_500_000_000), ("0.000000001s", 1), ("5m", 300_000_000_000), ("1h", 3_600_000_000_000),
            ("1h30m", 5_400_000_000_000), ("1h30m15.25s", 5_415_250_000_000), ("180d", 15_552_000_000_000_000),
            ("2w", 1_209_600_000_000_000), ("12 s", 12_000_000_000), ("'3s'", 3_000_000_000),
            ("9223372036854775807ns", nil), ("106751d", 9_223_286_400_000_000_000), ("106752d", nil),
            ("922337203685477580ns", 922_337_203_685_477_580),
        ] as [(String, Int64?)])
    func durations(text: String, expected: Int64?) {
        #expect(reading(text, as: .nanoseconds).value == expected)
        #expect(reading(text, as: .duration).value == expected.map { .nanoseconds($0) })
    }

    @Test(
        "what is not a duration says what to write",
        arguments: [
            ("5", "found the number 5; add a unit, for example '5s'"),
            ("1.5", "found the number 1.5; add a unit, for example '1.5s'"),
            ("-5s", "it cannot be negative"), ("5 minutes", "the unit is written 'm'"),
            ("5S", "the unit is written 's'"),
            ("5µs", "the unit is written 'us'"), ("5y", "the units are ns, us, ms, s, m, h, d, w"),
            ("30m1h", "put larger units first, each once"), ("1h1h", "put larger units first, each once"),
            ("1.5h30m", "only the last number may have a decimal point"),
            ("0.5ns", "it must be a whole number of nanoseconds"), ("300000d", "the longest is 292 years"),
            ("100000d100000h59999999m", "the longest is 292 years"),
            ("s", "write a number and a unit"), ("1.s", "write a number and a unit"),
            (".5s", "write a number and a unit"),
            ("1..5s", "write a number and a unit"), ("1h30", "add a unit"), ("٣s", "write a number and a unit"),
            ("1e3s", "the units are"), ("~", "has no value"), ("true", "found the boolean true"),
            ("[1s]", "a sequence"),
        ])
    func badDurations(text: String, message: String) {
        let messages = reading(text, as: .nanoseconds).messages
        #expect(messages.count == 1 && messages[0].contains(message), "\(messages)")
    }

    @Test(
        "a size is exact to the byte",
        arguments: [
            ("0B", 0), ("200B", 200), ("1kB", 1000), ("64KiB", 65_536), ("512MiB", 536_870_912), ("1GB", 1_000_000_000),
            ("1.5GiB", 1_610_612_736), ("2TB", 2_000_000_000_000), ("1 TiB", 1_099_511_627_776),
            ("8388607TiB", 9_223_370_937_343_148_032), ("8388608TiB", nil), ("0.5B", nil), ("-1B", nil),
        ] as [(String, Int64?)])
    func byteCounts(text: String, expected: Int64?) {
        #expect(reading(text, as: .byteCount).value == expected)
    }

    @Test(
        "what is not a size says what to write",
        arguments: [
            ("512", "add a unit, for example '512B'"), ("512M", "write 'MiB' (1024^2) or 'MB' (1000^2)"),
            ("1KB", "write 'KiB' (1024^1) or 'kB' (1000^1)"), ("1mib", "the unit is written 'MiB'"),
            ("1PiB", "the units are"), ("1MiB2KiB", "write a number and a unit"), ("\"512\"", "add a unit"),
        ])
    func badByteCounts(text: String, message: String) {
        let messages = reading(text, as: .byteCount).messages
        #expect(messages.count == 1 && messages[0].contains(message), "\(messages)")
    }

    @Test(
        "a ratio is a percentage or a number from 0 to 1",
        arguments: [
            ("5%", 0.05), ("0.05", 0.05), ("100%", 1), ("0", 0), ("1", 1), ("12.5 %", 0.125), ("1e-3", 0.001),
            ("5", nil), ("101%", nil), ("-1%", nil), ("-0.1", nil), ("%", nil), (".nan", nil), ("five", nil),
        ] as [(String, Double?)])
    func ratios(text: String, expected: Double?) {
        #expect(reading(text, as: .ratio).value == expected)
    }

    @Test(
        "a quantity is a number and whatever unit follows",
        arguments: [
            ("70 Cel", 70, "Cel"), ("12 s", 12, "s"), ("12s", 12, "s"), ("0.05 mm", 0.05, "mm"), ("5%", 5, "%"),
            ("-1.5e3 N.m", -1500, "N.m"), ("12eV", 12, "eV"), ("1e2eV", 100, "eV"), ("0.95", 0.95, "1"), ("3", 3, "1"),
            (".5 m/s2", 0.5, "m/s2"), ("2 10*3/L", 2, "10*3/L"), ("'7 [degF]'", 7, "[degF]"),
        ])
    func quantities(text: String, value: Double, unit: String) {
        #expect(reading(text, as: .quantity).value == Quantity(value: value, unit: unit))
    }

    @Test(
        "what has no number in front or two words behind is no quantity",
        arguments: ["Cel", "70  Cel", "1 000 N", "- N", ".inf", "1e999 N", "true", "{}", ". s"])
    func badQuantities(text: String) {
        #expect(reading(text, as: .quantity).messages.count == 1)
    }

    @Test(
        "an integer is read exactly up to the limits of its type",
        arguments: [
            ("0", 0), ("-128", -128), ("127", 127), ("+5", 5), ("0x1F", 31), ("0o17", 15), ("128", nil), ("-129", nil),
            ("1.0", nil), ("1e1", nil), ("0b1", nil), ("1_0", nil), ("'1'", nil), ("010", nil), ("0x-1", nil),
            (".inf", nil),
            ("99999999999999999999999999999999999999999999", nil), ("0xFFFFFFFFFFFFFFFFFF", nil), ("٣", nil),
        ] as [(String, Int8?)])
    func integers(text: String, expected: Int8?) {
        let result = reading(text, as: ValueFormat<Int8>.integer)
        #expect(result.value == expected)
        #expect(result.messages.count == (expected == nil ? 1 : 0))
    }

    @Test("the widest integers are exact")
    func wideIntegers() {
        #expect(reading("18446744073709551615", as: ValueFormat<UInt64>.integer).value == .max)
        #expect(reading("-9223372036854775808", as: ValueFormat<Int64>.integer).value == .min)
        #expect(reading("9223372036854775807", as: ValueFormat<Int64>.integer(in: 1...)).value == .max)
    }

    @Test("limits are named in the unit of the value")
    func limits() {
        #expect(
            reading("2d", as: .nanoseconds(in: 1_000_000_000...86_400_000_000_000)).messages
                == ["must be between 1s and 1d, found the text '2d'"])
        #expect(
            reading("90m", as: .duration(in: ...Duration.seconds(3600))).messages
                == ["must be at most 1h, found the text '90m'"])
        #expect(
            reading("1KiB", as: .byteCount(in: (1 << 20)...)).messages == [
                "must be at least 1MiB, found the text '1KiB'"
            ])
        #expect(reading("2", as: .double(in: 0...1.5)).messages == ["must be between 0 and 1.5, found the number 2"])
        #expect(
            reading("300", as: ValueFormat<UInt8>.integer(in: 0...247)).messages
                == ["must be between 0 and 247, found the number 300"])
        #expect(reading("1s", as: .nanoseconds(in: 1_000_000_000...1_000_000_000)).value == 1_000_000_000)
    }

    @Test(
        "only true and false are booleans",
        arguments: [
            ("true", true), ("False", false), ("yes", nil), ("on", nil), ("off", nil), ("1", nil), ("'true'", nil),
            ("y", nil),
        ] as [(String, Bool?)])
    func booleans(text: String, expected: Bool?) {
        #expect(reading(text, as: .bool).value == expected)
    }

    @Test(
        "an id holds lower-case letters, digits and hyphens, 63 at most",
        arguments: [
            ("arm-07", true), ("7", false), ("'7'", true), ("a", true), ("-a", false), ("A", false), ("a_b", false),
            ("é", false), ("''", false), (String(repeating: "a", count: 63), true),
            (String(repeating: "a", count: 64), false),
        ])
    func identifiers(text: String, isValid: Bool) {
        #expect((reading(text, as: .identifier).value != nil) == isValid)
    }

    @Test("a NUL, which an escape can bring in, is no part of a path")
    func nulInPath() {
        #expect(reading("\"/a\\0b\"", as: .path).value == nil)
        #expect(reading("\"a\\0b\"", as: .string).value == "a\0b")
        #expect(reading("a/b", as: .path).value == "a/b")
        #expect(reading("a/b", as: .absolutePath).value == nil)
    }

    @Test("environment variables are not expanded")
    func environment() {
        #expect(reading("$HOME/${USER}", as: .string).value == "$HOME/${USER}")
    }
}
