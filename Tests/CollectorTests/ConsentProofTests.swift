import Aggregation
import Scenarios
import Telemetry
import Testing

@testable import Collector

@Suite("Consent, by what the archive alone shows")
struct ConsentProofTests {
    private static func rules(_ by: ConsentGiver = .subject("resident-3")) throws -> [ConsentRecord.Rule] {
        [.init(try #require(SeriesPattern("gripper.*")), by)]
    }

    private static let demand = "governance: {consent: {required: true, series: [\"gripper.*\"]}}"
    /// Judged by the force, so that a run without it says nothing.
    private static let judged = "safety: [{id: crush, metric: force, above: 50 N, severity: critical}]\n"
    /// The same where a rule that could not be watched takes no pass away.
    private static let warned = "safety: [{id: crush, metric: force, above: 50 N, severity: warning}]\n"
    private static let limit = "runs: {outcomes: [success, invalid], exclude: {outcome: invalid, at-most: 40%}}\n"

    private static func change(_ isGrant: Bool, at seconds: Double, _ subject: String = "resident-3") -> Event {
        Event(
            isGrant ? "consent.granted" : "consent.withdrawn", at: TestBox().time(seconds),
            attributes: [.init("subject", .text(subject))])
    }

    /// A box that starts at second 1 with this rule and marks runs of ten seconds.
    private struct Scene {
        var box = TestBox(epoch: 3)
        let centre: TestCentre

        init(
            _ more: String = demand + "\n" + judged, granted: [String] = [], by: ConsentGiver = .subject("resident-3"),
            isRuled: Bool = true
        )
            throws
        {
            centre = try TestCentre(
                completeness: "{loss-at-most: 0, gap-at-most: 2s, coverage-at-least: 0.9}", more: more)
            try centre.take(box.record(Event("agent.start", at: box.time(1)), at: 1))
            if isRuled {
                let record = ConsentRecord(try rules(by), epoch: 3, granted: granted)
                try centre.take(box.record(record.event(at: box.time(1)), at: 1))
            }
            try centre.take(box.definitions(at: 1))
        }

        mutating func change(_ isGrant: Bool, at seconds: Double) throws {
            try centre.take(box.record(ConsentProofTests.change(isGrant, at: seconds), at: seconds))
        }

        /// A run in which samples come in these seconds of it only.
        mutating func run(_ id: String, at first: Double, sampled: ClosedRange<Int>?, outcome: String = "success")
            throws
        {
            try centre.take(box.start(id, at: first))
            if let sampled { try centre.take(box.samples(at: sampled.map { first + Double($0) })) }
            try centre.take(box.stop(id, at: first + 10, outcome: outcome))
        }
    }

    @Test("a box with consent all through is as one without a rule, but for the proof")
    func consented() throws {
        var scene = try Scene(granted: ["resident-3"])
        try scene.run("r1", at: 100, sampled: 0...9)
        try scene.centre.fold()
        let summary = try scene.centre.summary()
        #expect(summary.verdict == .pass)
        #expect(summary.completeness.checks.last == .init(id: .consent, value: 0, limit: 0, unit: "1", holds: true))
        let told = try #require(summary.governance.consent)
        #expect(told.isApplied == true && told.runsWithout == 0 && told.runsPartly == 0 && told.timeWithout == 0)
        let json = try scene.centre.json()
        try scene.centre.rebuild()
        #expect(try scene.centre.json() == json)
    }

    @Test(
        "a declared hole is no gap: coverage and gaps are judged over the time under consent, and the summary says so")
    func partly() throws {
        var scene = try Scene(Self.demand, granted: ["resident-3"])
        try scene.run("r1", at: 100, sampled: 0...9)
        try scene.centre.take(scene.box.start("r2", at: 200))
        try scene.centre.take(scene.box.samples(at: [200, 201, 202, 203]))
        try scene.change(false, at: 203.5)
        try scene.change(true, at: 207)
        try scene.centre.take(scene.box.samples(at: [207, 208, 209]))
        try scene.centre.take(scene.box.stop("r2", at: 210))
        try scene.centre.fold()
        let summary = try scene.centre.summary()
        #expect(summary.verdict == .pass)
        #expect(summary.completeness.coverage == 1)
        #expect(try #require(summary.completeness.longestGap) <= 1.5)
        let told = try #require(summary.governance.consent)
        #expect(told.runsWithout == 0 && told.runsPartly == 1 && told.timeWithout == 3.5)
        #expect(told.grants == 1 && told.withdrawals == 1)
        #expect(summary.ledger.map { $0.completeness?.withoutConsent } == [nil, 3.5])
        #expect(summary.reason.en.contains("parts of 1 counted run are without consent"))
        #expect(try Summary(json: summary.json) == summary)
    }

    @Test("a hole that nobody declared stays one, beside a declared one")
    func undeclared() throws {
        var scene = try Scene(Self.demand, granted: ["resident-3"])
        try scene.run("r1", at: 100, sampled: 0...9)
        try scene.centre.take(scene.box.start("r2", at: 200))
        try scene.centre.take(scene.box.samples(at: [200, 201]))
        try scene.change(false, at: 205)
        try scene.change(true, at: 208)
        try scene.centre.take(scene.box.samples(at: [208, 209]))
        try scene.centre.take(scene.box.stop("r2", at: 210))
        try scene.centre.fold()
        let summary = try scene.centre.summary()
        #expect(summary.verdict == .inconclusive)
        #expect(summary.completeness.longestGap == 4, "from 201 to the withdrawal")
        #expect(summary.ledger[1].completeness?.coverage.map { ($0 * 100).rounded() } == 57, "4 of 7 s")
    }

    @Test("a critical rule that could not be watched all through is not kept")
    func safety() throws {
        var scene = try Scene(granted: ["resident-3"])
        try scene.centre.take(scene.box.start("r1", at: 200))
        try scene.centre.take(scene.box.samples(at: [200, 201, 202, 203, 204]))
        try scene.change(false, at: 205)
        try scene.centre.take(scene.box.stop("r1", at: 210))
        try scene.centre.fold()
        let summary = try scene.centre.summary()
        #expect(summary.safety.first?.verdict == .inconclusive)
        #expect(summary.verdict == .inconclusive)
    }

    @Test("a run wholly without consent does not count, with that reason, and counts as left out")
    func without() throws {
        var scene = try Scene(Self.limit + Self.demand + "\n" + Self.warned, granted: ["resident-3"])
        try scene.run("r1", at: 100, sampled: 0...9)
        try scene.change(false, at: 150)
        try scene.run("r2", at: 200, sampled: nil)
        try scene.centre.fold()
        var summary = try scene.centre.summary()
        #expect(summary.ledger.map(\.excluded) == [nil, "no consent: force"])
        #expect(summary.governance.consent?.runsWithout == 1 && summary.governance.consent?.timeWithout == 10)
        #expect(summary.completeness.coverage == 1)
        #expect(summary.verdict == .inconclusive)
        #expect(
            summary.reason.en.hasPrefix(
                "1 of 2 runs were left out as invalid or for want of consent, more than the 40 % allowed"),
            "\(summary.reason.en)")
        try scene.change(true, at: 250)
        try scene.run("r3", at: 300, sampled: 0...9)
        try scene.centre.fold()
        summary = try scene.centre.summary()
        #expect(summary.verdict == .pass, "1 of 3 is within 40 %")
        #expect(summary.reason.en.contains("1 run was left out for want of consent"))
    }

    @Test("without a stated limit no run may be left out for want of consent, be it asked for by the definition or not")
    func unlimited() throws {
        for demand in [Self.demand + "\n", ""] {
            var scene = try Scene(demand + Self.warned, granted: ["resident-3"])
            try scene.run("r1", at: 100, sampled: 0...9)
            try scene.change(false, at: 150)
            for index in 0..<5 {
                try scene.run("f\(index)", at: 200 + 100 * Double(index), sampled: nil, outcome: "failure")
            }
            try scene.centre.fold()
            let summary = try scene.centre.summary()
            #expect(summary.runs.counted == 1)
            #expect(summary.verdict == .inconclusive)
            #expect(
                summary.reason.en.hasPrefix(
                    "5 of 6 runs were left out for want of consent, and the definition states no limit for it"),
                "\(summary.reason.en)")
            #expect(summary.reason.zh.hasPrefix("6 次运行中有 5 次因未取得同意被排除"), "\(summary.reason.zh)")
        }
    }

