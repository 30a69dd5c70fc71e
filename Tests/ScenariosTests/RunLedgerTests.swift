import Configuration
import Scenarios
import Telemetry
import Testing

@Suite("Runs from markers")
struct RunLedgerTests {
    /// `start 10 r1` and the like, as a table writes them.
    private struct Mark {
        var phase: RunEvent.Phase
        var at: Int64
        var run = "r1"
        var site = "here"
        var source = "agent"
        var outcome: String?
        var failureMode: String?
        var intervention: Bool?
        var subject: String?
        var scenario = "demo"

        static func start(
            _ at: Int64, run: String = "r1", site: String = "here", source: String = "agent", subject: String? = nil
        ) -> Mark {
            Mark(phase: .start, at: at, run: run, site: site, source: source, subject: subject)
        }

        static func stop(
            _ at: Int64, _ outcome: String? = "success", run: String = "r1", site: String = "here",
            source: String = "agent",
            failureMode: String? = nil, intervention: Bool? = nil
        ) -> Mark {
            Mark(
                phase: .stop, at: at, run: run, site: site, source: source, outcome: outcome, failureMode: failureMode,
                intervention: intervention)
        }

        func marker() throws -> RunMarker {
            let event = RunEvent(
                phase, scenario: try #require(Identifier(scenario)), run: try #require(Identifier(run)),
                at: Timestamp(seconds: at),
                subject: subject, outcome: outcome, failureMode: failureMode, intervention: intervention)
            return RunMarker(event, site: try #require(Identifier(site)), source: try #require(Identifier(source)))
        }
    }

    private func runs(
        _ marks: [Mark], rules: String = "{timeout: 100s, exclude: {outcome: invalid, at-most: 5%}}",
        sites: String = "",
        through: Int64 = 1_000
    ) throws -> [Run] {
        var ledger = RunLedger(try ScenarioDefinition(Samples.minimal(runs: rules, more: sites)))
        for mark in marks { ledger.insert(try mark.marker()) }
        return ledger.runs(through: Timestamp(seconds: through))
    }

    private func run(_ marks: [Mark], through: Int64 = 1_000) throws -> Run {
        let runs = try runs(marks, through: through)
        #expect(runs.count == 1)
        return try #require(runs.first)
    }

    @Test("a start and a stop are a run that counts")
    func sound() throws {
        let run = try run([
            .start(10, subject: "arm-07"), .stop(22, "failure", failureMode: "slip", intervention: false),
        ])
        #expect(run.id.text == "r1" && run.site.text == "here")
        #expect(run.subject == "arm-07")
        #expect(run.outcome == "failure" && run.failureMode == "slip" && run.intervention == false)
        #expect(run.duration == 12_000_000_000)
        #expect(run.window == Timestamp(seconds: 10)..<Timestamp(seconds: 22))
        #expect(run.flags == [] && run.exclusion == nil)
        #expect(run.hasKnownOutcome)
    }

    @Test("the same marker from several recorders is one")
    func duplicates() throws {
        let run = try run([
            .start(10, source: "a"), .start(10, source: "b"), .start(10, source: "collector"), .stop(20, source: "b"),
            .stop(20, source: "a"),
        ])
        #expect(run.flags == [])
        #expect(run.sources.map(\.text) == ["a", "b", "collector"])
    }

    @Test("a marker that says less agrees with one that says more")
    func partial() throws {
        let run = try run([.start(10), .start(10, source: "b", subject: "x"), .stop(20, nil, source: "b"), .stop(20)])
        #expect(run.flags == [])
        #expect(run.subject == "x" && run.outcome == "success")
    }

    @Test("several starts and stops are flagged; the earliest start and the earliest stop after it are kept")
    func conflictingTimes() throws {
        let run = try run([.start(12), .start(10), .stop(9, "failure"), .stop(30, "aborted"), .stop(20)])
        #expect(run.start == Timestamp(seconds: 10) && run.stop == Timestamp(seconds: 20))
        #expect(run.outcome == "success")
        #expect(run.flags == .conflictingMarkers)
        #expect(run.exclusion == nil)
    }

