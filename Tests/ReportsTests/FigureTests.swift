import Telemetry
import Testing

@testable import Reports

@Suite("Figures")
struct FigureTests {
    @Test(
        "a measured value has four significant digits and no noise",
        arguments: [
            (0.30000000000000004, "0.3"), (41.20000000000001, "41.2"), (12.34567, "12.35"), (0.0, "0"), (-0.0, "0"),
            (-3.14159, "−3.142"), (99_999.0, "100\u{202F}000"), (12_345.6, "12\u{202F}350"), (1234.5, "1235"),
            (0.00012345, "0.0001235"), (0.000012344, "0.00001234"), (1.2344e-9, "1.234\u{202F}×\u{202F}10⁻⁹"),
            (6.02214076e23, "6.022\u{202F}×\u{202F}10²³"), (9.9996, "10"), (0.285, "0.285"),
            (Double.leastNonzeroMagnitude, "5\u{202F}×\u{202F}10⁻³²⁴"),
            (.infinity, "–"), (.nan, "–"),
        ])
    func measured(_ value: Double, text: String) {
        #expect(Figure.text(value) == text)
    }

    @Test(
        "a value is never rounded onto a limit that it does not lie on",
        arguments: [
            (0.949996, 0.95, "0.949996"), (0.9500000001, 0.95, "0.9500000001"), (0.95, 0.95, "0.95"),
            (39.998, 40, "39.998"), (40.00041, 40, "40.0004"), (39.2, 40, "39.2"),
        ])
    func limits(_ value: Double, limit: Double, text: String) {
        #expect(Figure.text(value, limits: [limit]) == text)
    }

    @Test(
        "a share that is not all or none is not shown as all or none",
        arguments: [
            (1, "100"), (0, "0"), (0.99996, "99.996"), (0.999_999_9, "99.99999"), (0.0004, "0.04"), (0.5, "50"),
            (0.875, "87.5"), (0.285, "28.5"), (0.07, "7"), (0.9949, "99.5"), (1e-12, "0.0000000001"),
        ])
    func shares(_ share: Double, text: String) {
        #expect(Figure.percent(share) == text + "\u{202F}%")
    }

    @Test("a share just under its limit is told apart from it")
    func shareAtLimit() {
        #expect(Figure.percent(0.94996, limits: [0.95]) == "94.996\u{202F}%")
        #expect(Figure.percent(0.950042, limits: [0.95]) == "95.004\u{202F}%")
    }

    @Test(
        "rounding a value to any precision stays within half a unit of its last place",
        arguments: [11, 12, 13] as [UInt64])
    func rounding(seed: UInt64) throws {
        var state = seed
        for _ in 0..<2000 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            let value = Double(bitPattern: state)
            guard value.isFinite, value.magnitude < 1e15, value.magnitude > 1e-15 else { continue }
            let digits = Int(state >> 33) % 9 + 1
            let decimal = try #require(Decimal(value))
            let shown = decimal.rounded(toDigits: digits)
            let text = shown.plain(separator: "").replacing("\u{2212}", with: "-")
            let back = try #require(Double(text), "seed \(seed): \(value) as \(text)")
            var unit = 0.5
            for _ in 0..<(decimal.exponent - digits + 1).magnitude {
                unit = decimal.exponent - digits + 1 > 0 ? unit * 10 : unit / 10
            }
            #expect(
                (back - value).magnitude <= unit * 1.000001, "seed \(seed): \(value) to \(digits) digits as \(text)")
        }
    }

    @Test(
        "every digit of a threshold is shown",
        arguments: [(0.1234567, "0.1234567"), (12, "12"), (1e6, "1\u{202F}000\u{202F}000")])
    func exact(_ value: Double, text: String) {
        #expect(Figure.exact(value) == text)
    }

    @Test(
        "counts are parted in threes from five digits on",
        arguments: [
            (0, "0"), (1234, "1234"), (12_345, "12\u{202F}345"), (1_482_310, "1\u{202F}482\u{202F}310"), (-5, "−5"),
        ])
    func counts(_ count: Int, text: String) {
        #expect(Figure.count(count) == text)
    }

    @Test(
        "spans are told in units of their size",
        arguments: [
            (0.25, "0.25 s"), (12.5, "12.5 s"), (119, "119 s"), (150, "2 min 30 s"), (11_520, "3 h 12 min"),
            (15_552_000, "180 d"), (7200, "2 h"), (-150, "−2 min 30 s"),
        ])
    func spans(_ seconds: Double, text: String) {
        let found = Span.text(seconds: seconds).replacing("\u{202F}", with: " ").replacing("\u{00A0}", with: " ")
        #expect(found == text)
    }

    @Test("a span just over its limit is told in seconds")
    func spanAtLimit() {
        #expect(Span.text(seconds: 300.4, limits: [300]) == "300.4\u{202F}s")
    }

    @Test(
        "units are printed as people write them",
        arguments: [
            ("Cel", "°C"), ("1", ""), ("m/s2", "m/s²"), ("N.m", "N·m"), ("um", "µm"), ("s-1", "s⁻¹"), ("kg", "kg"),
            ("%", "%"),
        ])
    func units(_ code: String, symbol: String) {
        #expect(UnitSymbol.text(code) == symbol)
    }
}

@Suite("What estimates were counted from")
struct TallyTests {
    @Test(
        "events with their time and their runs, in both languages",
        arguments: [
            ("rate", 3, 412 * 3600, "3 events in 412 h over 60 runs", "60 次运行共 412 h，3 次事件"),
            ("mtbf", 1, 5400, "1 event in 1.5 h over 60 runs", "60 次运行共 1.5 h，1 次事件"),
            ("availability", 2, 2400, "2 outages in 40 min over 60 runs", "60 次运行共 40 min，2 次停机"),
            ("proportion", 24, nil, "24 events in 60 runs", "60 次运行中 24 次事件"), ("quantile", nil, nil, nil, nil),
        ] as [(String, Int?, Double?, String?, String?)])
    func tally(_ statistic: String, _ events: Int?, _ exposure: Double?, _ english: String?, _ chinese: String?) {
        for (language, expected) in [(ReportLanguage.english, english), (.chinese, chinese)] {
            let text = Wording(language: language).tally(statistic, events: events, exposure: exposure, runs: 60)
            #expect(text?.replacing("\u{202F}", with: " ") == expected)
        }
    }

    @Test(
        "rates are told per time",
        arguments: [
            ("/h", "0.5 per hour", "每小时 0.5 次"), ("/d", "0.5 per day", "每天 0.5 次"), ("h", "0.5 h", "0.5 h"),
            ("1", "0.5", "0.5"),
        ])
    func rates(_ unit: String, _ english: String, _ chinese: String) {
        for (language, expected) in [(ReportLanguage.english, english), (.chinese, chinese)] {
            #expect(Wording(language: language).quantity("0.5", unit).replacing("\u{202F}", with: " ") == expected)
        }
    }
}