    @Test("a critical rule is not kept where it could not be watched in a run that consent leaves out")
    func unwatched() throws {
        var scene = try Scene(Self.limit + Self.demand + "\n" + Self.judged, granted: ["resident-3"])
        for index in 0..<3 { try scene.run("r\(index)", at: 100 + 20 * Double(index), sampled: 0...9) }
        try scene.change(false, at: 170)
        try scene.run("r3", at: 200, sampled: nil)
        try scene.centre.fold()
        let summary = try scene.centre.summary()
        #expect(summary.ledger.last?.excluded == "no consent: force")
        #expect(summary.safety.map(\.verdict) == [.inconclusive])
        #expect(summary.verdict == .inconclusive)
        #expect(summary.reason.en.contains("crush cannot be judged"), "\(summary.reason.en)")
    }

    @Test("a withdrawal with a time in the past neither leaves out a run whose end is known nor explains a gap in it")
    func backdated() throws {
        let demand = "governance: {consent: {required: true, series: [\"gripper.*\"], at-least: 60%}}\n"
        var scene = try Scene(Self.limit + demand + Self.warned, granted: ["resident-3"])
        try scene.run("r1", at: 100, sampled: 0...9)
        try scene.run("r2", at: 200, sampled: 0...9, outcome: "failure")
        try scene.centre.take(scene.box.start("r3", at: 300))
        try scene.centre.take(scene.box.samples(at: [300, 301, 306, 307, 308, 309]))
        try scene.centre.take(scene.box.stop("r3", at: 310))
        try scene.centre.fold()
        let before = try scene.centre.summary()
        #expect(before.runs.counted == 3 && before.completeness.longestGap == 5)
        for (isGrant, time) in [(false, 199.0), (true, 211), (false, 301.5), (true, 305.5)] {
            try scene.centre.take(scene.box.record(Self.change(isGrant, at: time), at: 400 + time / 1000))
        }
        try scene.centre.fold()
        let after = try scene.centre.summary()
        #expect(after.runs.counted == 3 && after.completeness.longestGap == 5)
        #expect(after.governance.consent?.timeWithout == 0)
        #expect(after.verdict == before.verdict)
    }