    @Test("contradicting facts of one moment are not told")
    func conflictingFacts() throws {
        let run = try run([
            .start(10, subject: "x"), .start(10, subject: "y"), .stop(20, "success", intervention: true),
            .stop(20, "failure", intervention: true),
        ])
        #expect(run.outcome == nil && run.subject == nil)
        #expect(run.intervention == true)
        #expect(run.flags == [.conflictingMarkers, .unknownOutcome])
        #expect(!run.hasKnownOutcome)
    }

    @Test(
        "an open run is left out until its timeout has passed, then it counts without an outcome",
        arguments: [
            (50, Run.Flags.unfinished, true), (110, .unfinished, true), (111, [.unfinished, .timedOut], false),
        ] as [(Int64, Run.Flags, Bool)])
    func unfinished(through: Int64, flags: Run.Flags, isExcluded: Bool) throws {
        let run = try run([.start(10)], through: through)
        #expect(run.flags == flags)
        #expect((run.exclusion == .unfinished) == isExcluded)
        #expect(run.outcome == nil && run.duration == nil && run.window == nil)
    }

    @Test("a stop before the start ends nothing")
    func stopBeforeStart() throws {
        let run = try run([.start(10), .stop(5)], through: 20)
        #expect(run.stop == nil && run.outcome == nil)
        #expect(run.flags == [.unfinished, .conflictingMarkers])
    }

    @Test("a run may start and stop at the same moment")
    func instant() throws {
        let run = try run([.start(10), .stop(10)])
        #expect(run.duration == 0 && run.flags == [])
    }

    @Test("a stop without a start is kept, with its outcome and without a duration")
    func stopWithoutStart() throws {
        let run = try run([.stop(20)])
        #expect(run.flags == .stopWithoutStart)
        #expect(run.outcome == "success" && run.duration == nil && run.exclusion == nil)
    }

    @Test("a late start completes a stop that came first")
    func lateMarker() throws {
        var ledger = RunLedger(try ScenarioDefinition(Samples.minimal()))
        #expect(ledger.insert(try Mark.stop(20).marker()))
        #expect(ledger.runs(through: Timestamp(seconds: 30))[0].flags == .stopWithoutStart)
        #expect(ledger.insert(try Mark.start(10).marker()))
        #expect(!ledger.insert(try Mark.start(10).marker()))
        #expect(ledger.runs(through: Timestamp(seconds: 30))[0].flags == [])
    }

    @Test("what took longer than the timeout is flagged and keeps its outcome")
    func timedOut() throws {
        #expect(try run([.start(0), .stop(100)]).flags == [])
        let late = try run([.start(0), .stop(101)])
        #expect(late.flags == .timedOut && late.outcome == "success" && late.exclusion == nil)
    }

    @Test("an outcome that the definition does not have is kept and flagged", arguments: ["sucess", nil] as [String?])
    func unknownOutcome(outcome: String?) throws {
        let run = try run([.start(0), .stop(10, outcome)])
        #expect(run.outcome == outcome && run.flags == .unknownOutcome && run.exclusion == nil)
    }

    @Test(
        "an unknown outcome counts against the criterion, whichever way it points",
        arguments: [
            ("at-least: 0.9", "success", true), ("at-least: 0.9", "failure", false), ("at-least: 0.9", "sucess", false),
            ("at-most: 0.1", "sucess", true),
            ("at-most: 0.1", "failure", false), ("at-most: 0.1", "success", true),
        ])
    func hits(limit: String, outcome: String, isHit: Bool) throws {
        let text = String(decoding: Samples.minimal().bytes, as: UTF8.self).replacing("at-least: 0.9", with: limit)
        let definition = try ScenarioDefinition(.init(name: "f", text: text))
        #expect(definition.criteria[0].isHit(try run([.start(0), .stop(10, outcome)])) == isHit)
    }

