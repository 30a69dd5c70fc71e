import Health
import Platform
import Testing

@Suite("Metrics as text")
struct MetricsTextTests {
    @Test("have a family's help and type before its samples, and escape what would end a line or a label")
    func writes() {
        var text = MetricsText()
        text.begin("a_total", .counter, "One\\two\nthree \"four\"")
        text.sample(3, ("reason", "a \"b\" \\ c\nd"), ("class", "é"))
        text.sample(UInt64.max)
        text.single("b", .gauge, "None.", nil)
        text.single("c", "Truth.", true)
        text.begin("d_seconds", .gauge, "Numbers.")
        for number in [0.5, 2, -0.0, 1e20, 1e-7, .infinity, -.infinity, .nan] { text.sample(number) }
        let expected = #"""
            # HELP a_total One\\two\nthree "four"
            # TYPE a_total counter
            a_total{reason="a \"b\" \\ c\nd",class="é"} 3
            a_total 18446744073709551615
            # HELP b None.
            # TYPE b gauge
            # HELP c Truth.
            # TYPE c gauge
            c 1
            # HELP d_seconds Numbers.
            # TYPE d_seconds gauge
            d_seconds 0.5
            d_seconds 2
            d_seconds 0
            d_seconds 1e+20
            d_seconds 1e-07
            d_seconds +Inf
            d_seconds -Inf
            d_seconds NaN

            """#
        #expect(String(decoding: text.bytes, as: UTF8.self) == expected)
    }
}

@Suite("An account of health")
struct HealthReportTests {
    @Test("is 200 while a restart would cure nothing, and 503 otherwise")
    func answers() {
        let table: [(HealthReport, HTTPStatus, String)] = [
            (
                .init(.starting, activity: "opening the spool", faults: [], remarks: ["x"]), .serviceUnavailable,
                #"{"state":"starting","reasons":["opening the spool"]}"#
            ),
            (.init(.running, faults: [], remarks: []), .ok, #"{"state":"ok","reasons":[]}"#),
            (
                .init(.running, faults: [], remarks: ["no \"broker\""]), .ok,
                #"{"state":"degraded","reasons":["no \"broker\""]}"#
            ),
            (
                .init(.running, faults: ["stuck"], remarks: ["no broker"]), .serviceUnavailable,
                #"{"state":"stalled","reasons":["stuck"]}"#
            ),
            (
                .init(.stopping, faults: ["stuck"], remarks: []), .serviceUnavailable,
                #"{"state":"stopping","reasons":[]}"#
            ),
        ]
        for (report, status, body) in table {
            #expect(report.answer.status == status)
            #expect(String(decoding: report.answer.body, as: UTF8.self) == body + "\n")
        }
    }

    @Test("is dated as HTTP has it")
    func dates() {
        let bytes = HTTPAnswer(.ok).bytes(withBody: true, at: 784_111_777)
        #expect(String(decoding: bytes, as: UTF8.self).contains("\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\n"))
    }
}
