import Aggregation
import Configuration
import JSON
import Scenarios
import Storage
import StorageSupport
import Telemetry
import TestSupport
import Testing

@testable import Collector

@Suite("How long an archive keeps frames")
struct RetentionPlanTests {
    private static let day: Int64 = 86_400_000_000_000

    private static func definition(_ id: String, _ retention: String?) throws -> ScenarioDefinition {
        try ScenarioDefinition(
            ConfigurationFile(
                name: "\(id).yaml",
                text: """
                    schema: fieldproof/scenario/v1
                    id: \(id)
                    version: 1.0.0
                    title: {en: \(id)}
                    setting: real
                    criteria: [{id: ok, statistic: proportion, outcome: success, at-least: 0.5, confidence: 0.95}]
                    governance: {\(retention.map { "retention: \($0)" } ?? "classification: internal")}
                    """))
    }

    private static func plan(_ days: Int64?, _ limits: [(String, String?)]) throws -> RetentionPlan {
        RetentionPlan(ArchiveRetention(age: days.map { $0 * day }, size: 5), try limits.map(definition))
    }

    @Test(
        "the shortest limit holds",
        arguments: [
            (nil, [], nil), (nil, [("a", nil)], nil), (180, [("a", nil)], 180),
            (nil, [("a", "30d"), ("b", "90d")], 30),
            (180, [("a", "30d"), ("b", nil)], 30), (30, [("a", "180d")], 30),
        ] as [(Int64?, [(String, String?)], Int64?)])
    func shortest(archive: Int64?, limits: [(String, String?)], kept: Int64?) throws {
        let effective = try Self.plan(archive, limits).effective
        #expect(effective == ArchiveRetention(age: kept.map { $0 * Self.day }, size: 5))
    }

    @Test("a definition that cuts the archive's time short is named, and so are those whose frames go with its own")
    func shorter() throws {
        #expect(
            try Self.plan(180, [("fall", "30d"), ("arm", "180d"), ("cell", nil)]).warnings == [
                "frames are kept for 30d, as the retention of fall says, and not for 180d, as 'archive: retention' does",
                "frames of arm, cell go with them after 30d, for in the archive the data of all scenarios lie together; give "
                    + "scenarios that are to be kept for longer a collector and an archive of their own",
            ])
        #expect(
            try Self.plan(nil, [("fall", "36h")]).warnings == [
                "frames are kept for 36h, as the retention of fall says, and not for ever"
            ])
    }

    @Test("a definition that allows more than the archive keeps is told what it loses")
    func longer() throws {
        #expect(
            try Self.plan(30, [("arm", "180d"), ("cell", "30d"), ("fall", nil)]).warnings == [
                "frames of arm may be kept for 180d and are for 30d, as 'archive: retention' says; nobody can compute older "
                    + "runs again"
            ])
        #expect(try Self.plan(30, [("fall", nil)]).warnings.isEmpty)
    }

    @Test("less than a day is refused where it stands")
    func short() {
        let error = #expect(throws: (any Error).self) { try Self.definition("a", "6h") }
        #expect("\(String(describing: error))".contains("governance.retention"))
    }
}

@Suite("Runs whose data may be kept no longer")
struct RetiredRunTests {
    private static let day = 86_400.0

    /// A run at second 100, so many days of silence, and frames enough that those of the run have expired.
    private func centre(days: Double, retention: String) throws -> TestCentre {
        let centre = try TestCentre(
            completeness: "{loss-at-most: 0}", more: "governance: {retention: \(retention)}", segmentSize: 16384)
        var box = TestBox()
        try centre.take(box.definitions(at: 1))
        try centre.take(box.run("r1", at: 100))
        try centre.fold()
        var generator = SeededGenerator(seed: 5)
        for frame in 0..<8 {
            let first = days * Self.day + Double(frame) * 10
            let times = (0..<1500).map { _ in Double.random(in: first..<(first + 10), using: &generator) }
            try centre.take(box.samples(at: times.sorted()))
        }
        try centre.take(box.run("r2", at: days * Self.day + 100))
        try centre.fold()
        return centre
    }