    @Test("a series that is held back raises no alert of silence, and one that stays away when it may come again does")
    func silence() throws {
        var scene = try Scene(granted: ["resident-3"])
        try scene.centre.take(scene.box.definitions(of: ["room.temperature"], at: 1))
        let room = SeriesID(rawValue: TestBox.force.rawValue + 1)
        func standing() throws -> [Alert.Fact.Standing] {
            var losses = LossWatch(patience: 60_000_000_000)
            return try scene.centre.facts(&losses, at: 1, isHeard: true).filter { $0.cause.kind == .silentSeries }.map(
                \.standing)
        }
        try scene.centre.take(scene.box.start("r1", at: 100))
        try scene.centre.take(scene.box.samples(at: (0...4).map { 100 + Double($0) }))
        try scene.change(false, at: 105)
        try scene.centre.take(scene.box.samples(at: (5...20).map { 100 + Double($0) }, of: room))
        #expect(try standing() == [.unknown], "withdrawn at 105")
        try scene.change(true, at: 121)
        try scene.centre.take(scene.box.samples(at: [122], of: room))
        #expect(try standing() == [.over], "granted a second ago")
        try scene.centre.take(scene.box.samples(at: [125], of: room))
        #expect(try standing() == [.ongoing], "granted for 4 s, of which 2 s are allowed")
    }

    @Test("a run under less consent than the definition asks for does not count")
    func least() throws {
        let demand = "governance: {consent: {required: true, series: [\"gripper.*\"], at-least: 60%}}\n"
        for (end, counts) in [(205.0, false), (207.0, true)] {
            var scene = try Scene(
                demand + "safety: [{id: crush, metric: force, above: 50 N, severity: warning}]", granted: ["resident-3"]
            )
            try scene.centre.take(scene.box.start("r1", at: 200))
            try scene.centre.take(scene.box.samples(at: [200, 201, 202, 203, 204]))
            try scene.change(false, at: end)
            try scene.centre.take(scene.box.stop("r1", at: 210))
            try scene.centre.fold()
            #expect(try scene.centre.summary().runs.counted == (counts ? 1 : 0), "until \(end)")
        }
    }

