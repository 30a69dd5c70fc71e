import Foundation
import Telemetry
import Testing

@testable import Inputs

@Suite("statsd", .timeLimit(.minutes(1)))
struct StatsdTests {
    private struct Bench {
        let sink: RecordingSink
        let log = RecordingLog()
        var intake: StatsdIntake

        init(limit: Int = .max, _ change: (inout StatsdSettings) -> Void = { _ in }) {
            sink = RecordingSink(limit: limit)
            var settings = StatsdSettings(listen: .udp(host: "127.0.0.1", port: 0))
            change(&settings)
            intake = StatsdIntake(settings, environment: .test(name: "statsd", at: 0, log: log), sink: sink)
        }

        /// The samples of one interval that ends at so many seconds: `key = value unit`.
        mutating func flush(at seconds: Int64) -> [String] {
            sink.clear()
            intake.flush(at: Timestamp(seconds: seconds))
            return sink.samples.map {
                "\($0.series.key) = \($0.sample.value.plain) \($0.series.unit) @ \($0.sample.timestamp.nanoseconds / 1_000_000_000)"
            }
        }

        mutating func feed(_ text: String) {
            Array(text.utf8).withUnsafeBytes { intake.take($0, from: "test") }
        }
    }

    @Test("a counter is what was counted since it was first heard, and begins with 0")
    func counters() {
        var bench = Bench()
        bench.feed("hits:1|c\nhits:2|c\nhits:1|c|@0.1")
        #expect(bench.flush(at: 10) == ["hits = 0i 1 @ 0", "hits = 13i 1 @ 10"])
        #expect(bench.flush(at: 20).isEmpty)
        bench.feed("hits:1|c\n")
        #expect(bench.flush(at: 30) == ["hits = 14i 1 @ 30"])
        #expect(bench.sink.series.first?.kind == .counter)
        bench.feed("hits:1|c|@0.3")
        #expect(bench.flush(at: 40).first?.hasPrefix("hits = 17.33") == true)
    }

    @Test("a gauge is set, and a sign changes it")
    func gauges() {
        var bench = Bench()
        bench.feed("level:7|g\nlevel:+3|g\nlevel:-0.5|g")
        #expect(bench.flush(at: 10) == ["level = 9.5 1 @ 10"])
        bench.feed("level:0|g\nlevel:-2|g")
        #expect(bench.flush(at: 20) == ["level = -2.0 1 @ 20"])
    }

