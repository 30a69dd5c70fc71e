import Telemetry
import Testing

@testable import Frames

@Suite("Integers that stand alone in their series come back, and take the bytes that were computed")
struct SinglesTests {
    @Test(
        "each form is chosen for what it is for",
        arguments: [
            // Head: bits of a width, + 8 signed, + 16 shifted; 255 is varints.
            ([0, 0, 0, 0], 0), ([1, 0, 1, 1], 1), ([9, 300, 25_276, 1], 4), ([-1, 300, 7, -90_000, 3, 0, 2], 8 + 5),
            ([4096, 8192 * 77, 3, 4096 * 1_000_003, 12_288, 5], 16 + 5), ([1 << 62, 1, 1], 16 + 6),
            ([63, 62, 61], 255),
        ] as [([Int64], UInt8)])
    func forms(_ integers: [Int64], _ head: UInt8) throws {
        #expect(try roundTrip(integers).head == head)
    }

    @Test("ten thousand random groups come back")
    func randomGroups() throws {
        let first = seedFromEnvironment ?? 0x51_6E_0000
        for seed in first..<(first + 10_000) {
            var random = SeededGenerator(seed: seed)
            let isSigned = random.chance(30)
            let shift = random.below(20)
            let integers = (0..<(2 + random.below(60))).map { _ -> Int64 in
                let number = Int64(bitPattern: random.next() >> UInt64(1 + random.below(62)))
                let shifted = random.chance(40) ? number << Int64(shift) : number
                return isSigned && random.chance(50) ? 0 &- shifted : shifted == .min ? 0 : shifted
            }
            do {
                _ = try roundTrip(integers)
            } catch {
                Issue.record("seed \(seed): \(error), \(integers)")
                return
            }
        }
    }

    @Test("the least and the greatest integers come back")
    func extremes() throws {
        _ = try roundTrip([.min, .max])
        _ = try roundTrip([.min, 0, 0, 0, 0, 0, 0, 0])
        _ = try roundTrip([.max, 0, 0, 0, 0, 0, 0, 0])
        _ = try roundTrip([.min, .min, .min, 1])
    }

    @Test(
        "forms without a meaning, and ones that are cut off, are refused",
        arguments: [
            [], [32, 0], [254, 0], [16 + 1, 0, 0], [16 + 1, 64, 0], [1], [7, 0xFF, 0xFF, 0xFF], [255, 0],
            [255, 0, 0, 0],
            [1, 0b100],
        ] as [[UInt8]])
    func nonsense(_ bytes: [UInt8]) {
        #expect(throws: FrameError.self) { try read(bytes, count: 2) }
    }

    private func roundTrip(_ integers: [Int64]) throws -> Singles {
        var writer = ByteWriter()
        let singles = integers.withUnsafeBufferPointer { integers in
            let singles = Singles(integers)
            singles.write(integers, to: &writer)
            return singles
        }
        #expect(writer.bytes.count == singles.size)
        #expect(try read(writer.bytes, count: integers.count) == integers)
        return singles
    }

    private func read(_ bytes: [UInt8], count: Int) throws -> [Int64] {
        var reader = ByteReader(expanded: bytes, within: try ByteReader.standing)
        var blocks = try BlockReader(singles: count, from: &reader)
        guard reader.isAtEnd else { throw reader.malformed("there are bytes left over") }
        var room = Room<Int64>()
        for _ in 0..<count {
            try room.append(1, placeholder: -1) { (one) throws(FrameError) in try blocks.read(one, from: &reader) }
        }
        return room.elements
    }
}
