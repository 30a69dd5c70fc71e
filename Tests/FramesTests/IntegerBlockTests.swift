import Telemetry
import Testing

@testable import Frames

@Suite("A block gives integers back, and takes the bytes that were computed")
struct IntegerBlockTests {
    @Test("each layout is chosen for what it is for", arguments: LayoutExample.all)
    func layouts(_ example: LayoutExample) throws {
        let block = try roundTrip(example.integers)
        #expect(example.layouts.contains(block.layout), "layout \(block.layout)")
        #expect(block.unit == example.unit)
    }

    @Test("a scaled block of any layout comes back")
    func scaledLayouts() throws {
        for example in LayoutExample.all where example.integers.count >= 8 {
            _ = try roundTrip(example.integers.map { $0 &* 4096 &+ 77 })
        }
    }

    @Test(
        "a block never takes more than its integers at the width of the widest", arguments: [2, 3, 7, 8, 31, 33, 500])
    func bound(_ count: Int) throws {
        var random = SeededGenerator(seed: UInt64(count))
        let integers = (0..<count).map { _ in Int64(bitPattern: random.next()) }
        #expect(try roundTrip(integers).size <= 1 + 10 + 8 * count)
    }

    /// `FIELDPROOF_SEED` starts from another seed; a failure names the one that failed.
    @Test("ten thousand random blocks come back")
    func randomBlocks() throws {
        let first = seedFromEnvironment ?? 0xB10C_0000
        for seed in first..<(first + 10_000) {
            var random = SeededGenerator(seed: seed)
            let integers = random.integers()
            do {
                _ = try roundTrip(integers)
            } catch {
                Issue.record("seed \(seed): \(error), \(integers)")
                return
            }
        }
    }

    @Test("a block cut off at any byte is refused, and so is one with a byte more")
    func truncation() throws {
        for example in LayoutExample.all where example.integers.count > 1 {
            let bytes = written(example.integers).bytes
            for length in 0..<bytes.count {
                #expect(throws: FrameError.self, "\(example) cut at \(length)") {
                    try read(Array(bytes[..<length]), count: example.integers.count)
                }
            }
            #expect(throws: FrameError.self) { try read(bytes + [0], count: example.integers.count) }
        }
    }

    @Test(
        "runs within runs, units within units, and layouts without a meaning are refused",
        arguments: [
            [227, 1, 227, 1, 0, 2], [228, 2, 0, 228, 2, 0, 0, 0], [228, 1, 0, 0, 0], [228, 0, 0, 0, 0], [229, 0, 0],
            [255, 0, 0], [227, 0, 0, 0], [227, 1, 0, 2], [227, 1, 0, 6], [227, 2, 0, 0, 0, 0, 3],
            [225, 0, 65, 0, 0, 0, 0, 0, 0, 0, 0, 0],
        ] as [[UInt8]])
    func nonsense(_ bytes: [UInt8]) {
        #expect(throws: FrameError.self) { try read(bytes, count: 3) }
    }

    @Test("a Rice code that is escaped without need is refused")
    func needlessEscape() throws {
        // Two integers, the step 1 (zigzag 2) with parameter 0: 110, or 24 ones and 64 bits.
        #expect(try read([193, 0, 0b011], count: 2) == [0, 1])
        let escaped: [UInt8] = [193, 0, 0xFF, 0xFF, 0xFF, 2, 0, 0, 0, 0, 0, 0, 0]
        #expect(throws: FrameError.self) { try read(escaped, count: 2) }
        let needed: [UInt8] = [193, 0, 0xFF, 0xFF, 0xFF, 24, 0, 0, 0, 0, 0, 0, 0]
        #expect(try read(needed, count: 2) == [0, 12])
    }

    private func written(_ integers: [Int64]) -> (block: IntegerBlock, bytes: [UInt8]) {
        var integers = integers
        var writer = ByteWriter()
        let block = integers.withUnsafeMutableBufferPointer { integers in
            let block = IntegerBlock(of: integers)
            block.write(UnsafeBufferPointer(integers), to: &writer)
            return block
        }
        return (block, writer.bytes)
    }

    private func read(_ bytes: [UInt8], count: Int) throws -> [Int64] {
        var room = Room<Int64>()
        var reader = ByteReader(expanded: bytes, within: try ByteReader.standing)
        try room.append(count, placeholder: -1) { (integers) throws(FrameError) in try reader.block(integers) }
        guard reader.isAtEnd else { throw reader.malformed("there are bytes left over") }
        return room.elements
    }

    private func roundTrip(_ integers: [Int64]) throws -> IntegerBlock {
        let (block, bytes) = written(integers)
        guard bytes.count == block.size else { throw Mismatch(description: "\(bytes.count) bytes, not \(block.size)") }
        let found = try read(bytes, count: integers.count)
        guard found == integers else { throw Mismatch(description: "layout \(block.layout) gave \(found)") }
        return block
    }

    private struct Mismatch: Error, CustomStringConvertible { let description: String }
}

