import Testing

@testable import Aggregation

@Suite("Cells that are left out")
struct CellsTests {
    @Test(
        "what is small goes, and what it could be computed from goes with it",
        arguments: [
            ([38, 2], [0, 1]), ([30, 20, 2], [1, 2]), ([30, 20, 2, 4], [2, 3]), ([30, 20, 1, 1], [1, 2, 3]),
            ([30, 20, 0, 2], [1, 3]), ([30, 20, 0], []), ([30, 20], []), ([0, 0], []), ([3], [0]), ([5, 5], []),
            ([4, 6, 6], [0, 1]), ([2, 2, 100], [0, 1, 2]),
        ] as [([Int], [Int])])
    func table(counts: [Int], hidden: [Int]) {
        #expect(Cells.hidden(counts, least: 5).sorted() == hidden)
    }

    @Test("what is left out is never one cell alone, nor fewer runs than the least, while there is anything else")
    func property() {
        var generator = SeededRandom()
        for _ in 0..<500 {
            let size = Int.random(in: 1...8, using: &generator)
            let counts = (0..<size).map { _ in Int.random(in: 0...12, using: &generator) }
            let least = Int.random(in: 2...9, using: &generator)
            let hidden = Cells.hidden(counts, least: least)
            for (index, count) in counts.enumerated() where 0 < count && count < least {
                #expect(hidden.contains(index))
            }
            guard !hidden.isEmpty, hidden.count < counts.count else { continue }
            let sum = hidden.reduce(0) { $0 + counts[$1] }
            #expect(hidden.count >= 2 && sum >= least, "\(counts), least \(least)")
        }
    }
}