    @Test("one that is past its time and of which frames are gone is in no summary, and counted")
    func retired() throws {
        let centre = try centre(days: 3, retention: "2d")
        #expect(try centre.retire() == [], "all its frames are there")
        #expect(try centre.summary().ledger.map(\.run.text) == ["r1", "r2"])
        #expect(try centre.expire(segments: 1) > 0)
        #expect(try centre.retire() == ["r1"])
        let summary = try centre.summary()
        #expect(summary.ledger.map(\.run.text) == ["r2"])
        #expect(summary.governance.retiredRuns == 1)
        #expect(summary.verdict == .inconclusive, "what the run showed is gone")
        #expect(summary.reason.en.hasPrefix("1 run is past its retention"), "\(summary.reason.en)")
        #expect(summary.json["governance"]?["retired_runs"] == .integer(1))
        #expect(try Summary(json: summary.json) == summary)
        let json = try centre.json()
        try centre.restart()
        try centre.fold()
        #expect(try centre.json() == json)
        try centre.rebuild()
        #expect(try centre.json() == json)
    }

    @Test("waiting makes no pass of failures and of a critical breach, and a sequential plan does not begin anew")
    func waiting() throws {
        let centre = try TestCentre(
            completeness: "{loss-at-most: 0}",
            more:
                "safety: [{id: estop, event: estop.pressed, at-most: 0, severity: critical}]\ngovernance: {retention: 2d}",
            segmentSize: 16384,
            criterion: "{id: ok, statistic: proportion, outcome: success, at-least: 0.5, confidence: 0.9, plan: sprt, "
                + "expect: 0.9, power: 0.9}")
        var box = TestBox()
        try centre.take(box.definitions(at: 1))
        for index in 0..<8 {
            let at = 100 + 20 * Double(index)
            try centre.take(box.start("a\(index)", at: at))
            try centre.take(box.samples(at: [at + 1]))
            if index == 0 {
                try centre.take(box.record(Event("estop.pressed", at: box.time(at + 2)), at: at + 2))
            }
            try centre.take(box.stop("a\(index)", at: at + 10, outcome: "failure"))
        }
        try centre.fold()
        #expect(try centre.summary().verdict == .fail)
        var generator = SeededGenerator(seed: 5)
        for frame in 0..<4 {
            let first = 3 * Self.day + Double(frame) * 10
            let times = (0..<1500).map { _ in Double.random(in: first..<(first + 10), using: &generator) }
            try centre.take(box.samples(at: times.sorted()))
        }
        for index in 0..<12 {
            let at = 3 * Self.day + 100 + 20 * Double(index)
            try centre.take(box.start("b\(index)", at: at))
            try centre.take(box.samples(at: [at + 1]))
            try centre.take(box.stop("b\(index)", at: at + 10))
        }
        try centre.take(box.samples(at: [3 * Self.day + 500]))
        try centre.fold()
        #expect(try centre.expire(segments: 1) > 0)
        #expect(try centre.retire().count == 8)
        let summary = try centre.summary()
        #expect(summary.verdict == .inconclusive)
        let criterion = try #require(summary.criteria.first)
        #expect(criterion.verdict == .inconclusive && criterion.obstacle == .retiredRuns)
        #expect(criterion.n == 12 && criterion.lower == nil && criterion.moreRuns == nil)
        #expect(summary.reason.en.contains("8 runs are past their retention"), "\(summary.reason.en)")
        #expect(try Summary(json: summary.json) == summary)
        let after = try centre.summary(.init(from: box.time(3 * Self.day)))
        #expect(after.verdict == .pass && after.governance.retiredRuns == 0)
        #expect(after.reproduction.selection?.from == box.time(3 * Self.day), "it says what it is about")
    }

    @Test("one within its time keeps what was folded, though its frames are gone")
    func kept() throws {
        let centre = try centre(days: 1, retention: "2d")
        #expect(try centre.expire(segments: 1) > 0)
        #expect(try centre.retire() == [])
        let summary = try centre.summary()
        #expect(summary.ledger.map(\.run.text) == ["r1", "r2"])
        #expect(summary.reproduction.expiredRuns == 1 && summary.governance.retiredRuns == 0)
        #expect(summary.verdict == .pass)
    }

