import Foundation
import Testing

/// One line of a reference file; numbers in hexadecimal or decimal, separated by spaces. A line with a # is a remark.
struct Fixture: CustomStringConvertible {
    let numbers: [Double]
    let description: String

    static func load(_ name: String) throws -> [Fixture] {
        let url = try #require(Bundle.module.url(forResource: name, withExtension: "txt", subdirectory: "Fixtures"))
        let lines = try String(contentsOf: url, encoding: .utf8).split(separator: "\n")
        return try lines.filter { !$0.hasPrefix("#") }.map { line in
            let numbers = try line.split(separator: " ").map { try #require(Double($0), "\(line)") }
            return Fixture(numbers: numbers, description: "\(name) \(numbers)")
        }
    }

    subscript(_ index: Int) -> Double { numbers[index] }
}

/// Collects relative errors and where the largest occurred.
struct Accuracy {
    private(set) var worst = 0.0
    private(set) var place = "nowhere"
    private var errors: [Double] = []

    var count: Int { errors.count }
    /// The error that 95 % of the cases stay below.
    var usual: Double { errors.sorted()[errors.count * 95 / 100] }

    mutating func compare(_ actual: Double, _ expected: Double, _ place: @autoclosure () -> String) {
        let error = actual == expected ? 0 : abs(actual - expected) / abs(expected)
        errors.append(error)
        if error > worst || error.isNaN {
            worst = error.isNaN ? .infinity : error
            self.place = "\(place()): \(actual) is not \(expected)"
        }
    }
}

/// SplitMix64 (Steele, Lea & Flood 2014): a seed replays the whole test.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ z >> 30) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ z >> 27) &* 0x94D0_49BB_1331_11EB
        return z ^ z >> 31
    }

    mutating func unit() -> Double { Double.random(in: 0..<1, using: &self) }
}
