import Foundation
import Telemetry
import Testing

@testable import Inputs

/// Lines made by other people's writers and read by another parser; see `Fixtures/line/generate.py`.
@Suite("Line protocol: other writers")
struct LinePeerTests {
    struct Case: Decodable {
        let writer, line, measurement, time: String
        let tags: [String: String]
        let fields: [Field]

        struct Field: Decodable {
            let key, type: String
            let text: String?
            let flag: Bool?

            init(from decoder: any Decoder) throws {
                var list = try decoder.unkeyedContainer()
                key = try list.decode(String.self)
                type = try list.decode(String.self)
                flag = type == "bool" ? try list.decode(Bool.self) : nil
                text = type == "bool" ? nil : try list.decode(String.self)
            }

            var value: Value? {
                switch type {
                case "bool": flag.map(Value.boolean)
                case "int": text.flatMap { Int64($0) }.map(Value.integer)
                case "float": text.flatMap { Double($0) }.map(Value.double)
                default: text.map(Value.text)
                }
            }
        }
    }

    @Test("what other writers write is read to the bit")
    func peers() throws {
        let file = try #require(Bundle.module.url(forResource: "Fixtures/line/peers", withExtension: "json"))
        let cases = try JSONDecoder().decode([Case].self, from: Data(contentsOf: file))
        #expect(cases.count == 250)
        for peer in cases {
            var bench = IntakeBench()
            bench.feed(peer.line + "\n")
            #expect(bench.sink.rejected.isEmpty, "\(peer.writer): \(peer.line) \(bench.log.text)")
            let tags = peer.tags.map { Tag($0.key, $0.value) }
            for (recorded, field) in zip(bench.sink.samples, peer.fields) {
                let name = field.key == "value" ? peer.measurement : "\(peer.measurement).\(field.key)"
                #expect(recorded.series.name == name)
                #expect(recorded.series.tags == tags.sorted(), "\(peer.line)")
                #expect(String(recorded.sample.timestamp.nanoseconds) == peer.time)
                let value = try #require(field.value)
                #expect(recorded.sample.value.isIdentical(to: value), "\(peer.line): \(field.key)")
            }
            #expect(bench.sink.samples.count == peer.fields.count)
        }
    }

    @Test("a number that was printed is read back to the bit")
    func numbers() {
        let seed = SplitMix.seed
        var random = SplitMix(state: seed)
        var bench = IntakeBench()
        var written: [Double] = []
        var text = ""
        for _ in 0..<20_000 {
            // Half of any bit pattern, half of the kind that sensors give.
            let pattern = Double(bitPattern: random.next())
            let value =
                random.next() % 2 == 0 && pattern.isFinite
                ? pattern : Double(Int64(bitPattern: random.next()) % 100_000) / 1000
            written.append(value)
            text += "m value=\(value) 1\n"
        }
        bench.feed(text)
        #expect(bench.sink.rejected.isEmpty, "seed \(seed)")
        let same = zip(bench.sink.samples, written).allSatisfy { $0.sample.value.isIdentical(to: .double($1)) }
        #expect(same && bench.sink.samples.count == written.count, "seed \(seed)")
    }

    @Test("no bytes whatever bring the parser down, and how they are cut makes no difference")
    func noise() {
        let seed = SplitMix.seed
        var random = SplitMix(state: seed)
        let pieces = [
            "m", ",a=", " ", "v=1", "v=\"", "\"", "\\", "\n", "\r\n", ",", "=", "1i", "t", "#", ".5e-3", " 17", "ü",
            "\0",
            "\nm v=1 1\n", "n,a=b w=\"a\nb\" 2\n",
        ]
        var taken = 0
        for round in 0..<3000 {
            let bytes = (0..<Int(random.next() % 60)).flatMap { _ in
                Array(pieces[Int(random.next() % UInt64(pieces.count))].utf8)
            }
            var whole = IntakeBench()
            whole.feed(bytes)
            whole.feed("", .closed)
            var cut = IntakeBench()
            var rest = bytes[...]
            while !rest.isEmpty {
                let count = Int(random.next() % 12) + 1
                cut.feed(rest.prefix(count))
                rest = rest.dropFirst(count)
            }
            cut.feed("", .closed)
            #expect(cut.sink.lines == whole.sink.lines, "seed \(seed), round \(round)")
            #expect(cut.sink.rejected == whole.sink.rejected, "seed \(seed), round \(round)")
            #expect(cut.log.text == whole.log.text, "seed \(seed), round \(round)")
            #expect(whole.pendingCount == 0 && cut.pendingCount == 0, "seed \(seed), round \(round)")
            taken += whole.sink.samples.count
        }
        #expect(taken > 100, "the noise is to hold good lines too; seed \(seed)")
    }
}

/// Steele, Lea, Flood, "Fast splittable pseudorandom number generators", OOPSLA 2014.
struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    /// A seed that differs from run to run; `FIELDPROOF_SEED=…` replays one that a failure has printed.
    static var seed: UInt64 {
        ProcessInfo.processInfo.environment["FIELDPROOF_SEED"].flatMap { UInt64($0) } ?? .random(in: .min ... .max)
    }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ z >> 30) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ z >> 27) &* 0x94D0_49BB_1331_11EB
        return z ^ z >> 31
    }
}
