import Testing

@testable import Statistics

@Suite("Sketches of values in batches")
struct SketchBatchTests {
    private static let extremes: [Double] = [
        .leastNonzeroMagnitude, -.leastNormalMagnitude / 2, .leastNormalMagnitude, -.greatestFiniteMagnitude,
    ]

    /// Values of every kind that there is, those that need more than counting among them.
    private static func value(_ generator: inout SeededGenerator) -> Double {
        switch Int.random(in: 0..<20, using: &generator) {
        case 0: [0, -0.0, .nan, .infinity, -.infinity][Int.random(in: 0..<5, using: &generator)]
        case 1: extremes[Int.random(in: 0..<4, using: &generator)]
        case 2: Double(bitPattern: UInt64.random(in: .min ... .max, using: &generator))
        case 3...9: Double.random(in: -50...50, using: &generator)
        default: (Double.random(in: 20...30, using: &generator) * 10).rounded() / 10
        }
    }

    @Test("values taken in together make the sketch of values taken in one by one", arguments: 1...40)
    func together(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        // A small limit, so that stores collapse.
        let limit = seed % 2 == 0 ? 2048 : 16
        var (one, all) = (try Sketch(bucketLimit: limit), try Sketch(bucketLimit: limit))
        for _ in 0..<Int.random(in: 1...8, using: &generator) {
            let count = [0, 1, 7, 999, 1000, 1001, 3500].randomElement(using: &generator) ?? 0
            let values = (0..<count).map { _ in Self.value(&generator) }
            for value in values { one.insert(value) }
            all.insert(contentsOf: values)
        }
        #expect(one == all, "seed \(seed)")
        #expect(one.serialized() == all.serialized(), "seed \(seed)")
    }
}
