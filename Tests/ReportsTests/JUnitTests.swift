import Aggregation
import Foundation
import Telemetry
import Testing

@testable import Reports

@Suite("JUnit XML")
struct JUnitTests {
    struct Suite: Decodable {
        struct Case: Decodable {
            var group: String
            var name: String
            var mark: String
            var message: String
        }

        var suite: String
        var cases: [Case]
        var properties: [String: String]

        func marks(_ group: String) -> [String: String] {
            cases.filter { $0.group.hasSuffix(group) }.reduce(into: [:]) { $0[$1.name] = $1.mark }
        }
    }

    private func read(_ summary: Summary, isStrict: Bool = false) throws -> Suite {
        let xml = Report.text(summary, format: .junit, isStrict: isStrict)
        return try JSONDecoder().decode(Suite.self, from: try PythonPeer.run("read_junit.py", input: xml))
    }

    @Test(
        "another parser finds a suite of Surefire's shape, with a failure exactly when the verdict says so",
        arguments: SampleSummary.all, [false, true])
    func shape(_ sample: SampleSummary, isStrict: Bool) throws {
        let suite = try read(sample.summary, isStrict: isStrict)
        let hasFailure = suite.cases.contains { $0.mark == "failure" }
        #expect(hasFailure == (isStrict ? sample.summary.verdict != .pass : sample.summary.verdict == .fail))
        #expect(suite.suite == sample.summary.scenario.id.text)
        #expect(suite.properties["digest"] == sample.summary.scenario.digest)
        #expect(suite.properties["verdict"] == sample.summary.verdict.rawValue)
    }

    @Test("each criterion and, where each must hold by itself, each site is a case")
    func sites() throws {
        let suite = try read(.refutedAtOneSite)
        #expect(
            suite.marks(".criteria") == ["success-rate": "failure", "cycle-p95": "skipped", "force-mean": "passed"])
        #expect(
            suite.marks(".criteria.success-rate") == ["deqing": "skipped", "huzhou": "failure", "anji": "skipped"])
        let deqing = try #require(suite.cases.first { $0.name == "deqing" })
        #expect(deqing.message.contains("about 44 runs more") || deqing.message.contains("about 44 more runs"))
        #expect(deqing.message.contains("at least 95\u{202F}%"))
        #expect(suite.properties["criterion.success-rate.confidence"] == "0.95")
        #expect(suite.properties["criterion.success-rate.upper"] == "0.8679")
    }

    @Test("sites that do not decide by themselves are no cases: one of them may fail in a scenario that passes")
    func pooledSites() throws {
        var summary = Summary.proven
        summary.criteria[0].strata = [.sample("anji", 0.5, 0.2, 0.8, n: 12, .fail)]
        let suite = try read(summary)
        #expect(suite.marks(".criteria.success-rate").isEmpty)
        #expect(!suite.cases.contains { $0.mark == "failure" })
    }

    @Test("a breach that does not fail the scenario is told and is no failure")
    func warning() throws {
        let suite = try read(.refutedAtOneSite)
        #expect(suite.marks(".safety") == ["e-stop": "failure", "hot-joint": "skipped"])
        var summary = Summary.proven
        summary.safety = [.hotJoint(3, first: "2026-11-03T13:01:44Z", .fail)]
        for isStrict in [false, true] {
            #expect(try read(summary, isStrict: isStrict).marks(".safety") == ["hot-joint": "skipped"])
        }
    }

    @Test("broken completeness is skipped with the reason, and a failure only in a strict report")
    func completeness() throws {
        let lenient = try read(.fullOfHoles)
        #expect(Set(lenient.marks(".completeness").values) == ["skipped"])
        #expect(lenient.cases.contains { $0.name == "gap-at-most" && $0.message.contains("at most 5") })
        #expect(Set(try read(.fullOfHoles, isStrict: true).marks(".completeness").values) == ["failure"])
    }

    @Test("a description is neither passed nor failed, also in a strict report")
    func description() throws {
        for isStrict in [false, true] {
            #expect(try read(.proven, isStrict: isStrict).marks(".criteria")["heat-samples"] == "skipped")
        }
    }

    @Test(
        "every text comes through a parser, but for what XML cannot hold and what deceives",
        arguments: [
            ("<a href=\"x\">&amp;]]>'", "<a href=\"x\">&amp;]]>'"), ("two\nlines\tand a tab", "two\nlines\tand a tab"),
            ("nul \0 bell \u{7} esc \u{1B}[31m", "nul \u{FFFD} bell \u{FFFD} esc \u{FFFD}[31m"),
            ("cr \r\n", "cr \u{FFFD}\n"), ("\u{FFFE}\u{FFFF}", "\u{FFFD}\u{FFFD}"),
            ("right \u{202E}left", "right \u{FFFD}left"), ("抓取 😀 عربي", "抓取 😀 عربي"),
            ("=cmd|' /C calc'!A0", "=cmd|' /C calc'!A0"),
        ])
    func texts(_ given: String, read expected: String) throws {
        var summary = Summary.hostile
        summary.criteria[0].id = given
        summary.reason.en = given
        let suite = try read(summary)
        // Unicode normalisation is not XML's business, so compare scalar by scalar.
        let reason = try #require(suite.properties["reason"])
        #expect(reason.unicodeScalars.elementsEqual(expected.unicodeScalars), "\(reason.debugDescription)")
        #expect(suite.cases.contains { $0.name.unicodeScalars.elementsEqual(expected.unicodeScalars) })
    }
}
