import Scenarios
import Telemetry
import Testing

@Suite("Rules that mark runs, as they are written")
struct RunRuleReadingTests {
    @Test("a start and stops over series are read with their units, states and outcomes")
    func reads() throws {
        let rules = try ScenarioDefinition(Samples.file("rules.good.yaml")).runs
        let start = try #require(rules.start.rule)
        #expect(start.lasting == 200_000_000)
        #expect(start.demand == .level(.above, Threshold(value: 0.5, unit: try #require(Unit("A")))))
        #expect(start.selector.tags.map(\.key) == ["joint"])
        #expect(rules.stops.map(\.outcome) == ["success", "aborted", "aborted", "invalid"])
        #expect(rules.stops[1].end.rule?.demand == .among([.text("estop"), .text("fault")]))
        #expect(rules.stops[2].end.rule?.demand == .among([.truth(true)]))
        #expect(rules.stopEvent == "cycle.cancel" && rules.startEvent == "run.start")
        #expect(rules.subject == .tag("robot"))
        #expect(rules.outcomeSeries?.words == ["OK": "success", "NOK": "failure"])
        #expect(rules.outcomeSeries?.grace == 2_000_000_000)
        #expect(rules.hasRules)
    }

    @Test("a definition without rules has the events that it always had")
    func none() throws {
        let rules = try ScenarioDefinition(Samples.minimal()).runs
        #expect(!rules.hasRules && rules.eventNames == ["run.start", "run.stop"])
        let mixed = "{start: {event: cycle.begin}, stop: {series: a.b, below: 1}}"
        #expect(try ScenarioDefinition(Samples.minimal(runs: mixed)).runs.eventNames == ["cycle.begin", "run.stop"])
    }

    /// What is said of a start and a stop over `a.b`, at the column of the stop; nil for nothing.
    private func complaint(_ start: String, _ stop: String, of stopSeries: String = "a.b") -> String? {
        let runs = "{start: {series: a.b, \(start)}, stop: {series: \(stopSeries), \(stop)}}"
        let said = Samples.complaints(Samples.minimal(runs: runs))
        #expect(said.count <= 1, "\(said)")
        return said.first
    }

    @Test(
        "a stop that contradicts its start is refused where it stands",
        arguments: [
            ("above: 0.5 A", "above: 0.5 A", "holds already whenever the start does"),
            ("above: 0.5 A", "above: 400 mA", "holds already"),
            ("below: 1", "below: 2", "holds already"),
            ("above: 0.1 A", "below: 500 mA", "overlaps the start: between 0.1 A and 500 mA both hold"),
            ("below: 5", "above: 4", "overlaps the start"),
            ("above: 1 A", "below: 1 N", "cannot be of one series"),
            ("is: running", "is: [idle, running]", "'running' starts a run too"),
            ("is: running", "is-not: idle", "holds for 'running' too"),
            ("is-not: idle", "is: running", "'running' starts a run too; add it to the start's 'is-not'"),
            ("is-not: idle", "is-not: running", "say with 'is' which words end a run"),
        ])
    func contradictions(start: String, stop: String, message: String) throws {
        let said = try #require(complaint(start, stop))
        let column = "runs: {start: {series: a.b, \(start)}, stop: ".count + 1
        #expect(said.hasPrefix("demo.yaml:6:\(column): runs.stop: "), "\(said)")
        #expect(said.contains(message), "\(said)")
    }

    @Test(
        "a stop that the start leaves room for is accepted",
        arguments: [
            ("above: 0.5 A", "below: 0.5 A", "a.b"), ("above: 0.5 A", "below: 100 mA", "a.b"),
            ("above: 20", "above: 100", "a.b"), ("below: 5", "above: 5", "a.b"),
            ("is: running", "is-not: running", "a.b"), ("is-not: idle", "is: idle", "a.b"),
            ("is: true", "is: false", "a.b"), ("above: 0.1 A", "below: 1 N", "c.d"),
        ])
    func reachable(start: String, stop: String, series: String) {
        #expect(complaint(start, stop, of: series) == nil)
    }

    @Test(
        "what belongs to rules is refused where events mark runs",
        arguments: [
            "{subject: {tag: device}}", "{outcome: {series: a.b}}", "{stop: {event: x.y, outcome: success}}",
            "{stop: [{event: x.y}, {event: z.y}]}", "{start: {event: run.stop}}",
            "{start: {series: a.b, is: on}, stop: [{event: x.y}, {event: z.y}]}",
            "{start: {series: a.b, is: on}, stop: [{series: a.b, is: off}, {series: a.b, is: off}]}",
        ])
    func refused(runs: String) {
        #expect(Samples.complaints(Samples.minimal(runs: runs)).count == 1, "\(runs)")
    }

    @Test(
        "a state is met by what says the same",
        arguments: [
            (StateWord.text("on"), Value.text("on"), true), (.text("on"), .text("off"), false),
            (.text("1"), .integer(1), false), (.number(3), .integer(3), true), (.number(3), .double(3), true),
            (.truth(true), .boolean(true), true), (.truth(true), .integer(1), true),
            (.truth(true), .integer(2), false), (.truth(false), .double(0), true), (.truth(true), .text("true"), false),
        ])
    func states(word: StateWord, value: Value, isMet: Bool) {
        #expect(SeriesRule.Demand.among([word]).isMet(by: value, nil) == isMet)
        #expect(SeriesRule.Demand.other([word]).isMet(by: value, nil) == !isMet)
    }

    @Test("a level says nothing of texts, of NaN, or of a series in a unit that does not fit")
    func levels() throws {
        let ampere = try #require(Unit("A"))
        let demand = SeriesRule.Demand.level(.above, Threshold(value: 0.5, unit: ampere))
        let milli = UnitConversion(from: try #require(Unit("mA")), to: ampere)
        #expect(demand.isMet(by: .double(600), milli) == true)
        #expect(demand.isMet(by: .integer(500), milli) == false, "the threshold itself is not beyond it")
        #expect(demand.isMet(by: .double(.infinity), milli) == true)
        #expect(demand.isMet(by: .double(.nan), milli) == nil)
        #expect(demand.isMet(by: .text("600"), milli) == nil)
        #expect(demand.isMet(by: .double(600), nil) == nil)
    }
}
