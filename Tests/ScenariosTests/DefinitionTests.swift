import Configuration
import Scenarios
import Telemetry
import Testing

@Suite("Definitions")
struct DefinitionTests {
    private func full() throws -> ScenarioDefinition {
        try ScenarioDefinition(Samples.file("full.good.yaml"))
    }

    private func criterion(_ id: String) throws -> Criterion {
        try #require(try full().criteria.first { $0.id == id })
    }

    @Test("what is around the runs is read")
    func context() throws {
        let definition = try full()
        #expect(definition.id.text == "grasp-and-place")
        #expect(definition.version == SemanticVersion("1.2.0-rc.1"))
        #expect(definition.title["zh-Hans"] == "抓取与放置")
        #expect(definition.title["fr"] == "Grasp and place")
        #expect(definition.setting == .staged)
        #expect(definition.need?.owner == "Deqing training ground")
        #expect(definition.standards.map(\.id) == ["ISO 18646-3:2021"])
        #expect(definition.subject?.software == "4.10")
        #expect(definition.sites.map(\.id.text) == ["deqing", "hall-2"])
        #expect(definition.sites[1].name?["en"] == "Hall 2")
    }

    @Test("rules of runs are read, and have defaults")
    func runs() throws {
        let rules = try full().runs
        #expect(rules.startEvent == "cycle.begin")
        #expect(rules.stopEvent == "cycle.end")
        #expect(rules.outcomes == ["success", "failure", "aborted", "invalid"])
        #expect(rules.countedOutcomes == ["success", "failure", "aborted"])
        #expect(rules.exclusion?.atMost == 0.05)
        #expect(rules.timeout == 120_000_000_000)
        #expect(try ScenarioDefinition(Samples.minimal()).runs == RunRules())
    }

    @Test("metrics keep their order, their source and their unit")
    func metrics() throws {
        let definition = try full()
        #expect(definition.metrics.map(\.id) == ["cycle-time", "grip-force", "joint-heat", "cpu"])
        #expect(definition.metric("cycle-time")?.source == .runDuration)
        #expect(definition.metric("grip-force")?.every == 10_000_000)
        #expect(definition.metric("nothing") == nil)
    }

    @Test(
        "a selector takes the series that have its tags, whatever else they have",
        arguments: [
            ("joint-heat", "joint.temperature", [("joint", "1"), ("device", "arm")], true),
            ("joint-heat", "joint.temperature", [], false),
            ("joint-heat", "joint.torque", [("joint", "1")], false), ("cpu", "cpu.usage", [("device", "box")], true),
            ("cpu", "cpu.usage", [("core", "0")], false), ("grip-force", "gripper.force", [("side", "left")], true),
            ("grip-force", "gripper.force", [("side", "right")], false),
        ] as [(String, String, [(String, String)], Bool)])
    func selectors(metric: String, name: String, tags: [(String, String)], matches: Bool) throws {
        guard case .series(let selector)? = try full().metric(metric)?.source else {
            Issue.record("\(metric) is over a series")
            return
        }
        #expect(selector.matches(Series(name, tags: tags.map { Tag($0.0, $0.1) })) == matches)
    }

    @Test("criteria are cases with what each needs, thresholds in the metric's unit")
    func criteria() throws {
        let success = try criterion("success-rate")
        #expect(success.statistic == .proportion(.runs(outcome: "success", among: []), .wilson))
        #expect(success.threshold.value == 0.95)
        #expect(success.grouping == .bySite(.all))
        #expect(success.confidence == Criterion.Confidence(level: 0.9, bound: .twoSided))

        let cycle = try criterion("cycle-p95")
        #expect(cycle.statistic == .quantile(q: 0.95, of: .runDuration(metric: "cycle-time")))
        #expect(cycle.threshold.value == 12)
        #expect(cycle.threshold.unit == .second)
        #expect(cycle.comparator == .atMost)
        #expect(cycle.confidence == Criterion.Confidence(level: 0.95, bound: .oneSided))
        #expect(cycle.grouping == .pooled)

        #expect(try criterion("force-mean").statistic == .mean(of: .perRun(metric: "grip-force", .max), .studentT))
        #expect(try criterion("force-mean").threshold.value == 40)
        #expect(try criterion("warmth").threshold.value == 343.15 - 273.15)
        #expect(try criterion("contact").threshold.unit == .second)
        #expect(try criterion("contact").threshold.value == 0.5)
        #expect(try criterion("contact").grouping == .bySite(.pooled))
        let described = try criterion("force-described")
        #expect(described.isDescriptive)
        #expect(described.statistic.observation == .samples(metric: "grip-force"))
    }

