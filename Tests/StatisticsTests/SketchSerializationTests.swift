import Testing

@testable import Statistics

@Suite("Serialised sketches")
struct SketchSerializationTests {
    private func samples() throws -> [Sketch] {
        var generator = SeededGenerator(seed: 60)
        let streams: [[Double]] = [
            [], [.nan], [0], [5], [-5], [1e300, 1e300, 1e-300], [-1, 0, 1], [-1e-300, -1e300],
            (0..<1000).map { _ in generator.unit() * 100 - 30 }, (0..<500).map { 1.1 * Double($0) },
        ]
        return try streams.flatMap { stream in
            try [8, 2048].map { limit in
                var sketch = try Sketch(bucketLimit: limit)
                for value in stream { sketch.insert(value) }
                return sketch
            }
        }
    }

    @Test("what is written is read back, and is written again as the same bytes")
    func roundTrip() throws {
        for sketch in try samples() {
            let bytes = sketch.serialized()
            let read = try Sketch(serialized: bytes)
            #expect(read == sketch && read.serialized() == bytes && read.sum.bitPattern == sketch.sum.bitPattern)
            var merged = read
            try merged.merge(read)
            #expect(merged.count == 2 * sketch.count)
        }
    }

    @Test("the bytes of a small sketch are these")
    func golden() throws {
        var sketch = try Sketch()
        for value in [1.0, 2, -1, 0] { sketch.insert(value) }
        let text = sketch.serialized().map { String($0, radix: 16) }.joined(separator: " ")
        #expect(
            text == """
                46 53 4b 1 0 7b 14 ae 47 e1 7a 84 3f 80 10 0 1 1 0 1 23 0 1 \
                0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 1 \
                0 0 0 0 0 0 f0 bf 0 0 0 0 0 0 0 40 1 21 0 0 8 0
                """)
    }

    @Test("no beginning of a sketch is a sketch, nor is one with a byte more")
    func truncation() throws {
        for sketch in try samples() {
            let bytes = sketch.serialized()
            for length in 0..<bytes.count { expectMalformed(Array(bytes[..<length])) }
            expectMalformed(bytes + [0])
        }
    }

    @Test("a sum beyond all doubles is refused where the values cannot add up to it, and taken where they do")
    func infiniteSums() throws {
        // Three values of 1 that add up to 2^1102.
        expectMalformed([
            0x46, 0x53, 0x4b, 0x01, 0x00, 0x7b, 0x6f, 0xbe, 0x47, 0xe1, 0x7a, 0x84, 0x3f, 0x80, 0x10, 0x00,
            0x00, 0x00, 0x01, 0x00, 0x03, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0xf0, 0x3f, 0x00, 0x00, 0x00,
            0x00, 0x00, 0x00, 0xf0, 0x3f, 0x03, 0x41, 0x06, 0x06, 0x06, 0x03, 0x03, 0x03, 0x01, 0x00, 0x03,
            0x2e, 0x00, 0x8b,
        ])
        for sign in [1.0, -1] {
            var sketch = try Sketch()
            for _ in 0..<3 { sketch.insert(sign * .greatestFiniteMagnitude) }
            #expect(sketch.sum.isInfinite)
            #expect(try Sketch(serialized: sketch.serialized()) == sketch)
        }
    }

    @Test("damaged bytes are refused or are the one spelling of another sketch; nothing traps")
    func mutation() throws {
        let seed: UInt64 = 61
        var generator = SeededGenerator(seed: seed)
        var refused = 0
        for bytes in try samples().map({ $0.serialized() }) {
            for _ in 0..<150 {
                var damaged = bytes
                for _ in 0..<Int.random(in: 1...3, using: &generator) {
                    let place = Int.random(in: 0..<damaged.count, using: &generator)
                    damaged[place] =
                        Bool.random(using: &generator)
                        ? UInt8.random(in: 0...255, using: &generator)
                        : damaged[place] ^ 1 << UInt8.random(in: 0..<8, using: &generator)
                }
                do throws(StatisticsError) {
                    let sketch = try Sketch(serialized: damaged)
                    if sketch.serialized() != damaged { Issue.record("another spelling: \(damaged), seed \(seed)") }
                    use(sketch)
                } catch {
                    if error.code != .malformedSketch { Issue.record("\(error), seed \(seed)") }
                    refused += 1
                }
            }
        }
        #expect(refused > 500)
    }

    /// Does with a sketch from unknown hands all that can be done with one.
    private func use(_ stranger: Sketch) {
        var sketch = stranger
        do throws(StatisticsError) {
            try sketch.merge(stranger)
        } catch {
            #expect(error.code == .countOverflow)
        }
        for value in [1e-5, -1e300, 0] { sketch.insert(value) }
        for rank in [1, 2, sketch.count / 2, sketch.count] {
            #expect(sketch.enclosure(ofRank: rank)?.lowerBound.isFinite == true)
        }
    }

    @Test("a few bytes cannot ask for much memory")
    func hugeClaims() {
        let header: [UInt8] = [0x46, 0x53, 0x4B, 1, 0, 0x7B, 0x14, 0xAE, 0x47, 0xE1, 0x7A, 0x84, 0x3F]
        let most: [UInt8] = [0x80, 0x80, 0x04]
        // A store of 65 536 buckets, of which none follow; then counts beyond all bounds.
        expectMalformed(header + most + [0, 0] + most)
        expectMalformed(header + most + [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01])
        expectMalformed(header + most + [UInt8](repeating: 0xFF, count: 40))
        // A number that is not in its shortest form.
        expectMalformed(header + [0x80, 0x90, 0x00, 0, 0, 0, 0])
    }

    private func expectMalformed(_ bytes: [UInt8], sourceLocation: SourceLocation = #_sourceLocation) {
        do throws(StatisticsError) {
            let sketch = try Sketch(serialized: bytes)
            Issue.record("accepted \(bytes.count) bytes as \(sketch)", sourceLocation: sourceLocation)
        } catch {
            guard error.code != .malformedSketch else { return }
            Issue.record("refused for another reason: \(error)", sourceLocation: sourceLocation)
        }
    }
}
