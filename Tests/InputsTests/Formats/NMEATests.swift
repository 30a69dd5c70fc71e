import JSON
import Testing

@testable import Inputs

extension JSONValue {
    static func parsing(_ text: String) throws(JSONError) -> JSONValue { try JSONParser.parse(text) }
}

@Suite("Format nmea")
struct NMEATests {
    /// Appends the checksum, worked out here and not by the code under test.
    static func sentence(_ body: String) -> String {
        let sum = body.utf8.reduce(UInt8(0)) { $0 ^ $1 }
        let digits = String(sum, radix: 16, uppercase: true)
        return "$\(body)*\(digits.count < 2 ? "0" : "")\(digits)"
    }

    @Test(
        "sentences with their published sums",
        arguments: [
            // From the article "NMEA 0183" of Wikipedia and E. S. Raymond's "NMEA Revealed".
            (
                "$GPGGA,123519,4807.038,N,01131.000,E,1,08,0.9,545.4,M,46.9,M,,*47",
                [
                    "position.latitude = 48.1173 deg", "position.longitude = 11.516666666666667 deg",
                    "gnss.quality = 1i", "gnss.satellites = 8i",
                    "gnss.hdop = 0.9", "position.altitude = 545.4 m", "position.geoid-separation = 46.9 m",
                ]
            ),
            (
                "$GPRMC,123519,A,4807.038,N,01131.000,E,022.4,084.4,230394,003.1,W*6A",
                [
                    "position.latitude = 48.1173 deg", "position.longitude = 11.516666666666667 deg",
                    "speed.ground = 22.4 [kn_i]",
                    "course.ground = 84.4 deg", "magnetic.variation = -3.1 deg",
                ]
            ),
        ])
    func published(sentence: String, expected: [String]) throws {
        var bench = try FormatBench("nmea")
        bench.take([sentence])
        #expect(bench.lines == expected)
        #expect(bench.sink.rejected.isEmpty, "\(bench.log.text)")
    }

    @Test(
        "what a sentence means",
        arguments: [
            (
                "GNGLL,3345.0,S,15115.5,W,101112,A,A",
                ["position.latitude = -33.75 deg", "position.longitude = -151.25833333333333 deg"]
            ),
            (
                "GPGLL,3345.0,S,15115.5,W,101112,V,N",
                [
                    "position.latitude = -33.75 deg unreliable",
                    "position.longitude = -151.25833333333333 deg unreliable",
                ]
            ),
            (
                "GPGGA,101112,3345.0,S,15115.5,E,6,04,2.5,10,M,,M,,",
                [
                    "position.latitude = -33.75 deg unreliable",
                    "position.longitude = 151.25833333333333 deg unreliable", "gnss.quality = 6i",
                    "gnss.satellites = 4i", "gnss.hdop = 2.5", "position.altitude = 10.0 m unreliable",
                ]
            ),
            ("GPGGA,101112,,,,,0,00,99.99,,,,,,", ["gnss.quality = 0i", "gnss.satellites = 0i", "gnss.hdop = 99.99"]),
            (
                "GPVTG,054.7,T,034.4,M,005.5,N,010.2,K",
                ["course.ground = 54.7 deg", "course.ground-magnetic = 34.4 deg", "speed.ground = 5.5 [kn_i]"]
            ),
            ("HEHDT,274.07,T", ["heading.true = 274.07 deg"]),
            (
                "HCHDG,101.1,2.0,W,7.1,E",
                ["heading.magnetic = 101.1 deg", "magnetic.deviation = -2.0 deg", "magnetic.variation = 7.1 deg"]
            ),
            ("TIROT,-35.6,A", ["turn.rate = -35.6 deg/min"]),
            ("WIMWV,214.8,R,36,K,A", ["wind.angle.apparent = 214.8 deg", "wind.speed.apparent = 10.0 m/s"]),
            (
                "WIMWV,214.8,T,0.1,M,V",
                ["wind.angle.true = 214.8 deg unreliable", "wind.speed.true = 0.1 m/s unreliable"]
            ),
            ("SDDBT,7.8,f,2.4,M,1.3,F", ["depth.below-transducer = 2.4 m"]),
            ("SDDPT,2.4,-0.5,", ["depth.below-transducer = 2.4 m", "depth.offset = -0.5 m"]),
            ("YXMTW,17.75,C", ["water.temperature = 17.75 Cel"]),
            (
                "VWVHW,10,T,12,M,5.5,N,10.2,K",
                ["heading.true = 10.0 deg", "heading.magnetic = 12.0 deg", "speed.water = 5.5 [kn_i]"]
            ),
            (
                "IIXDR,C,19.52,C,TempAir,P,1.02481,B,Barometer,X,1,Y,Z",
                [
                    "transducer.temperature,transducer=TempAir = 19.52 Cel",
                    "transducer.pressure,transducer=Barometer = 1.02481 bar",
                ]
            ),
            ("GPGSV,3,1,11,03,03,111,00", ["gnss.satellites-in-view,constellation=gp = 11i"]),
            ("GLGSV,3,2,11,03,03,111,00", []),
            (
                "IIRPM,E,1,2418.2,10.5,A",
                ["engine.speed,number=1 = 2418.2 {rev}/min", "engine.pitch,number=1 = 10.5 %"]
            ),
            ("IIRSA,1.5,A,-2,A", ["rudder.angle,side=starboard = 1.5 deg", "rudder.angle,side=port = -2.0 deg"]),
        ])
    func meanings(body: String, expected: [String]) throws {
        var bench = try FormatBench("nmea")
        bench.take([Self.sentence(body) + "\r"])
        #expect(bench.lines == expected)
    }

