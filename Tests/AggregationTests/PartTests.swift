@testable import Aggregation
import Telemetry
import Testing

extension [Int]: Mergeable {
    mutating func merge(_ later: [Int]) { self += later }
}

@Suite("Parts that join in order")
struct PartTests {
    @Test("numbers inserted in any order are joined in ascending order")
    func tree() {
        var random = SeededRandom()
        for _ in 0..<50 {
            let start = UInt64.random(in: 1...1 << 40, using: &random)
            let numbers = (0..<UInt64.random(in: 1...200, using: &random)).map { start + $0 * 3 / 2 }
            var tree = SequenceTree<[Int]>()
            for number in Set(numbers).shuffled(using: &random) { tree.insert([Int(number)], at: number) }
            #expect(tree.root == Set(numbers).sorted().map { Int($0) })
        }
        #expect(SequenceTree<[Int]>().root == nil)
    }

    @Test("slots join as a dictionary of the same lists would")
    func slots() {
        var random = SeededRandom()
        for _ in 0..<200 {
            var expected: [Int: [Int]] = [:]
            var whole = Slots<[Int]>()
            for _ in 0..<Int.random(in: 0...6, using: &random) {
                var part = Slots<[Int]>()
                for _ in 0..<Int.random(in: 0...8, using: &random) {
                    let (slot, value) = (Int.random(in: 0...9, using: &random), Int.random(in: 0...999, using: &random))
                    part.merge([value], at: slot)
                    expected[slot, default: []].append(value)
                }
                whole.merge(part)
            }
            #expect(whole.elements.map(\.slot) == expected.keys.sorted())
            #expect(whole.elements.map(\.value) == expected.sorted { $0.key < $1.key }.map(\.value))
        }
    }

    @Test("cut anywhere, the episodes beyond a level are those of the whole")
    func episodes() {
        var random = SeededRandom()
        for _ in 0..<500 {
            let lasting = Int64.random(in: 0...3, using: &random)
            let samples = (0..<Int.random(in: 0...25, using: &random)).map { (Int64($0), Bool.random(using: &random)) }
            var expected: [Int64] = []
            var since: Int64?
            for (time, isBeyond) in samples + [(99, false)] {
                if isBeyond { since = since ?? time }
                if !isBeyond, let first = since {
                    if time == 99 ? (samples.last?.0 ?? 0) - first >= lasting : time - 1 - first >= lasting {
                        expected.append(first)
                    }
                    since = nil
                }
            }
            var parts: [Exceedance] = []
            var rest = samples[...]
            while !rest.isEmpty {
                var part = Exceedance(lasting: lasting)
                for (time, isBeyond) in rest.prefix(Int.random(in: 0...6, using: &random)) {
                    part.append(time, isBeyond: isBeyond)
                    rest = rest.dropFirst()
                }
                parts.append(part)
            }
            // Joined in a random tree, for merging must be associative.
            while parts.count > 1 {
                let index = Int.random(in: 0..<(parts.count - 1), using: &random)
                parts[index].merge(parts.remove(at: index + 1))
            }
            let whole = parts.first ?? Exceedance(lasting: lasting)
            #expect(whole.count == expected.count, "\(samples) for \(lasting)")
            #expect(whole.first?.nanoseconds == expected.first, "\(samples) for \(lasting)")
        }
    }

    @Test(
        "coverage and gaps of a window of 100 with a sample expected every 10",
        arguments: [
            ("every sample", Array(stride(from: Int64(0), to: 100, by: 10)), 100, 10),
            ("a jitter of 4", [3, 14, 21, 33, 39, 52, 58, 71, 79, 93], 100, 14),
            ("one left out", [0, 10, 20, 30, 50, 60, 70, 80, 90], 90, 20),
            ("a late begin", [40, 50, 60, 70, 80, 90], 60, 40),
            ("an early end", [0, 10, 20], 30, 80),
            ("nothing", [], 0, 100),
            ("a burst", [50, 50, 50, 51, 52], 12, 50),
        ] as [(String, [Int64], Int64, Int64)])
    func cover(_ name: String, _ times: [Int64], _ covered: Int64, _ gap: Int64) {
        let presence = Presence(times, every: 10)
        let cover = presence.cover(from: 0, to: 100, every: 10)
        #expect(cover.covered == covered, "\(name)")
        #expect(cover.longestGap == gap, "\(name)")
    }

    @Test("the islands of interleaved parts are those of all samples")
    func islands() {
        var random = SeededRandom()
        for _ in 0..<300 {
            let times = (0..<40).map { _ in Int64.random(in: 0...400, using: &random) }
            let whole = Presence(times.sorted(), every: 6)
            var parts = Dictionary(grouping: times) { _ in Int.random(in: 0..<5, using: &random) }.values
                .map { Presence($0.sorted(), every: 6) }
            while parts.count > 1 { parts[0].merge(parts.remove(at: Int.random(in: 1..<parts.count, using: &random))) }
            #expect(parts[0].islands == whole.islands)
        }
    }

    @Test("deviations of blocks join to those of all values, also where the values share their leading digits")
    func dispersion() throws {
        var random = SeededRandom()
        for offset in [0.0, 1e9, -1e12] {
            let values = (0..<1000).map { _ in offset + Double(Int.random(in: -1000...1000, using: &random)) }
            var joined = Dispersion()
            for start in stride(from: 0, to: 1000, by: 40) { joined.merge(Dispersion(values[start..<(start + 40)])) }
            let exact = values.map { $0 - offset }
            let mean = exact.reduce(0, +) / 1000
            let deviation = (exact.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 999).squareRoot()
            #expect(abs(try #require(joined.standardDeviation) - deviation) < 1e-6 * deviation)
        }
        #expect(Dispersion([1e300, -1e300]).standardDeviation == nil)
        #expect(Dispersion([1]).standardDeviation == nil)
    }
}

@Suite("Numbers in sentences")
struct FigureTests {
    @Test(
        "three digits, and more where a number would read like its limit",
        arguments: [
            (0.92838, 0.9, "0.928"), (0.89996, 0.9, "0.89996"), (0.9004, 0.9, "0.9004"), (12.0, 12, "12"),
            (12_345.678, 5, "12346"), (0.000_123_45, 1, "0.000123"), (-3.14159, 0, "-3.14"), (40, 41, "40"),
            (1234, 1.0, "1234"), (0, 1, "0"),
        ] as [(Double, Double, String)])
    func text(_ number: Double, _ limit: Double, _ expected: String) {
        #expect(Figure.text(number, apartFrom: limit) == expected)
    }

    @Test(
        "percentiles have their ordinal",
        arguments: [(0.95, "95th"), (0.5, "50th"), (0.01, "1st"), (0.11, "11th"), (0.22, "22nd"), (0.999, "99.9th")])
    func ordinal(_ share: Double, _ expected: String) {
        #expect(Figure.ordinal(share) == expected)
    }
}