extension ByteReader {
    /// A reader of some frame, where a test needs one to stand in.
    static var standing: ByteReader {
        get throws { try ByteReader(openingFrame: try Example.frame([]), verifyingChecksum: false) }
    }
}

/// Integers for which one layout is the shortest.
struct LayoutExample: Sendable, CustomTestStringConvertible {
    let name: String
    let integers: [Int64]
    let layouts: ClosedRange<UInt8>
    var unit: Int64 = 1

    var testDescription: String { name }

    static let all: [LayoutExample] = {
        var random = SeededGenerator(seed: 4)
        func noise(_ bound: Int64) -> Int64 { Int64.random(in: -bound...bound, using: &random) }
        func walk(_ count: Int, _ bound: (Int) -> Int64) -> [Int64] {
            var level: Int64 = 1000
            return (0..<count).map { index in
                level += noise(bound(index))
                return level
            }
        }
        func sum(_ integers: [Int64]) -> [Int64] {
            var total: Int64 = 0
            return integers.map { integer in
                total += integer
                return total
            }
        }
        /// Small numbers are frequent, and great ones are not.
        let skewed = (0..<40).map { _ in noise(2) * noise(2) * noise(2) }
        return [
            LayoutExample(name: "one", integers: [-7], layouts: 0...0),
            LayoutExample(name: "constant", integers: Array(repeating: 5, count: 40), layouts: 0...0),
            LayoutExample(name: "noise", integers: (0..<40).map { _ in noise(127) }, layouts: 8...8),
            LayoutExample(name: "pace", integers: (0..<40).map { $0 * 1000 }, layouts: 128...128),
            LayoutExample(
                name: "jitter", integers: (0..<40).map { $0 * 1_000_000 + noise(63) }, layouts: 129...192),
            LayoutExample(name: "jump", integers: [1, 2, 3, 4, 1 << 40, 1 << 40 + 1], layouts: 127...127),
            LayoutExample(name: "skewed steps", integers: sum(skewed), layouts: 193...224),
            LayoutExample(name: "skewed turns", integers: sum(sum(skewed)), layouts: 65...96),
            LayoutExample(
                name: "spikes", integers: (0..<40).map { $0 % 13 == 3 ? 40 : $0 % 2 }, layouts: 97...126),
            LayoutExample(
                name: "quiet and lively", integers: walk(97) { $0 < 65 ? 1 << 14 : 1 << 44 }, layouts: 225...225),
            LayoutExample(
                name: "quiet and lively bends", integers: sum(walk(98) { $0 < 66 ? 1 << 14 : 1 << 44 }),
                layouts: 226...226),
            LayoutExample(
                name: "runs", integers: (0..<120).map { [7, 90_000, -3, 12_345][$0 / 37] }, layouts: 227...227),
            LayoutExample(
                name: "pages", integers: (0..<40).map { _ in noise(127) * 4096 + 11 }, layouts: 7...9, unit: 4096),
            LayoutExample(name: "extremes", integers: [.min, .max, .min, 0, .max], layouts: 0...255),
        ]
    }()
}

extension SeededGenerator {
    /// Integers that go in one of many ways, up to 300 of them.
    mutating func integers() -> [Int64] {
        let count = 1 + below(chance(10) ? 300 : 40)
        let bound = Int64(1) << Int64(below(63))
        var level = Int64(bitPattern: next())
        var pace = Int64.random(in: -bound...bound, using: &self)
        let unit: Int64 = chance(20) ? Int64(2 + below(5000)) : 1
        let shape = below(7)
        return (0..<count).map { _ in
            switch shape {
            case 0: level = Int64.random(in: -bound...bound, using: &self)
            case 1: level &+= Int64.random(in: -bound...bound, using: &self)
            case 2:
                pace &+= Int64.random(in: -3...3, using: &self)
                level &+= pace
            case 3: if chance(3) { level = Int64.random(in: -bound...bound, using: &self) }
            case 4: level = chance(5) ? bound : Int64(below(3))
            case 5: level &+= pace
            default: level = Int64(bitPattern: next() >> UInt64(below(64)))
            }
            return level &* unit
        }
    }
}
