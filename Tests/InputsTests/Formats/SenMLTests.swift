import Testing

@testable import Inputs

@Suite("Format senml")
struct SenMLTests {
    @Test(
        "the examples of RFC 8428, section 5, and what they resolve to",
        arguments: [
            (
                #"[{"n":"urn:dev:ow:10e2073a01080063","u":"Cel","v":23.1}]"#,
                ["10e2073a01080063,source=urn:dev:ow = 23.1 Cel"]
            ),
            (
                #"[{"bn":"urn:dev:ow:10e2073a01080063:","n":"voltage","u":"V","v":120.1},{"n":"current","u":"A","v":1.2}]"#,
                [
                    "voltage,source=urn:dev:ow:10e2073a01080063 = 120.1 V",
                    "current,source=urn:dev:ow:10e2073a01080063 = 1.2 A",
                ]
            ),
            (
                #"[{"bn":"urn:dev:ow:10e2073a0108006:","bt":1.276020076001e+09,"bu":"A","bver":5,"n":"voltage","u":"V","v":120.1},{"n":"current","t":-5,"v":1.2},{"n":"current","v":1.7}]"#,
                [
                    "voltage,source=urn:dev:ow:10e2073a0108006 = 120.1 V @ 2010-06-08T18:01:16.001Z",
                    "current,source=urn:dev:ow:10e2073a0108006 = 1.2 A @ 2010-06-08T18:01:11.001Z",
                    "current,source=urn:dev:ow:10e2073a0108006 = 1.7 A @ 2010-06-08T18:01:16.001Z",
                ]
            ),
            (
                #"[{"bn":"urn:dev:ow:10e2073a01080063:","bt":1.320067464e+09,"bu":"%RH","v":20},{"u":"lon","v":24.30621},{"t":60,"v":20.3}]"#,
                []
            ),
            (
                #"[{"bn":"urn:dev:ow:10e2073a01080063:","n":"temp","u":"Cel","v":23.1},{"n":"label","vs":"Machine Room"},{"n":"open","vb":false}]"#,
                [
                    "temp,source=urn:dev:ow:10e2073a01080063 = 23.1 Cel",
                    #"label,source=urn:dev:ow:10e2073a01080063 = "Machine Room""#,
                    "open,source=urn:dev:ow:10e2073a01080063 = false",
                ]
            ),
        ])
    func examples(pack: String, expected: [String]) throws {
        var bench = try FormatBench("senml")
        bench.take([pack])
        if expected.isEmpty {
            // The name ends with the separator: it names a thing and no series of it.
            #expect(bench.sink.rejected == ["bad value": 3])
        } else {
            #expect(bench.lines == expected)
            #expect(bench.sink.rejected.isEmpty, "\(bench.log.text)")
        }
    }

    @Test("a pack for one series has its whole names as tags")
    func oneSeries() throws {
        var bench = try FormatBench("{type: senml, series: room.temperature, tag: sensor}")
        bench.take([#"[{"bn":"urn:dev:ow:10e2","bu":"Cel","v":23.1}]"#])
        #expect(bench.lines == ["room.temperature,sensor=urn:dev:ow:10e2 = 23.1 Cel"])
    }

    @Test("base values and sums are added, small times count from now, unknown units stay readable")
    func base() throws {
        var bench = try FormatBench("senml")
        bench.take([
            #"[{"bn":"a/","bv":20,"bs":100,"bu":"dBm","n":"x","v":1,"s":5,"t":-2.5},{"n":"y","v":1,"ignored":3},{"n":"x","v":2,"u":"beat/min"}]"#
        ])
        #expect(
            bench.lines == [
                "x,source=a = 21.0 {dBm} @ 2026-11-21T22:26:37.500Z",
                "x.sum,source=a = 105.0 {dBm}.s @ 2026-11-21T22:26:37.500Z",
                "y,source=a = 21.0 {dBm}", "y.sum,source=a = 100.0 {dBm}.s", "x,source=a = 22.0 {beats}/min",
                "x.sum,source=a = 100.0 {beats}/min.s",
            ])
    }

    @Test(
        "a pack that cannot be understood is refused as a whole",
        arguments: [
            (#"{"n":"a","v":1}"#, "a list of records"), (#"[1]"#, "no object"),
            (#"[{"n":"a","v":1},{"n":"b","v":1,"xy_":1}]"#, "'xy_' must be understood"),
            (#"[{"bver":11,"n":"a","v":1}]"#, "version of SenML"), (#"[{"n":"a","v":"1"}]"#, "'v' must be a number"),
            (#"[{"n":1,"v":1}]"#, "'n' must be text"),
            (#"[{"n":"a","v":1},{"bt":"x","n":"a","v":1}]"#, "'bt' must be a number"), ("[{", "not JSON"),
        ])
    func refused(pack: String, message: String) throws {
        var bench = try FormatBench("senml")
        bench.take([pack])
        #expect(bench.sink.samples.isEmpty && bench.sink.series.isEmpty)
        #expect(bench.sink.rejected == ["bad record": 1])
        #expect(bench.log.text.first?.contains(message) == true, "\(bench.log.text)")
    }

    @Test("a value that cannot be had costs only itself")
    func partial() throws {
        var bench = try FormatBench("senml")
        bench.take([#"[{"n":"a","vd":"aGkgCg"},{"n":"_b","v":1},{"n":"c","v":1}]"#])
        #expect(bench.lines == ["c = 1.0"])
        #expect(bench.sink.rejected == ["bad value": 2])
    }
}
