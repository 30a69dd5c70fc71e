import Testing

@testable import Statistics

@Suite("Exact sums")
struct ExactSumTests {
    private func sum(_ values: [Double]) -> Double {
        var sum = ExactSum()
        for value in values { sum.add(value) }
        return sum.value
    }

    @Test(
        "sums are rounded once, to nearest, ties to even",
        arguments: [
            ([], 0), ([1], 1), ([-1], -1), ([1, -1], 0), ([1e308, 1, -1e308], 1), ([0.1, 0.2, -0.3], 0x1p-55),
            ([1, 0x1p-53], 1), ([1, 0x1p-53, 0x1p-1074], 1 + 0x1p-52), ([1 + 0x1p-52, 0x1p-53], 1 + 0x1p-51),
            ([-1, -0x1p-53, -0x1p-1074], -1 - 0x1p-52), ([0x1p-1074], 0x1p-1074),
            ([0x1p-1022, -0x1p-1074], 0x1p-1022 - 0x1p-1074),
            ([.greatestFiniteMagnitude, .greatestFiniteMagnitude], .infinity),
            (
                [.greatestFiniteMagnitude, .greatestFiniteMagnitude, -.greatestFiniteMagnitude],
                .greatestFiniteMagnitude
            ),
        ] as [([Double], Double)])
    func cases(values: [Double], expected: Double) {
        #expect(sum(values) == expected)
        #expect(sum(values.reversed()) == expected)
    }

    @Test("a sum of integers is the integer, whatever the order and the number of additions")
    func integers() {
        let seed: UInt64 = 9
        var generator = SeededGenerator(seed: seed)
        let integers = (0..<5000).map { _ in Int.random(in: -(1 << 52)...(1 << 52), using: &generator) }
        let scale = 0x1p-400
        #expect(sum(integers.map { Double($0) * scale }) == Double(integers.reduce(0, +)) * scale, "seed \(seed)")
        let huge = [Double](repeating: .greatestFiniteMagnitude, count: 3000)
        #expect(sum(huge + huge.map { -$0 } + [3]) == 3)
    }

    @Test("merged sums and digits read back are the same sum")
    func mergingAndDigits() throws {
        var generator = SeededGenerator(seed: 10)
        let values = (0..<3000).map { _ in
            Double(
                sign: .plus, exponent: Int.random(in: -1000...1000, using: &generator),
                significand: generator.unit() - 0.5)
        }
        var whole = ExactSum()
        var left = ExactSum()
        var right = ExactSum()
        for (index, value) in values.enumerated() {
            whole.add(value)
            if index % 3 == 0 { left.add(value) } else { right.add(value) }
        }
        left.merge(right)
        #expect(left == whole && left.value == whole.value)
        let digits = whole.digits
        let read = try #require(
            ExactSum(isNegative: digits.isNegative, first: digits.first, magnitude: digits.magnitude))
        #expect(read == whole)
        #expect(ExactSum(isNegative: false, first: 60, magnitude: [UInt32](repeating: 1, count: 20)) == nil)
    }
}