    @Test(
        "a sentence that is not whole, or not understood, is dropped and counted",
        arguments: [
            ("$GPGGA,123519,4807.038,N,01131.000,E,1,08,0.9,545.4,M,46.9,M,,*46", "bad checksum"),
            ("$GPHDT,1,T", "bad checksum"), ("$GPHDT,1,T*4", "bad checksum"), ("$GPHDT,1,T*ZZ", "bad checksum"),
            ("hello", "bad record"), ("$", "bad checksum"), (NMEATests.sentence("GP"), "bad record"),
            (NMEATests.sentence("GPHDT,x,T"), "bad record"),
            (NMEATests.sentence("GPGLL,9990.0,N,0,E,1,A"), "bad record"),
            (NMEATests.sentence("GPGLL,4860.0,N,0,E,1,A"), "bad record"),
            (NMEATests.sentence("WIMWV,1,R,1,X,A"), "bad record"),
            (NMEATests.sentence("GPXYZ,1"), "unknown sentence"),
            (NMEATests.sentence("PGRME,15.0,M"), "unknown sentence"),
            (NMEATests.sentence("GPHDT" + String(repeating: ",", count: 500)), "bad record"),
        ])
    func refused(sentence: String, reason: String) throws {
        var bench = try FormatBench("nmea")
        bench.take([sentence])
        #expect(bench.sink.samples.isEmpty)
        #expect(bench.sink.rejected == [reason: 1], "\(bench.log.text)")
    }

    @Test("a device without checksums can be taken, and a tag block is passed over")
    func lenient() throws {
        var bench = try FormatBench("{type: nmea, checksum: optional}")
        bench.take(["$GPHDT,1,T", "\\s:x*00\\$GPHDT,2,T"])
        #expect(bench.lines == ["heading.true = 1.0 deg", "heading.true = 2.0 deg"])
    }

    @Test("the time of sentences counts once a date is known, across midnight")
    func time() throws {
        var bench = try FormatBench("{type: nmea, time: sentence}")
        bench.take(
            [
                "GPGGA,235958.50,3345.0,S,15115.5,E,1,4,2.5,10,M,,M,,", "GPRMC,235959.25,A,,,,,1.0,,311226,,",
                "GPGST,000001,1,,,,,,",
            ]
            .map(Self.sentence))
        let times = bench.lines.filter { $0.contains("altitude") || $0.contains("speed") || $0.contains("rms") }
        #expect(
            times == [
                "position.altitude = 10.0 m", "speed.ground = 1.0 [kn_i] @ 2026-12-31T23:59:59.250Z",
                "position.error.rms = 1.0 m @ 2027-01-01T00:00:01Z",
            ])
    }

    @Test("a receiver that was away has to say its date anew")
    func restarted() throws {
        var bench = try FormatBench("{type: nmea, time: sentence}")
        bench.take(["GPRMC,235959.25,A,,,,,1.0,,311226,,"].map(Self.sentence))
        bench.restart()
        bench.take(["GPGST,120000,1,,,,,,", "GPRMC,120001,A,,,,,2.0,,050127,,"].map(Self.sentence))
        #expect(
            bench.lines == [
                "speed.ground = 1.0 [kn_i] @ 2026-12-31T23:59:59.250Z", "position.error.rms = 1.0 m",
                "speed.ground = 2.0 [kn_i] @ 2027-01-05T12:00:01Z",
            ])
    }
}
