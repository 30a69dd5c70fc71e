import Foundation

/// SplitMix64 (Steele, Lea and Flood, 2014): every test run draws a new seed, prints it, and
/// `AGGREGATION_TEST_SEED=<seed> swift test` replays it.
struct SeededRandom: RandomNumberGenerator {
    private var state: UInt64

    init(for test: String = #function) {
        let replayed = ProcessInfo.processInfo.environment["AGGREGATION_TEST_SEED"].flatMap(UInt64.init)
        state = replayed ?? .random(in: 0...UInt64.max)
        print("\(test): AGGREGATION_TEST_SEED=\(state)")
    }

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
