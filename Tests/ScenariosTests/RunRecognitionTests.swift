import Scenarios
import Telemetry
import Testing

/// Timelines of what rules found, and the runs that they are.
@Suite("Runs by rule")
struct RunRecognitionTests {
    static let site = named("hall")

    static func named(_ text: String) -> Identifier {
        guard let identifier = Identifier(text) else { preconditionFailure("'\(text)' is no identifier") }
        return identifier
    }

    static func boot(_ agent: String = "box", _ number: UInt64 = 1) -> BootKey {
        BootKey(
            site: site, agent: named(agent), install: UUIDBytes(high: 1, low: 1), boot: UUIDBytes(high: number, low: 1),
            epoch: 0)
    }

    /// Seconds since the boot, which was at `offset` seconds.
    static func instant(_ second: Double, offset: Int64 = 1000, isTimeKnown: Bool = true) -> RecordedInstant {
        let time = Timestamp(seconds: offset).advanced(byNanoseconds: Int64(second * 1e9))
        return RecordedInstant(sinceBoot: Int64(second * 1e9), recorded: time, time: time, isTimeKnown: isTimeKnown)
    }

    /// What one boot shows of one subject.
    struct Seen {
        var starts: [Double] = []
        var stops: [[Double]] = [[]]
        var words: [(second: Double, outcome: Int?)] = []
        var agent = "box"
        var boot: UInt64 = 1
        var subject = "arm"
        var offset: Int64 = 1000
        var isTimeKnown = true
        /// Whether the first start is what the series begins with.
        var beginsHolding = false
        var endsHolding = false

        var trace: RuleTrace {
            func at(_ second: Double) -> RecordedInstant {
                instant(second, offset: offset, isTimeKnown: isTimeKnown)
            }
            var source = RuleTrace.Source(key: "a.b")
            source.starts = starts.enumerated().map { .init(at($1), isFirst: beginsHolding && $0 == 0) }
            source.stops = stops.map { $0.map { .init(at($0), isFirst: false) } }
            source.isHolding = [endsHolding] + stops.map { _ in false }
            source.statements = words.map { .init(outcome: $0.outcome, first: at($0.second), last: at($0.second)) }
            return RuleTrace(
                boot: RunRecognitionTests.boot(agent, boot), subject: SubjectKey(agent: named(agent), name: subject),
                begin: at(0), sources: [source])
        }
    }

    static let both = "{start: {series: a.b, above: 5}, stop: {series: a.b, below: 1, outcome: success}}"

    private func ledger(
        _ runs: String, _ seen: [Seen], _ events: [RunRecognition.Statement] = [], through second: Double = 10_000
    ) throws -> [Run] {
        let definition = try ScenarioDefinition(Samples.minimal(runs: runs))
        var ledger = RunLedger(definition)
        let markers = RunRecognition(definition).markers(seen.map(\.trace), Set(events))
        for marker in markers { ledger.insert(marker) }
        return ledger.runs(through: Self.instant(second).time)
    }

    /// `10-20 success`, for each run in seconds after second 1000.
    private func told(
        _ runs: String = both, _ seen: Seen..., events: [RunRecognition.Statement] = []
    ) throws -> [String] {
        try ledger(runs, seen, events).map(Self.text)
    }

    private static func text(_ run: Run) -> String {
        func second(_ time: Timestamp?) -> String {
            time.map { "\(($0.nanoseconds - 1_000_000_000_000) / 1_000_000_000)" } ?? ""
        }
        return "\(second(run.start))-\(second(run.stop)) \(run.outcome ?? "?")"
    }

    private func event(
        _ name: String, _ second: Double, _ attributes: [String: String] = [:], by agent: String? = "box"
    ) -> RunRecognition.Statement {
        let instant = Self.instant(second)
        let published = RecordedInstant(
            sinceBoot: instant.time.nanoseconds, recorded: instant.time, time: instant.time, isTimeKnown: true)
        return RunRecognition.Statement(
            Event(name, at: instant.time, attributes: attributes.map { Event.Attribute($0.key, .text($0.value)) }),
            site: Self.site, source: Self.named(agent ?? "collector"), boot: agent.map { Self.boot($0) },
            instant: agent == nil ? published : instant)
    }

