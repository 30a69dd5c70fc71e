import Telemetry
import Testing

@testable import Agent

@Suite("What 'sample' prints")
struct FindingTextTests {
    private static let noon = Timestamp(nanoseconds: 1_795_676_400_250_000_000)

    private func text(
        _ value: Value, of series: Series = Series("force", tags: [Tag("arm", "left")], unit: .celsius),
        _ form: FindingForm,
        at time: Timestamp = noon, quality: Quality = []
    ) -> String? {
        let sample = Sample(series: SeriesID(rawValue: 0), timestamp: time, value: value, quality: quality)
        return InputLook.Finding.sample(sample, series).text(form, site: .named("lab"), agent: .named("box"))
    }

    @Test("a row has time, series, value and unit, and in brackets what is wrong with it")
    func table() {
        let gap = String(repeating: " ", count: 56 - "force,arm=left".count)
        #expect(text(.double(12.7), .table) == "2026-11-26T07:00:00.250Z  force,arm=left\(gap)               12.7 Cel")
        #expect(
            text(.integer(3), .table, quality: [.outOfRange, .unreliable])
                == "2026-11-26T07:00:00.250Z  force,arm=left\(gap)                  3 Cel  (out-of-range, unreliable)")
        let state = Series("mode", kind: .state)
        #expect(text(.text("auto"), of: state, .table)?.hasSuffix(" auto") == true, "a state has no unit")
    }

    @Test("a name or value that is too wide moves the columns and is not cut")
    func wide() {
        let name = String(repeating: "n", count: 70)
        let value = String(repeating: "v", count: 30)
        #expect(text(.text(value), of: Series(name), .table) == "2026-11-26T07:00:00.250Z  \(name) \(value) 1")
    }

    @Test(
        "line protocol with its types and escapes",
        arguments: [
            (Value.double(12.7), "12.7"), (.double(5), "5.0"), (.integer(5), "5i"), (.boolean(true), "true"),
            (.text("say \"a\\b\""), "\"say \\\"a\\\\b\\\"\""), (.text(""), "\"\""),
        ])
    func line(value: Value, field: String) {
        #expect(text(value, .line) == "force,arm=left value=\(field) 1795676400250000000")
    }

    @Test("separators in tags are escaped")
    func lineTags() {
        let series = Series("s", tags: [Tag("a b", "c,d=e")])
        #expect(text(.integer(1), of: series, .line) == "s,a\\ b=c\\,d\\=e value=1i 1795676400250000000")
    }

    @Test("what line protocol has no word for is left out", arguments: [Double.nan, .infinity, -.infinity])
    func notFinite(number: Double) {
        #expect(text(.double(number), .line) == nil)
        #expect(
            text(.double(number), .senml)
                == "[{\"n\":\"lab/box/box/force/arm:left\",\"t\":1795676400.25,\"u\":\"Cel\",\"q\":\"not-finite\"}]")
    }

    @Test("SenML of one record; without a clock that knows the time it has none")
    func senml() {
        #expect(
            text(.double(12.7), .senml)
                == "[{\"n\":\"lab/box/box/force/arm:left\",\"t\":1795676400.25,\"u\":\"Cel\",\"v\":12.7}]")
        #expect(
            text(.boolean(false), of: Series("on", kind: .state), .senml, at: Timestamp(seconds: 9))
                == "[{\"n\":\"lab/box/box/on\",\"vb\":false,\"q\":\"clock-unsynchronised\"}]")
    }

    @Test("events and troubles are for people only")
    func others() {
        let event = InputLook.Finding.event(
            Event(
                "estop.pressed", at: Self.noon, attributes: [.init("zone", .text("3")), .init("hard", .boolean(true))]))
        let trouble = InputLook.Finding.trouble("line: 3 × bad line")
        func text(_ finding: InputLook.Finding, _ form: FindingForm) -> String? {
            finding.text(form, site: .named("lab"), agent: .named("box"))
        }
        #expect(text(event, .table) == "2026-11-26T07:00:00.250Z  event estop.pressed hard=true zone=3")
        #expect(text(trouble, .table) == "! line: 3 × bad line")
        for form in [FindingForm.senml, .line] {
            #expect(text(event, form) == nil)
            #expect(text(trouble, form) == nil)
        }
    }
}
