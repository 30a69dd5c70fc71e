import Aggregation
import Telemetry
import Testing

@testable import Collector

@Suite("Redaction, by what the archive alone shows")
struct RedactionProofTests {
    private static let demand = "governance: {redact: [{series: \"person.*\", action: drop}]}"

    private static func record(epoch: UInt64) throws -> Event {
        let pattern = try #require(SeriesPattern("person.*"))
        return RedactionRecord([.init(pattern, .drop)], epoch: epoch).event(at: TestBox().time(1))
    }

    /// A run that a box marks and measures, at its start with this number.
    private func centre(epoch: UInt64, _ prepare: (inout TestBox, TestCentre) throws -> Void) throws -> TestCentre {
        let centre = try TestCentre(completeness: "{loss-at-most: 0}", more: Self.demand)
        var box = TestBox(epoch: epoch)
        try centre.take(box.definitions(at: 1))
        try prepare(&box, centre)
        try centre.take(box.run("r1", at: 100))
        try centre.fold()
        return centre
    }

    @Test("a record of the start that sent the data proves it, before and after a rebuild")
    func proven() throws {
        let centre = try centre(epoch: 3) { box, centre in
            try centre.take(box.record(Self.record(epoch: 3), at: 1))
        }
        let summary = try centre.summary()
        #expect(summary.governance.redactions.map(\.isApplied) == [true])
        #expect(summary.verdict == .pass)
        let json = try centre.json()
        try centre.rebuild()
        #expect(try centre.json() == json)
    }

    @Test("a record of another start proves nothing")
    func otherStart() throws {
        let summary = try centre(epoch: 3) { box, centre in
            try centre.take(box.record(Self.record(epoch: 2), at: 1))
        }.summary()
        #expect(summary.governance.redactions.first?.lacking == ["lab/box-01"])
        #expect(summary.verdict == .inconclusive)
        #expect(summary.reason.en.hasPrefix("There is no record that lab/box-01 applied 'drop person.*'"))
    }

    @Test("a series that should have been dropped is found in the archive and named")
    func breach() throws {
        let summary = try centre(epoch: 3) { box, centre in
            try centre.take(box.record(Self.record(epoch: 3), at: 1))
            try centre.take(box.definitions(of: ["person.name", "arm.force"], at: 1))
        }.summary()
        #expect(
            summary.governance.redactions.first?.breaches == [.init(agent: "lab/box-01", series: ["person.name"])])
        #expect(summary.verdict == .inconclusive)
        #expect(summary.reason.en.hasPrefix("The archive has person.name of lab/box-01"))
    }
}