    @Test("safety, completeness and governance are read")
    func rest() throws {
        let definition = try full()
        #expect(definition.safety.map(\.severity) == [.critical, .warning, .major])
        #expect(definition.safety[0].condition == .events(name: "estop.pressed", atMost: 0))
        guard case .level("joint-heat", .above, let threshold, 5_000_000_000) = definition.safety[1].condition else {
            Issue.record("hot-joint is a level")
            return
        }
        #expect(abs(threshold.value - 70) < 1e-12)
        #expect(definition.completeness.gapAtMost == 5_000_000_000)
        #expect(definition.completeness.coverageAtLeast == 0.99)
        #expect(definition.governance.share.series == .partner)
        #expect(definition.governance.redactions[0].series.matches("person.face.x"))
        #expect(definition.governance.smallestCell == 5)
        #expect(try ScenarioDefinition(Samples.minimal()).completeness.lossAtMost == 0)
        #expect(try ScenarioDefinition(Samples.minimal()).governance == Governance())
    }

    @Test("a comparator holds at its threshold, a safety side is not breached there")
    func edges() throws {
        #expect(Comparator.atLeast.holds(1, 1) && Comparator.atMost.holds(1, 1))
        #expect(!Comparator.atLeast.holds(1.0.nextDown, 1) && !Comparator.atMost.holds(1.0.nextUp, 1))
        #expect(!Comparator.atLeast.holds(.nan, 1) && !Comparator.atMost.holds(.nan, 1))
        #expect(!SafetyRule.Side.above.isBreached(by: 1, 1) && SafetyRule.Side.above.isBreached(by: 1.0.nextUp, 1))
        #expect(!SafetyRule.Side.below.isBreached(by: 1, 1) && SafetyRule.Side.below.isBreached(by: 1.0.nextDown, 1))
        #expect(SafetyRule.Severity.critical > .major && SafetyRule.Severity.major > .warning)
    }

    @Test("semantic versions are ordered by precedence")
    func versions() throws {
        let ordered = [
            "0.9.9", "1.0.0-alpha", "1.0.0-alpha.1", "1.0.0-alpha.beta", "1.0.0-beta", "1.0.0-beta.2", "1.0.0-beta.11",
            "1.0.0-rc.1", "1.0.0",
            "1.0.1", "1.10.0",
        ].compactMap { SemanticVersion($0) }
        #expect(ordered.count == 11)
        #expect(ordered.reversed().sorted() == ordered)
        for text in ["1", "1.2", "01.2.3", "1.2.3-01", "1.2.3-", "1.2.3+", "1.2.x", "v1.2.3", "", "1.2.3.4"] {
            #expect(SemanticVersion(text) == nil, "\(text)")
        }
        #expect(SemanticVersion("1.2.3-a-b+c-d.e")?.description == "1.2.3-a-b+c-d.e")
    }

    @Test(
        "a pattern's '*' stands for any characters",
        arguments: [
            ("person.*", "person.face.x", true), ("person.*", "person", false), ("*", "a.b", true),
            ("*.x", "a.x.y.x", true), ("*.x", "a.x.y", false),
            ("a*b*c", "a.b.b.c", true), ("a*b*c", "a.c.b", false), ("abc", "abc", true), ("abc", "abcd", false),
            ("a**", "a", true),
        ])
    func patterns(pattern: String, name: String, matches: Bool) throws {
        #expect(try #require(SeriesPattern(pattern)).matches(name) == matches)
    }
}
