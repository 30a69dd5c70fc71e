import JSON
import Testing

@Suite("Numbers are written as ECMAScript writes them")
struct NumberTests {
    private func written(_ value: Double) -> String {
        var writer = JSONWriter()
        writer.number(value)
        return String(decoding: writer.bytes, as: UTF8.self)
    }

    @Test(
        "RFC 8785, appendix B",
        arguments: [
            (0x0000_0000_0000_0000, "0"), (0x8000_0000_0000_0000, "0"), (0x0000_0000_0000_0001, "5e-324"),
            (0x8000_0000_0000_0001, "-5e-324"), (0x7fef_ffff_ffff_ffff, "1.7976931348623157e+308"),
            (0xffef_ffff_ffff_ffff, "-1.7976931348623157e+308"), (0x4340_0000_0000_0000, "9007199254740992"),
            (0xc340_0000_0000_0000, "-9007199254740992"), (0x4430_0000_0000_0000, "295147905179352830000"),
            (0x44b5_2d02_c7e1_4af5, "9.999999999999997e+22"), (0x44b5_2d02_c7e1_4af6, "1e+23"),
            (0x44b5_2d02_c7e1_4af7, "1.0000000000000001e+23"), (0x444b_1ae4_d6e2_ef4e, "999999999999999700000"),
            (0x444b_1ae4_d6e2_ef4f, "999999999999999900000"), (0x444b_1ae4_d6e2_ef50, "1e+21"),
            (0x3eb0_c6f7_a0b5_ed8c, "9.999999999999997e-7"), (0x3eb0_c6f7_a0b5_ed8d, "0.000001"),
            (0x41b3_de43_5555_5553, "333333333.3333332"), (0x41b3_de43_5555_5554, "333333333.33333325"),
            (0x41b3_de43_5555_5555, "333333333.3333333"), (0x41b3_de43_5555_5556, "333333333.3333334"),
            (0x41b3_de43_5555_5557, "333333333.33333343"), (0xbecb_f647_612f_3696, "-0.0000033333333333333333"),
            (0x4314_3ff3_c1cb_0959, "1424953923781206.2"),
        ] as [(UInt64, String)])
    func appendixB(bits: UInt64, text: String) {
        #expect(written(Double(bitPattern: bits)) == text)
    }

    @Test(
        "decimals as sensors give them, and the borders between the two ways of writing",
        arguments: [
            (21.5, "21.5"), (-0.25, "-0.25"), (0.1, "0.1"), (100, "100"), (1200.05, "1200.05"), (0.000_001, "0.000001"),
            (0.000_000_1, "1e-7"), (0.000_012_3, "0.0000123"), (0.1 + 0.2, "0.30000000000000004"),
            (999_999_999_999_999, "999999999999999"), (1e15, "1000000000000000"),
            (123_456_789.012_345, "123456789.012345"),
            (4.35, "4.35"), (0.615, "0.615"), (1.005, "1.005"), (-273.15, "-273.15"), (1e21, "1e+21"),
            (1.5e300, "1.5e+300"),
            (99999.999999, "99999.999999"), (1e20, "100000000000000000000"), (1.25e-7, "1.25e-7"),
        ])
    func decimals(value: Double, text: String) {
        #expect(written(value) == text)
    }

    @Test("every double reads back as itself")
    func roundTrip() throws {
        var random = SeededRandom()
        for _ in 0..<20_000 {
            let value = random.double()
            let text = written(value)
            try #require(Double(text) == value, "\(value) was written \(text), seed \(random.seed)")
            try #require(try JSONParser.parse(text).double == value, "\(text), seed \(random.seed)")
        }
    }

    @Test("10,000 doubles read just as node writes them", .enabled(if: Peer.node.isInstalled))
    func node() throws {
        var random = SeededRandom()
        let values = (0..<10_000).map { _ in random.double() }
        let script = """
            const view = new DataView(new ArrayBuffer(8));
            const lines = require('fs').readFileSync(0, 'latin1').split('\\n');
            process.stdout.write(lines.map(line => {
                view.setBigUint64(0, BigInt('0x' + line));
                return JSON.stringify(view.getFloat64(0)) + '\\n';
            }).join(''));
            """
        let answers = try Peer.node.answer(values.map { Array(String($0.bitPattern, radix: 16).utf8) }, script: script)
        for (value, answer) in zip(values, answers) {
            let text = written(value)
            try #require(text == String(decoding: answer, as: UTF8.self), "seed \(random.seed)")
        }
    }

    @Test("the standard library hands over the digits of a double without making a string")
    func noString() {
        struct Counter: TextOutputStream {
            var strings = 0
            var buffers = 0
            mutating func write(_ string: String) { strings += 1 }
            mutating func _writeASCII(_ buffer: UnsafeBufferPointer<UInt8>) { buffers += 1 }
        }
        var counter = Counter()
        (-2.2250738585072014e-308).write(to: &counter)
        #expect(counter.strings == 0 && counter.buffers == 1, "numbers of more than 15 characters now allocate")
    }

    @Test("the ends of the integers")
    func integers() {
        var writer = JSONWriter()
        let values: [JSONValue] = [.integer(.min), .integer(.max), 0, -1, 10]
        writer.beginArray()
        for value in values { writer.value(value) }
        writer.integer(UInt64.max)
        writer.endArray()
        let text = "[-9223372036854775808,9223372036854775807,0,-1,10,18446744073709551615]"
        #expect(String(decoding: writer.bytes, as: UTF8.self) == text)
    }

    #if DEBUG
    @Test("NaN and infinity are caught in debug builds")
    func notFinite() async {
        await #expect(processExitsWith: .failure) {
            var writer = JSONWriter()
            writer.number(.nan)
        }
        await #expect(processExitsWith: .failure) {
            var writer = JSONWriter()
            writer.number(-.infinity)
        }
    }
    #else
    @Test("NaN and infinity become null in release builds", arguments: [Double.nan, .infinity, -.infinity])
    func notFinite(value: Double) {
        #expect(written(value) == "null")
    }
    #endif
}
