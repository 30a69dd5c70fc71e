import Aggregation
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
