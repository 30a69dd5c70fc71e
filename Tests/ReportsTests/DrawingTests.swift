import Aggregation
import Scenarios
import Telemetry
import Testing

@testable import Reports

@Suite("Drawings")
struct DrawingTests {
    @Test(
        "an axis shows all its values, and marks round ones within",
        arguments: [
            [0.45, 0.95, 1], [12, 12], [0, 0], [-3e14, 6e23], [1e-9, 2e-9], [-5, 5], [1e300, -1e300], [39.99, 40.01],
        ] as [[Double]])
    func axis(values: [Double]) throws {
        let axis = try #require(Axis(showing: values, within: nil, at: 100...600))
        for value in values { #expect(axis.places.contains(axis.place(value))) }
        let marks = axis.marks(about: 6)
        #expect(!marks.isEmpty && marks.count <= 13)
        #expect(marks.allSatisfy(axis.domain.contains))
    }

    @Test("an axis does not go where no value can be")
    func limits() throws {
        let axis = try #require(Axis(showing: [0.8, 1], within: 0...1, at: 0...100))
        #expect(axis.domain.upperBound == 1)
        #expect(axis.place(1) == 100)
    }

    @Test("without a finite value there is no axis")
    func nothing() {
        #expect(Axis(showing: [.nan, .infinity], within: nil, at: 0...1) == nil)
        #expect(Axis(showing: [], within: nil, at: 0...1) == nil)
    }

    @Test(
        "every bar of a criterion tells estimate, bounds and verdict to who cannot see it",
        arguments: ReportLanguage.allCases)
    func description(language: ReportLanguage) throws {
        let wording = Wording(language: language)
        let criterion = try #require(Summary.refutedAtOneSite.criteria.first)
        let rows = IntervalRow.rows(of: criterion, wording)
        #expect(rows.map(\.name) == ["deqing", "huzhou", "anji"])
        #expect(rows.map(\.decides) == [false, true, false])
        var page = Markup()
        IntervalDrawing(criterion, rows, wording).draw(id: "x", into: &page)
        for row in rows { #expect(page.html.contains(wording.interval(row.name, row))) }
    }

    @Test("a strip stays low however many runs there are")
    func tallStrip() throws {
        let values = (0..<5000).map { DistributionStrip.Value(amount: 8 + Double($0 % 7) / 10, isSuccess: $0 % 11 > 0) }
        var page = Markup()
        DistributionStrip("runs", unit: "s", values, threshold: nil, Wording(language: .english)).draw(
            id: "s", into: &page)
        let marks = page.html.split(separator: "<path").count - 1
        #expect(marks > 0 && marks <= 7 * 11)
        #expect(page.html.contains("each mark is up to"))
    }
}

@Suite("Drawings of metrics over the runs")
struct TraceDrawingTests {
    private func drawing(_ summary: Summary, _ metric: Int = 0) throws -> TraceDrawing {
        try #require(TraceDrawing(summary.metrics[metric], summary.ledger, Wording(language: .english)))
    }

    @Test("however many runs there are, a drawing is small", arguments: [2, 60, 200, 201, 10_000])
    func size(_ runs: Int) throws {
        var page = Markup()
        let summary = Summary.long(runs)
        try drawing(summary, 1).draw(id: "t", into: &page)
        #expect(page.html.utf8.count < 60_000)
    }

    @Test("how a run ended is told by fill, hatching and outline, and holes by another hatching")
    func bands() throws {
        let drawing = try drawing(.fullOfHoles)
        #expect(drawing.bands.map(\.ending).prefix(23).allSatisfy { $0 == .success })
        #expect(drawing.bands.last?.ending == .excluded)
        #expect(drawing.bands.indices.filter { drawing.bands[$0].hasHoles } == [16, 17, 18])
        #expect((0..<8).map { drawing.isSilent(16, part: $0) } == [false, false, false, true, true, true, true, true])
        #expect((0..<8).allSatisfy { drawing.isSilent(23, part: $0) })
        let failed = try self.drawing(.refutedAtOneSite)
        #expect(failed.bands.contains { $0.ending == .other && $0.otherShare == 1 })
    }

    @Test("without samples due at an interval a part without one is no hole")
    func sparse() throws {
        var summary = Summary.fullOfHoles
        summary.metrics[0].trace?.every = nil
        #expect(try !drawing(summary).isSilent(16, part: 3))
        summary.metrics[0].trace?.every = 3600
        #expect(try !drawing(summary).isSilent(16, part: 3))
    }

    @Test("a threshold far from all values does not press them into a line")
    func farLimit() throws {
        var summary = Summary.proven
        summary.metrics[2].trace?.limits = [.init(kind: .safety, id: "far", comparator: .atMost, value: 4000)]
        let drawing = try drawing(summary, 2)
        #expect(!drawing.frame.shows(4000) && drawing.frame.isAbove(4000))
        var page = Markup()
        drawing.draw(id: "t", into: &page)
        #expect(page.html.contains("↑ far ≤ 4000\u{202F}°C"))
    }

    @Test("a trace of another ledger is not drawn")
    func foreign() {
        var summary = Summary.proven
        summary.ledger.removeLast()
        #expect(TraceDrawing(summary.metrics[0], summary.ledger, Wording(language: .english)) == nil)
        summary.ledger.removeAll()
        #expect(TraceDrawing(summary.metrics[0], summary.ledger, Wording(language: .english)) == nil)
    }
}