    @Test("a run lasts from the onset of its start to the first onset of its stop")
    func plain() throws {
        #expect(try told(Self.both, Seen(starts: [10, 30], stops: [[20, 40]])) == ["10-20 success", "30-40 success"])
        #expect(try told(Self.both, Seen(starts: [10, 30], stops: [[5, 20]])) == ["10-20 success", "30- ?"])
        #expect(try told(Self.both, Seen(starts: [], stops: [[5, 20]])) == [])
    }

    @Test("a start while a run goes on begins no other, and a stop while none goes on ends nothing")
    func hysteresis() throws {
        #expect(
            try told(Self.both, Seen(starts: [10, 12, 14, 30], stops: [[20, 22, 24, 40]]))
                == ["10-20 success", "30-40 success"])
        #expect(
            try told(Self.both, Seen(starts: [10, 20], stops: [[20, 30]])) == ["10-20 success", "20-30 success"],
            "at one moment a run ends before the next begins")
    }

    @Test("a run whose stop was missed ends no later run: the timeout lets the next begin")
    func missedStop() throws {
        let runs = "{start: {series: a.b, above: 5}, stop: {series: a.b, below: 1, outcome: success}, timeout: 60s}"
        let found = try ledger(runs, [Seen(starts: [10, 50, 100], stops: [[120]])])
        #expect(found.map(Self.text) == ["10- ?", "100-120 success"])
        #expect(found[0].flags.contains(.timedOut) && found[0].exclusion == nil)
        let late = try ledger(runs, [Seen(starts: [10], stops: [[120]])])
        #expect(late.map(Self.text) == ["10-120 success"])
        #expect(late[0].flags.contains(.timedOut))
    }

    @Test("of several stops the first ends the run, and says how it ended")
    func severalStops() throws {
        let runs =
            "{start: {series: a.b, above: 5}, stop: [{series: a.b, below: 1, outcome: success}, "
            + "{series: a.b, above: 90, outcome: aborted}]}"
        #expect(
            try told(runs, Seen(starts: [10, 30], stops: [[20, 40], [35]])) == ["10-20 success", "30-35 aborted"])
    }

    @Test("two devices have a run each")
    func devices() throws {
        let found = try ledger(
            Self.both,
            [
                Seen(starts: [10], stops: [[30]], subject: "left"), Seen(starts: [20], stops: [[40]], subject: "right"),
            ])
        #expect(found.map(Self.text) == ["10-30 success", "20-40 success"])
        #expect(found.map(\.subject) == ["left", "right"])
        #expect(found.allSatisfy { $0.flags == [.markedByRule, .overlapping] })
        #expect(Set(found.map(\.id)).count == 2)
    }

    @Test(
        "a run has a name of its subject, its time, and what tells it from others; and it stays when a clock becomes known"
    )
    func names() throws {
        let seen = Seen(starts: [10], stops: [[20]], subject: "Arm 07/left")
        let id = try #require(try ledger(Self.both, [seen]).first).id.text
        #expect(id.hasPrefix("arm-07-left-19700101t001650z-"), "\(id)")
        var moved = seen
        moved.isTimeKnown = false
        #expect(try ledger(Self.both, [moved]).first?.id.text == id)
        for other in [
            Seen(starts: [10], stops: [[20]], boot: 2, subject: "Arm 07/left"),
            Seen(starts: [10.5], stops: [[20]], subject: "Arm 07/left"),
            Seen(starts: [10], stops: [[20]], agent: "other", subject: "Arm 07/left"),
        ] {
            #expect(try ledger(Self.both, [other]).first?.id.text != id)
        }
        let foreign = try #require(
            try ledger(Self.both, [Seen(starts: [10], stops: [[20]], subject: String(repeating: "爪x", count: 99))])
                .first)
        #expect(foreign.id.text.utf8.count <= 63)
    }

    @Test("what a series begins with after a restart of its box is no beginning if it held before")
    func restart() throws {
        let before = Seen(starts: [10], stops: [[20]], endsHolding: false)
        var after = Seen(starts: [5, 30], stops: [[40]], boot: 2, offset: 1100, beginsHolding: true)
        #expect(try told(Self.both, before, after) == ["10-20 success", "105-140 success"])
        var holding = Seen(starts: [10, 30], stops: [[20]], endsHolding: true)
        #expect(
            try told(Self.both, holding, after) == ["10-20 success", "30-140 success"],
            "the run goes on over the restart")
        // An operator ended the run, and the state stayed.
        let stop = event("run.stop", 40, ["outcome": "aborted"])
        holding.stops = [[20]]
        after.starts = [5, 60]
        after.stops = [[70]]
        #expect(
            try told(Self.both, holding, after, events: [stop])
                == ["10-20 success", "30-40 aborted", "160-170 success"])
    }

    @Test("a boot whose time is not known has runs of its own, and takes part in no other's")
    func unknownTime() throws {
        let found = try ledger(
            Self.both,
            [
                Seen(starts: [10], stops: [[200]]),
                Seen(starts: [20], stops: [[30]], boot: 2, isTimeKnown: false),
            ])
        #expect(found.map(Self.text).sorted() == ["10-200 success", "20-30 success"])
        let alone = try #require(found.first { $0.flags.contains(.timeUnknown) })
        #expect(alone.duration == 10_000_000_000, "by its own boot clock")
    }

    @Test("a wall clock that was set back does not turn the order of its boot round")
    func steppedClock() throws {
        var seen = Seen(starts: [10], stops: [[20]])
        var trace = seen.trace
        seen.starts = [30]
        seen.stops = [[40]]
        seen.offset = 970
        trace.sources[0].starts += seen.trace.sources[0].starts
        trace.sources[0].stops[0] += seen.trace.sources[0].stops[0]
        let definition = try ScenarioDefinition(Samples.minimal(runs: Self.both))
        var ledger = RunLedger(definition)
        for marker in RunRecognition(definition).markers([trace], []) { ledger.insert(marker) }
        let runs = ledger.runs(through: Self.instant(100).time)
        #expect(runs.count == 2)
        #expect(runs.map(\.duration) == [10_000_000_000, 10_000_000_000])
    }

    @Test("an operator's or a program's stop says how a run ended, or ends it before the rule does")
    func words() throws {
        let seen = Seen(starts: [10, 30], stops: [[20, 40]])
        let ids = try ledger(Self.both, [seen]).map(\.id.text)
        func told(_ events: RunRecognition.Statement...) throws -> [String] {
            try self.told(Self.both, seen, events: events)
        }
        #expect(
            try told(event("run.stop", 100, ["id": ids[0], "scenario": "demo", "outcome": "failure"], by: nil))
                == ["10-20 failure", "30-40 success"], "by the name of the run")
        #expect(
            try told(event("run.stop", 25, ["outcome": "failure"])) == ["10-20 failure", "30-40 success"],
            "the last run before it")
        #expect(
            try told(event("run.stop", 15, ["outcome": "failure"])) == ["10-15 failure", "30-40 success"],
            "whichever comes first")
        #expect(
            try told(event("run.stop", 25, ["outcome": "failure"], by: "other")) == ["10-20 success", "30-40 success"])
        #expect(
            try told(event("run.stop", 25, ["outcome": "failure", "subject": "leg"])) == [
                "10-20 success", "30-40 success",
            ])
        let contradicted = try ledger(
            Self.both, [seen],
            [event("run.stop", 25, ["outcome": "failure"]), event("run.stop", 26, ["outcome": "aborted"])])
        #expect(contradicted[0].flags.contains(.conflictingMarkers) && contradicted[0].outcome == nil)
    }

    @Test("an event stops what a rule started, of the box that recorded it")
    func stopByEvent() throws {
        let runs = "{start: {series: a.b, above: 5}, stop: {event: cycle.end, outcome: success}}"
        let arm = Seen(starts: [10, 15, 30], stops: [[]])
        let leg = Seen(starts: [12], stops: [[]], agent: "other", subject: "leg")
        #expect(
            try told(runs, arm, leg, events: [event("cycle.end", 20), event("cycle.end", 40)])
                == ["10-20 success", "12- ?", "30-40 success"])
        #expect(
            try told(runs, arm, leg, events: [event("cycle.end", 20, by: nil)])
                == ["10-20 success", "12-20 success", "30- ?"], "an operator's is of the whole site")
        #expect(
            try told(runs, arm, events: [event("cycle.end", 20, ["outcome": "failure"])])
                == ["10-20 failure", "30- ?"], "what it says itself goes before what the definition says")
    }

    @Test("a rule stops what an event started")
    func stopByRule() throws {
        let runs = "{stop: {series: a.b, below: 1, outcome: success}}"
        func start(_ id: String, _ second: Double, _ subject: String? = nil, by agent: String? = "box")
            -> RunRecognition.Statement
        {
            var facts = ["scenario": "demo", "id": id]
            facts["subject"] = subject
            return event("run.start", second, facts, by: agent)
        }
        let arm = Seen(stops: [[5, 20, 25, 40]])
        let leg = Seen(stops: [[18]], agent: "other", subject: "leg")
        #expect(
            try told(runs, arm, events: [start("r1", 10), start("r2", 30)]) == ["10-20 success", "30-40 success"])
        #expect(try told(runs, arm, leg, events: [start("r1", 10, "arm")]) == ["10-20 success"])
        #expect(try told(runs, arm, leg, events: [start("r1", 10, "leg")]) == ["10-18 success"])
        #expect(try told(runs, arm, leg, events: [start("r1", 10, by: nil)]) == ["10-18 success"], "any of the site")
        #expect(
            try told(runs, arm, events: [start("r1", 10), start("r2", 15)]) == ["10- ?", "15-20 success"],
            "a stop ends the run that began last before it")
        let ended = event("run.stop", 12, ["scenario": "demo", "id": "r1", "outcome": "aborted"], by: nil)
        #expect(try told(runs, arm, events: [start("r1", 10), ended]) == ["10-12 aborted"])
        let marked = try ledger(runs, [arm], [start("r1", 10)])
        #expect(marked[0].id.text == "r1" && marked[0].flags == .markedByRule)
    }

    @Test("the last word of a series in the run is its outcome")
    func outcomeSeries() throws {
        func runs(_ more: String = "") -> String {
            "{start: {series: a.b, above: 5}, stop: {series: a.b, below: 1}, outcome: {series: c.d\(more)}}"
        }
        func seen(_ words: [(Double, Int?)]) -> Seen {
            Seen(starts: [10, 30], stops: [[20, 40]], words: words.map { (second: $0.0, outcome: $0.1) })
        }
        #expect(try told(runs(), seen([(12, 1), (19, 0), (35, 1)])) == ["10-20 success", "30-40 failure"])
        #expect(
            try told(runs(), seen([(5, 0), (21, 1)])) == ["10-20 ?", "30-40 ?"],
            "what was said before or after is of no run")
        #expect(try told(runs(", within: 5s"), seen([(21, 1), (44, 0)])) == ["10-20 failure", "30-40 success"])
        #expect(
            try told(runs(", within: 15s"), seen([(31, 1)])) == ["10-20 ?", "30-40 failure"],
            "what is said in the next run is of that")
        let unknown = try ledger(runs(), [seen([(12, nil)])])
        #expect(unknown[0].flags.contains(.unknownOutcome))
    }

    @Test("what is recognised does not depend on the order of traces and events")
    func order() throws {
        let seen = [
            Seen(starts: [10, 30], stops: [[20, 40]]),
            Seen(starts: [12], stops: [[33]], agent: "other", subject: "leg"),
            Seen(starts: [50], stops: [[60]], boot: 2, subject: "arm"),
            Seen(starts: [1], stops: [[2]], boot: 3, isTimeKnown: false),
        ]
        let events = [
            event("run.stop", 22, ["outcome": "failure"]), event("run.stop", 31, ["outcome": "invalid"], by: nil),
        ]
        let expected = try ledger(Self.both, seen, events)
        #expect(expected.count >= 4)
        for turn in 0..<seen.count {
            let turned = Array(seen[turn...] + seen[..<turn])
            #expect(try ledger(Self.both, turned, events.reversed()) == expected)
            #expect(try ledger(Self.both, turned.reversed(), events) == expected)
        }
    }
}
