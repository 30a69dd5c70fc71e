import Foundation
import Testing

@testable import Statistics

/// Random values for coverage tests, replayed by the seed.
///
/// `STATISTICS_ROUNDS=20` in the environment makes every simulation twenty times as long, and its limits as much
/// narrower.
struct Simulation {
    let seed: UInt64
    var generator: SeededGenerator

    init(seed: UInt64) {
        self.seed = seed
        generator = SeededGenerator(seed: seed)
    }

    static func rounds(_ usual: Int) -> Int {
        let factor = ProcessInfo.processInfo.environment["STATISTICS_ROUNDS"].flatMap(Int.init) ?? 1
        return usual * max(factor, 1)
    }

    /// Strictly between 0 and 1.
    mutating func open() -> Double { max(generator.unit(), 0x1p-60) }

    /// Mean 1.
    mutating func exponential() -> Double { -log(open()) }

    /// Mean 0, deviation 1.
    mutating func normal() -> Double { NormalDistribution.standardQuantile(TailTarget(lower: open())) }

    mutating func normals(_ count: Int) -> [Double] { (0..<count).map { _ in normal() } }

    /// A count of misses must lie within five standard deviations of what the probability makes expected, wider by a
    /// tolerance for methods that are approximate.
    func expect(
        _ misses: Int, of rounds: Int, near probability: Double, within tolerance: Double = 0,
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        let expected = Double(rounds) * probability
        let room = 5 * (expected * (1 - probability)).squareRoot() + tolerance * Double(rounds)
        #expect(
            abs(Double(misses) - expected) <= room, "\(misses) of \(rounds), seed \(seed)",
            sourceLocation: sourceLocation)
    }

    /// As ``expect(_:of:near:within:sourceLocation:)``, for methods that may miss more seldom.
    func expect(
        _ misses: Int, of rounds: Int, atMost probability: Double, sourceLocation: SourceLocation = #_sourceLocation
    ) {
        let expected = Double(rounds) * probability
        #expect(
            Double(misses) <= expected + 5 * (expected * (1 - probability)).squareRoot(),
            "\(misses) of \(rounds), seed \(seed)", sourceLocation: sourceLocation)
    }
}