    @Test("a start that has such series and no rule of consent blocks a pass")
    func lacking() throws {
        var scene = try Scene(isRuled: false)
        try scene.run("r1", at: 100, sampled: 0...9)
        try scene.centre.fold()
        let summary = try scene.centre.summary()
        #expect(summary.verdict == .inconclusive)
        #expect(summary.governance.consent?.lacking == ["lab/box-01"])
        #expect(
            summary.reason.en.hasPrefix(
                "There is no record that lab/box-01 kept 'gripper.*' under consent only, as the definition demands"))
        #expect(try Summary(json: summary.json) == summary)
    }

    @Test("events of the pattern need a rule as series do, and so does a box of which none are seen")
    func events() throws {
        for event in ["person.fall", "door.opened"] {
            let centre = try TestCentre(
                completeness: "{loss-at-most: 0}",
                more: "governance: {consent: {required: true, series: [\"person.*\"]}}")
            var box = TestBox(epoch: 3)
            try centre.take(box.record(Event("agent.start", at: box.time(1)), at: 1))
            try centre.take(box.definitions(at: 1))
            try centre.take(box.start("r1", at: 100))
            try centre.take(box.samples(at: (0...9).map { 100 + Double($0) }))
            try centre.take(box.record(Event(event, at: box.time(105)), at: 109.5))
            try centre.take(box.stop("r1", at: 110))
            try centre.fold()
            let summary = try centre.summary()
            #expect(summary.governance.consent?.isApplied == false, "\(event)")
            #expect(summary.governance.consent?.lacking == ["lab/box-01"], "\(event)")
            #expect(summary.verdict == .inconclusive, "\(event)")
        }
    }

    @Test("a rule by another tag than the definition names proves nothing")
    func otherTag() throws {
        let demand = "governance: {consent: {required: true, series: [\"gripper.*\"], by: person}}"
        var scene = try Scene(demand, granted: ["resident-3"])
        try scene.run("r1", at: 100, sampled: 0...9)
        try scene.centre.fold()
        #expect(try scene.centre.summary().governance.consent?.isApplied == false)
        var other = try Scene(demand, granted: ["anna"], by: .tag("person"))
        try other.run("r1", at: 100, sampled: 0...9)
        try other.centre.fold()
        #expect(try other.centre.summary().governance.consent?.isApplied == true)
    }

    @Test("readers outside learn neither how often consent was given or taken back, nor for how long")
    func shared() throws {
        let demand =
            "governance: {classification: personal, retention: 30d, share: {summary: public}, "
            + "consent: {required: true, series: [\"gripper.*\"]}}\n"
        var scene = try Scene(demand + Self.judged, granted: ["resident-3"])
        try scene.run("r1", at: 100, sampled: 0...9)
        try scene.change(false, at: 150)
        try scene.run("r2", at: 200, sampled: nil)
        try scene.centre.fold()
        let shared = try scene.centre.summary().shared(with: .public)
        let told = try #require(shared.governance.consent)
        #expect(told.isApplied == true)
        #expect([told.runsWithout, told.runsPartly, told.grants, told.withdrawals] == [nil, nil, nil, nil])
        #expect(told.timeWithout == nil && told.suppressed == nil)
        #expect(shared.ledger.map(\.run.text) == ["run-1"])
        #expect(!"\(shared.json)".contains("no consent"))
        #expect(try Summary(json: shared.json) == shared)
    }

    @Test("a shared ledger looks the same whether a run was left out for want of consent or for its outcome")
    func alike() throws {
        func shared(_ isWithdrawn: Bool) throws -> Summary {
            let demand = "governance: {share: {summary: public}, consent: {required: true, series: [\"gripper.*\"]}}\n"
            var scene = try Scene(Self.limit + demand + Self.warned, granted: ["resident-3"])
            try scene.run("r1", at: 100, sampled: 0...9)
            if isWithdrawn { try scene.change(false, at: 150) }
            try scene.run(
                "r2", at: 200, sampled: isWithdrawn ? nil : 0...9, outcome: isWithdrawn ? "success" : "invalid")
            if isWithdrawn { try scene.change(true, at: 250) }
            try scene.run("r3", at: 300, sampled: 0...9)
            try scene.centre.fold()
            let summary = try scene.centre.summary()
            #expect(summary.ledger[1].excluded == (isWithdrawn ? "no consent: force" : "outcome invalid"))
            return summary.shared(with: .public)
        }
        let (withdrawn, invalid) = (try shared(true), try shared(false))
        #expect(withdrawn.ledger.map(\.run.text) == ["r1", "r3"])
        #expect(withdrawn.ledger == invalid.ledger)
        #expect(withdrawn.metrics.allSatisfy { $0.trace == nil })
        #expect(withdrawn.reason == invalid.reason)
        #expect(withdrawn.governance.sharing == invalid.governance.sharing)
    }
}