    @Test("a timer is counted, and its values are summed up per interval")
    func timers() {
        var bench = Bench { $0.percentiles = [50, 99.9] }
        bench.feed("t:10|ms\nt:20:30|ms\nt:40|ms|@0.5")
        let lines = bench.flush(at: 10)
        #expect(lines[0] == "t.count = 0i 1 @ 0")
        #expect(lines[1] == "t.count = 5i 1 @ 10")
        #expect(lines[2] == "t.mean = 28.0 ms @ 10")
        #expect(lines[3...4] == ["t.min = 10.0 ms @ 10", "t.max = 40.0 ms @ 10"])
        #expect(lines[5].hasPrefix("t.p50 = 2") || lines[5].hasPrefix("t.p50 = 30"))
        #expect(lines[6].hasPrefix("t.p99_9 = "))
        bench.feed("t:7|ms")
        #expect(
            bench.flush(at: 20) == [
                "t.count = 6i 1 @ 20", "t.mean = 7.0 ms @ 20", "t.min = 7.0 ms @ 20", "t.max = 7.0 ms @ 20",
                "t.p50 = 7.0 ms @ 20",
                "t.p99_9 = 7.0 ms @ 20",
            ])
    }

    @Test("a set counts its members once in an interval")
    func sets() {
        var bench = Bench()
        bench.feed("users:a|s\nusers:b|s\nusers:a|s")
        #expect(bench.flush(at: 10) == ["users = 2i 1 @ 10"])
        bench.feed("users:a|s")
        #expect(bench.flush(at: 20) == ["users = 1i 1 @ 20"])
    }

    @Test("DogStatsD tags, packed values and fields of later versions")
    func dogstatsd() {
        var bench = Bench { $0.prefix = "app" }
        bench.feed("Page.Views:1|c|#env:prod,Beta\nq:1:2:3|h|@1|#device:arm-7|c:abc|T1656581400")
        let lines = bench.flush(at: 10)
        #expect(lines[1] == "app.page.views,beta=true,env=prod = 1i 1 @ 10")
        #expect(lines.contains("app.q.count,device=arm-7 = 3i 1 @ 10"))
        #expect(lines.contains("app.q.max,device=arm-7 = 3.0 1 @ 10"))
        #expect(bench.sink.rejected.isEmpty)
    }

    @Test(
        "what is no metric is dropped, counted and told",
        arguments: [
            ("x", "no name before a ':'"), (":1|c", "no name before a ':'"), ("x:1", "the type ''"),
            ("x:1|q", "the type 'q'"),
            ("x:|c", "is no number"), ("x:nan|g", "is no number"), ("x:0x10|g", "is no number"),
            ("x:1e999|g", "is no number"),
            ("x:-1|c", "cannot go down"), ("x:1|c|@0", "sample rate"), ("x:1|c|@2", "sample rate"),
            ("x:1|c|@1e-308", "sample rate"), ("\(String(repeating: "x", count: 1025)):1|c", "longer than 1024"),
            ("x:1|c|wat", "neither a sample rate"),
            ("x:1|c|#a:1,a:2", "comes twice"), ("x:1|c|#device:Arm 7", "must be"), ("::1|c", "no name before a"),
            ("/:1|c", "no series name"),
            ("_e{5,4}:title|text", "input 'line'"), ("\u{7}\u{0}:1|c", "no series name"), ("x:1|c|#a:", "no value"),
        ])
    func hostile(line: String, message: String) {
        var bench = Bench()
        bench.feed(line + "\n\n \r\n")
        #expect(bench.flush(at: 10).isEmpty)
        #expect(bench.sink.rejected == ["bad metric": 1])
        #expect(bench.log.text.count == 1 && bench.log.text[0].contains(message), "\(bench.log.text)")
        #expect(bench.sink.series.isEmpty, "a bad metric leaves no series behind")
    }

    @Test("a name is of one type, one spelling and one order of tags, and there is a limit to names")
    func identity() {
        var bench = Bench { $0.names = 3 }
        bench.feed("a.b:1|c\na.b:1|g\nA.b:1|c\nc:1|c|#x:1,y:2\nc:1|c|#y:2,x:1\nd:1|g\ne:1|g\ne:1|g")
        let lines = bench.flush(at: 10)
        #expect(
            lines.filter { !$0.contains(" 0i ") }.map { String($0.prefix { $0 != " " }) } == ["a.b", "c,x=1,y=2", "d"])
        #expect(bench.sink.rejected == ["bad metric": 5])
    }

    @Test(
        "a value that no sum can hold is dropped, and the sum goes on",
        arguments: [
            ("a:1e308|c", "a:1e308|c", "a:1|c", "a = 1e+308"), ("a:1e308|g", "a:+1e308|g", "a:1|g", "a = 1.0"),
            ("a:1e308|h", "a:1e308|h", "a:1|h", "a.mean = 5e+307"), ("a:1|c", "a:1e308|c|@0.01", "a:1|c", "a = 2i"),
        ])
    func overflow(first: String, tooLarge: String, next: String, sum: String) {
        var bench = Bench()
        bench.feed("\(first)\n\(tooLarge)\n\(next)")
        let lines = bench.flush(at: 10)
        #expect(lines.contains { $0.hasPrefix(sum + " ") }, "\(lines)")
        #expect(bench.sink.rejected == ["bad metric": 1])
    }

    @Test("what the box has no series for holds no memory, and is counted")
    func refused() {
        var bench = Bench(limit: 1)
        bench.feed("a:1|c\nb:1|h\nb:2|h\nc:x|s")
        #expect(bench.flush(at: 10).count == 2)
        #expect(bench.sink.rejected == ["limit on series": 8])
        bench.feed("b:1|h")
        #expect(bench.flush(at: 20).isEmpty)
        #expect(bench.sink.rejected == ["limit on series": 7])
    }

    @Test("a sketch that may not grow is bounded, and keeps the highest values apart")
    func shortOfMemory() {
        var sketch = ValueSketch()
        for value in 1...100_000 { sketch.add(Double(value), weight: 1, mayGrow: false) }
        #expect(sketch.bucketCount == 64)
        #expect(abs(sketch.quantile(0.99) - 99_000) <= 1000)
        for exponent in 0..<300 { sketch.add(exp(Double(exponent)), weight: 1) }
        #expect(sketch.bucketCount == 2048)
        sketch.clear()
        #expect(sketch.bucketCount == 0)
    }

    @Test("every quantile is within one percent of a value that was there")
    func sketch() {
        var sketch = ValueSketch()
        var values: [Double] = []
        var state: UInt64 = 0x1234_5678
        for _ in 0..<20_000 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            let unit = Double(state >> 11) / Double(1 << 53)
            let value = exp(unit * 14 - 6) * (state & 8 == 0 ? -1 : 1)
            values.append(value)
            sketch.add(value, weight: 1)
        }
        values.sort()
        for q in [0.0, 0.01, 0.25, 0.5, 0.9, 0.99, 0.999, 1] {
            let exact = values[max(0, Int((q * Double(values.count)).rounded(.up)) - 1)]
            #expect(abs(sketch.quantile(q) - exact) <= abs(exact) * 0.0101, "q \(q)")
        }
        sketch.clear()
        #expect(sketch.isEmpty)
        for value in [1e-300, 1e300, 0, -1e300] { sketch.add(value, weight: 1) }
        #expect(abs(sketch.quantile(1) - 1e300) <= 1.01e298 && abs(sketch.quantile(0) + 1e300) <= 1.01e298)
    }

    @Test(
        "datagrams come in over UDP and over a unix socket, and what came is given at the end",
        arguments: [false, true])
    func sockets(unix: Bool) async throws {
        let path = NSTemporaryDirectory() + "statsd-\(UInt32.random(in: 0...UInt32.max)).sock"
        let settings = StatsdSettings(
            listen: unix ? .unix(path: path) : .udp(host: "127.0.0.1", port: 0), every: 3_600_000_000_000)
        let (sink, log) = (RecordingSink(), RecordingLog())
        let input = try StatsdInput(settings, environment: .test(name: "statsd", log: log))
        let door = Door()
        let running = try RunningInput { waker throws(InputError) in
            try input.run(into: sink, until: waker) { port in door.open(port ?? 1) }
        }
        try #require(await eventually { door.port != nil })
        let address = unix ? SocketAddress(path: path) : SocketAddress(host: "127.0.0.1", port: door.port ?? 0)
        let client = socket(unix ? AF_UNIX : AF_INET, Int32(SOCK_DGRAM.rawValue), 0)
        defer { close(client) }
        for text in ["a:1|c\nb:2|g", "a:4|c", "wrong"] {
            let bytes = Array(text.utf8)
            let sent = try #require(address).withPointer { sendto(client, bytes, bytes.count, 0, $0, $1) }
            #expect(sent == bytes.count)
        }
        #expect(await running.stop() == nil)
        #expect(sink.lines.map { $0.prefix { $0 != "@" } } == ["a = 0i ", "a = 5i ", "b = 2.0 "])
        #expect(sink.rejected == ["bad metric": 1])
        #expect(!FileManager.default.fileExists(atPath: path))
    }
}
