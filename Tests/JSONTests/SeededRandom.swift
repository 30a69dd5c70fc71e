import Foundation

/// SplitMix64 (Steele, Lea and Flood, 2014): every test run draws a new seed, prints it, and
/// `JSON_TEST_SEED=<seed> swift test` replays it.
struct SeededRandom: RandomNumberGenerator {
    let seed: UInt64
    private var state: UInt64

    init(for test: String = #function) {
        seed = ProcessInfo.processInfo.environment["JSON_TEST_SEED"].flatMap(UInt64.init) ?? .random(in: 0...UInt64.max)
        state = seed
        print("\(test): JSON_TEST_SEED=\(seed)")
    }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    /// Any finite double: all exponents alike, or a decimal as sensors give, or an edge of the formatting rules.
    mutating func double() -> Double {
        switch Int.random(in: 0..<4, using: &self) {
        case 0:
            let value = Double(bitPattern: next())
            return value.isFinite ? value : 1e21
        case 1: return Double(Int.random(in: -1_000_000...1_000_000, using: &self)) / 1000
        case 2: return Double.random(in: -1...1, using: &self)
        default:
            let edges = [0, -0.0, 1e-6, 1e-7, 1e15, 1e16, 1e20, 1e21, 0x1p53, 0.1, 5e-7, 123456789012345.6, 1e23]
            let edge = edges.randomElement(using: &self) ?? 0
            return Bool.random(using: &self) ? edge : edge.nextUp
        }
    }

    mutating func text() -> String {
        let scalars: [Unicode.Scalar] = [
            "a", "Z", "0", " ", "/", "\"", "\\", "\u{0}", "\u{8}", "\t", "\n", "\u{C}", "\r", "\u{1F}", "\u{7F}",
            "\u{80}", "é", "e", "\u{301}", "€", "\u{2028}", "\u{FB33}", "\u{FFFF}", "😀", "\u{10FFFF}",
        ]
        var text = String.UnicodeScalarView()
        for _ in 0..<Int.random(in: 0..<20, using: &self) {
            if let scalar = scalars.randomElement(using: &self) { text.append(scalar) }
        }
        return String(text)
    }
}