    /// Days by which the time of a sample, the clock of the box that sent it, and the collector's clock are ahead.
    @Test(
        "one whose time is not over stays, unless two clocks say that it is",
        arguments: [
            (240, 0, 0, []), (0, 240, 0, []), (240, 240, 0, []), (240, 0, 240, []), (0, 240, 240, ["r1"]),
        ] as [(Double, Int64, Double, [String])])
    func ahead(sample: Double, agent: Int64, collector: Double, retired: [String]) throws {
        let centre = try centre(days: 1, retention: "180d")
        #expect(try centre.expire(segments: 1) > 0)
        var box = TestBox("box-02", install: 9)
        let now = Self.day + 200
        let clock = TestBox.Clock(wrongBy: agent * 86_400)
        try centre.take(box.definitions(at: now - 1, clock))
        try centre.take(box.samples(at: [now + sample * Self.day, now], clock))
        try centre.fold()
        #expect(try centre.expire(segments: 1, at: box.time(now + collector * Self.day)) > 0)
        #expect(try centre.retire() == retired)
        #expect(try centre.summary().governance.retiredRuns == retired.count)
        #expect(try centre.kept() == ["r1", "r2"].filter { !retired.contains($0) })
        try centre.rebuild()
        #expect(try centre.retire() == [])
        #expect(try centre.summary().governance.retiredRuns == retired.count)
    }

    @Test("what was folded of one under an earlier definition goes too, and stays gone")
    func redefined() throws {
        let centre = try centre(days: 3, retention: "2d")
        #expect(try centre.expire(segments: 1) > 0)
        let former = try centre.redefine(more: "governance: {retention: 2d}")
        try centre.fold()
        #expect(try centre.kept(under: former) == ["r1", "r2"])
        #expect(try centre.kept() == ["r2"], "of r1 none can be made")
        #expect(try centre.retire() == ["r1"])
        #expect(try centre.kept(under: former) == ["r2"])
        #expect(try centre.retire() == [])
        try centre.restart()
        #expect(try centre.retire() == [], "nothing is told twice")
        #expect(try centre.summary().governance.retiredRuns == 1)
    }

    @Test("one that the store could not remove is removed the next time")
    func failing() throws {
        let centre = try centre(days: 3, retention: "2d")
        #expect(try centre.expire(segments: 1) > 0)
        let store = ModelStore()
        store.setFailing(StoreError(.busy, "store.db", "in use"))
        #expect(throws: StoreError.self) { try centre.retire(from: store) }
        #expect(try centre.kept() == ["r1", "r2"])
        #expect(try centre.retire() == ["r1"])
        #expect(try centre.kept() == ["r2"])
    }

    @Test("of one no sample is told again, though some of its frames are there")
    func replayed() throws {
        let centre = try TestCentre(
            completeness: "{loss-at-most: 0}", more: "governance: {retention: 2d}", segmentSize: 16384)
        var box = TestBox()
        try centre.take(box.definitions(at: 1))
        try centre.take(box.start("r1", at: 100))
        var generator = SeededGenerator(seed: 5)
        for frame in 0..<8 {
            let first = 100 + Double(frame) * 10
            let times = (0..<1500).map { _ in Double.random(in: first..<(first + 10), using: &generator) }
            try centre.take(box.samples(at: times.sorted()))
        }
        try centre.take(box.stop("r1", at: 180))
        let later = 3 * Self.day
        try centre.take(box.run("r2", at: later))
        try centre.fold()
        #expect(try centre.expire(segments: 1, at: box.time(200)) > 0)
        #expect(try centre.replay().contains { $0.time < box.time(200) }, "within its time")
        #expect(try centre.expire(segments: 1, at: box.time(later + 11)) > 0)
        let told = try centre.replay()
        #expect(!told.isEmpty && told.allSatisfy { $0.time >= box.time(later) })
        #expect(try centre.summary().ledger.map(\.run.text) == ["r2"])
    }
}
