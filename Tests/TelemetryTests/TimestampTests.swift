import Telemetry
import Testing

@Suite struct TimestampTests {
    @Test(
        "RFC 3339 is written with as many decimals as the value needs",
        arguments: [
            (0, "1970-01-01T00:00:00Z"),
            (1_795_334_400_000_000_000, "2026-11-22T08:00:00Z"),
            (1_795_334_400_250_000_000, "2026-11-22T08:00:00.250Z"),
            (1_795_334_400_000_001_000, "2026-11-22T08:00:00.000001Z"),
            (1_795_334_400_000_000_001, "2026-11-22T08:00:00.000000001Z"),
            (-1, "1969-12-31T23:59:59.999999999Z"),
            (951_782_400_000_000_000, "2000-02-29T00:00:00Z"),
            (Int64.min, "1677-09-21T00:12:43.145224192Z"),
            (Int64.max, "2262-04-11T23:47:16.854775807Z"),
        ])
    func formats(nanoseconds: Int64, text: String) {
        #expect(Timestamp(nanoseconds: nanoseconds).description == text)
        #expect(Timestamp(rfc3339: text)?.nanoseconds == nanoseconds)
    }

    @Test(
        "other ways to write the same moment are read",
        arguments: [
            ("2026-11-22", 1_795_305_600), ("2026-11-22T16:00:00+08:00", 1_795_334_400),
            ("2026-11-22 08:00:00.000Z", 1_795_334_400), ("2026-11-22t03:30:00-04:30", 1_795_334_400),
            ("2016-12-31T23:59:60Z", 1_483_228_800),
        ])
    func reads(text: String, seconds: Int64) {
        #expect(Timestamp(rfc3339: text) == Timestamp(seconds: seconds))
    }

    @Test(
        "what is not a time is refused",
        arguments: [
            "", "2026", "2026-13-01", "2026-02-29", "2026-11-22T", "2026-11-22T08:00", "2026-11-22T24:00:00Z",
            "2026-11-22T08:00:00", "2026-11-22T08:00:00.Z", "2026-11-22T08:00:00Zx", "2026-11-22T08:00:00+24:00",
            "9999-01-01T00:00:00Z", "２026-11-22",
        ])
    func refuses(text: String) {
        #expect(Timestamp(rfc3339: text) == nil)
    }

    @Test("arithmetic saturates instead of trapping")
    func saturates() {
        let least = Timestamp(nanoseconds: .min)
        let greatest = Timestamp(nanoseconds: .max)
        #expect(greatest.nanoseconds(since: least) == .max)
        #expect(least.nanoseconds(since: greatest) == .min)
        #expect(greatest.advanced(byNanoseconds: 1) == greatest)
        #expect(least.advanced(byNanoseconds: -1) == least)
    }

    @Test(
        "seconds keep their fraction: a quarter of one is a quarter",
        arguments: [
            (0, 0), (250_000_000, 0.25), (-250_000_000, -0.25), (1_795_676_400_250_000_000, 1_795_676_400.25),
            (-1_795_676_400_250_000_000, -1_795_676_400.25), (1_795_676_400_100_000_000, 1_795_676_400.1),
            (.max, 9_223_372_036.854775807), (.min, -9_223_372_036.854775808),
        ] as [(Int64, Double)])
    func seconds(nanoseconds: Int64, seconds: Double) {
        #expect(Timestamp(nanoseconds: nanoseconds).seconds == seconds)
    }
}