    @Test("the outcome that the definition leaves out does not count")
    func excluded() throws {
        #expect(try run([.start(0), .stop(10, "invalid")]).exclusion == .outcome("invalid"))
    }

    @Test("a site that the definition does not list does not count")
    func undeclaredSite() throws {
        let runs = try runs(
            [.start(0), .stop(5, "invalid"), .start(0, site: "there"), .stop(5, site: "there")],
            sites: "sites: [{id: there}]")
        #expect(runs.map(\.site.text) == ["here", "there"])
        #expect(runs[0].exclusion == .undeclaredSite && runs[0].flags == .undeclaredSite)
        #expect(runs[1].exclusion == nil && runs[1].flags == [])
    }

    @Test("markers of another scenario are not taken")
    func otherScenario() throws {
        var mark = Mark.start(1)
        mark.scenario = "another"
        #expect(try runs([mark]).isEmpty)
    }

    @Test(
        "runs that share time at a site overlap; those that touch, or are elsewhere, do not",
        arguments: [
            // Each run as (start, stop), and the indices that overlap.
            ([(0, 10), (10, 20), (20, 30)], []), ([(0, 10), (9, 20)], [0, 1]),
            ([(0, 30), (5, 10), (12, 14), (40, 50)], [0, 1, 2]),
            ([(0, 5), (1, 2), (4, 9), (8, 9), (9, 12)], [0, 1, 2, 3]), ([(0, 10), (0, 10)], [0, 1]),
            ([(0, 10), (20, nil), (50, 60)], [1, 2]),
            ([(0, 10), (20, nil), (120, 130)], []), ([(0, 10), (5, 5)], [0, 1]),
        ] as [([(Int64, Int64?)], Set<Int>)])
    func overlaps(spans: [(Int64, Int64?)], expected: Set<Int>) throws {
        var marks: [Mark] = []
        for (index, span) in spans.enumerated() {
            marks.append(.start(span.0, run: "r\(index)"))
            marks.append(.start(span.0, run: "r\(index)", site: "site-\(index)"))
            if let stop = span.1 {
                marks.append(.stop(stop, run: "r\(index)"))
                marks.append(.stop(stop, run: "r\(index)", site: "site-\(index)"))
            }
        }
        for run in try runs(marks) {
            let index = try #require(Int(run.id.text.dropFirst()))
            let isExpected = run.site.text == "here" && expected.contains(index)
            #expect(run.flags.contains(.overlapping) == isExpected, "\(run.id) at \(run.site)")
        }
    }

    @Test("markers go by the event names of the definition")
    func eventNames() throws {
        let rules = try ScenarioDefinition(
            Samples.minimal(runs: "{start: {event: cycle.begin}, stop: {event: cycle.end}}")
        ).runs
        let attributes = [Event.Attribute("scenario", .text("demo")), Event.Attribute("id", .text("r1"))]
        let time = Timestamp(seconds: 1)
        #expect(rules.marker(Event("cycle.begin", at: time, attributes: attributes))?.phase == .start)
        #expect(rules.marker(Event("cycle.end", at: time, attributes: attributes))?.phase == .stop)
        #expect(rules.marker(Event("run.start", at: time, attributes: attributes)) == nil)
        #expect(rules.marker(Event("cycle.begin", at: time)) == nil)
        #expect(RunRules().marker(Event("run.stop", at: time, attributes: attributes))?.phase == .stop)
    }

    @Test("names of flags are stable")
    func flagNames() {
        #expect(
            Run.Flags(rawValue: 0x7F).names == [
                "unfinished", "stop-without-start", "overlapping", "conflicting-markers", "unknown-outcome",
                "timed-out", "undeclared-site",
            ])
    }
}
