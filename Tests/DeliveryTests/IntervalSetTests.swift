import Delivery
import Testing

@Suite struct IntervalSetTests {
    @Test(
        "neighbours merge, holes stay",
        arguments: [
            ([], []), ([1...1], [1...1]), ([1...1, 2...2], [1...2]), ([2...2, 1...1], [1...2]),
            ([1...1, 3...3], [1...1, 3...3]), ([1...1, 3...3, 2...2], [1...3]), ([5...9, 1...20], [1...20]),
            ([0...0, UInt64.max...UInt64.max], [0...0, UInt64.max...UInt64.max]),
            ([0...UInt64.max, 7...7], [0...UInt64.max]), ([1...3, 7...9, 2...8], [1...9]),
        ] as [([ClosedRange<UInt64>], [ClosedRange<UInt64>])])
    func merges(inserted: [ClosedRange<UInt64>], ranges: [ClosedRange<UInt64>]) {
        #expect(IntervalSet(inserted).ranges == ranges)
    }

    @Test("behaves as a set of numbers", arguments: 0..<40 as Range<UInt64>)
    func model(seed: UInt64) {
        var random = SplitMix(seed: seed)
        var model: Set<UInt64> = []
        var set = IntervalSet()
        for _ in 0..<120 {
            let low = random.next() % 64
            let high = low + random.next() % 6
            if random.next() % 2 == 0 {
                let isNew = (set.insert(low), model.insert(low).inserted)
                #expect(isNew.0 == isNew.1, "seed \(seed)")
            } else {
                set.insert(low...high)
                model.formUnion(low...high)
            }
            #expect(set.count == UInt64(model.count), "seed \(seed)")
            #expect(set.greatest == model.max())
            let probe = random.next() % 72
            #expect(set.contains(probe) == model.contains(probe), "seed \(seed)")
            let gaps = Set(set.gaps(in: 3...61).flatMap { Array($0) })
            #expect(gaps == Set(3...61).subtracting(model), "seed \(seed)")
            for (left, right) in zip(set.ranges, set.ranges.dropFirst()) {
                #expect(left.upperBound + 1 < right.lowerBound, "seed \(seed): ranges touch")
            }
        }
    }

    @Test("the difference of two sets is the set of what only the first has")
    func difference() {
        let a = IntervalSet([1...10, 20...30])
        let b = IntervalSet([0...2, 5...6, 30...40])
        #expect(a.subtracting(b).ranges == [3...4, 7...10, 20...29])
        #expect(a.subtracting(a).isEmpty)
        #expect(IntervalSet().subtracting(a).isEmpty)
    }

    @Test(
        "through counts from 1 without a hole",
        arguments: [([], 0), ([2...9], 0), ([1...9], 9), ([1...4, 6...9], 4), ([0...3], 3)]
            as [([ClosedRange<UInt64>], UInt64)])
    func through(ranges: [ClosedRange<UInt64>], through: UInt64) {
        #expect(IntervalSet(ranges).through == through)
    }
}

/// Steele, Lea and Flood's SplitMix64: small, seeded, the same everywhere.
struct SplitMix: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
