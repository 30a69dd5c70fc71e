import Telemetry
import Testing

@testable import Agent

@Suite("Series by number and by what they are")
struct SeriesTableTests {
    private static func series(_ number: Int) -> Series {
        Series("joint.temperature", tags: [Tag("joint", "j\(number)")], unit: .celsius)
    }

    @Test("each has the number in which it came, however many there are")
    func numbers() {
        var table = SeriesTable()
        #expect(table.number(of: Self.series(0)) == nil)
        for number in 0..<5000 { #expect(table.add(Self.series(number)) == number) }
        #expect(table.count == 5000)
        for number in 0..<5000 { #expect(table.number(of: Self.series(number)) == number) }
        #expect(table.number(of: Self.series(5000)) == nil)
        #expect(table.series == (0..<5000).map(Self.series))
    }

    @Test("two that differ in a tag, the unit or the kind are two")
    func differences() {
        var table = SeriesTable()
        let all = [
            Series("a"), Series("a", tags: [Tag("x", "1")]), Series("a", unit: .celsius), Series("a", kind: .counter),
            Series("b"),
        ]
        for series in all { _ = table.add(series) }
        #expect(all.map { table.number(of: $0) } == [0, 1, 2, 3, 4])
    }
}
