import Configuration
import Foundation
import Synchronization
import Telemetry
import Testing

@testable import Inputs

@Suite("Prometheus: text format")
struct ExpositionTests {
    private struct Bench {
        let sink = RecordingSink()
        let log = RecordingLog()
        var intake: ScrapeIntake

        init(_ change: (inout PrometheusSettings) -> Void = { _ in }) throws {
            var settings = PrometheusSettings(target: try ScrapeTarget("http://127.0.0.1:9100/metrics"))
            change(&settings)
            intake = ScrapeIntake(settings, environment: .test(name: "prometheus", log: log), sink: sink)
        }

        /// The samples but those about the scrape: `key = value unit kind`.
        mutating func take(_ text: String, isOpenMetrics: Bool = false, at seconds: Int64 = 100) -> [String] {
            sink.clear()
            let isWhole = Array(text.utf8).withUnsafeBytes {
                intake.take($0, isOpenMetrics: isOpenMetrics, at: Timestamp(seconds: seconds), elapsed: 5_000_000)
            }
            let up = sink.samples.first { $0.series[tag: "instance"] != nil && $0.series.name.hasSuffix("up") }
            #expect(up?.sample.value == .boolean(isWhole))
            return sink.samples.filter { $0.series[tag: "instance"] == nil }.map {
                let own = $0.sample.timestamp == Timestamp(seconds: seconds) ? "" : " @ \($0.sample.timestamp)"
                return "\($0.series.key) = \($0.sample.value.plain) \($0.series.unit) \($0.series.kind)\(own)"
            }
        }
    }

    @Test("a name that is too long with its labels is dropped and counted")
    func longKey() throws {
        var bench = try Bench()
        let labels = (0..<5).map { "l\($0)=\"\(String(repeating: "x", count: 210))\"" }.joined(separator: ",")
        #expect(bench.take("a{\(labels)} 1\nb 2\n") == ["b = 2.0 1 gauge"])
        #expect(bench.sink.rejected == ["bad line": 1])
    }

    @Test("types become kinds, suffixes units, labels tags")
    func families() throws {
        var bench = try Bench()
        let text = """
            # HELP node_cpu_seconds_total Seconds the CPUs spent in each mode.
            # TYPE node_cpu_seconds_total counter
            node_cpu_seconds_total{cpu="0",mode="idle"} 1.52341e+06
            node_cpu_seconds_total{cpu="0",mode="user"} 20.5
            # TYPE node_hwmon_temp_celsius gauge
            node_hwmon_temp_celsius{chip="a",sensor="temp1"} 41.5
            # TYPE http_request_duration_seconds histogram
            http_request_duration_seconds_bucket{le="0.05"} 24054
            http_request_duration_seconds_bucket{le="+Inf"} 144320
            http_request_duration_seconds_sum 53423.25
            http_request_duration_seconds_count 144320
            # TYPE rpc_duration_seconds summary
            rpc_duration_seconds{quantile="0.5"} 4.5
            rpc_duration_seconds{quantile="0.9"} NaN
            rpc_duration_seconds_sum 17560473
            something_weird{problem="division by zero"} +Inf
            node_network_up{device="eth0",empty=""} 1
            bytes_sent_total 7
            Upper:Case{Label="a\\\\b\\"c"} -1 1395066363000
            """
        #expect(
            bench.take(text) == [
                "node_cpu_seconds_total,cpu=0,mode=idle = 1523410i s counter",
                "node_cpu_seconds_total,cpu=0,mode=user = 20.5 s counter",
                "node_hwmon_temp_celsius,chip=a,sensor=temp1 = 41.5 Cel gauge",
                "http_request_duration_seconds_bucket,le=0.05 = 24054i 1 counter",
                "http_request_duration_seconds_bucket,le=+Inf = 144320i 1 counter",
                "http_request_duration_seconds_sum = 53423.25 s counter",
                "http_request_duration_seconds_count = 144320i 1 counter",
                "rpc_duration_seconds,quantile=0.5 = 4.5 s gauge", "rpc_duration_seconds_sum = 17560473i s counter",
                "something_weird,problem=division by zero = inf 1 gauge",
                "node_network_up,exported_device=eth0 = 1.0 1 gauge", "bytes_sent_total = 7i 1 counter",
                "upper.case,label=a\\b\"c = -1.0 1 gauge @ 2014-03-17T14:26:03Z",
            ])
        #expect(bench.sink.rejected.isEmpty)
    }

    @Test("OpenMetrics has seconds for timestamps, exemplars, units, and an end")
    func openMetrics() throws {
        var bench = try Bench()
        let text = """
            # TYPE foo counter
            # UNIT foo_seconds seconds
            foo_total{a="x"} 17.0 1520879607.789 # {trace_id="KOO5S4vxi0o"} 0.67
            foo_created{a="x"} 1520430000.123
            bar_ratio 0.5 # {a="b"} 1
            # EOF

            """
        #expect(
            bench.take(text, isOpenMetrics: true) == [
                "foo_total,a=x = 17i 1 counter @ 2018-03-12T18:33:27.789Z",
                "foo_created,a=x = 1520430000.123 s gauge", "bar_ratio = 0.5 1 gauge",
            ])
        _ = bench.take("foo 1\n", isOpenMetrics: true)
    }

    @Test("the same timestamp again is no fresh sample, unless timestamps are ignored")
    func staleness() throws {
        var bench = try Bench()
        #expect(bench.take("a 1 1000").count == 1)
        #expect(bench.take("a 1 1000").isEmpty)
        #expect(bench.take("a 1 2000") == ["a = 1.0 1 gauge @ 1970-01-01T00:00:02Z"])
        var plain = try Bench { $0.timestamps = .ignore }
        #expect(plain.take("a 1 1000") == plain.take("a 1 1000"))
    }

    @Test("patterns and a limit keep the number of series bounded")
    func bounds() throws {
        var bench = try Bench {
            $0.match = [NamePattern("node_*")]
            $0.exclude = [NamePattern("*_info")]
            $0.series = 2
            $0.prefix = "plc"
        }
        let text = "node_a 1\nother 1\nnode_b_info 1\nnode_c 1\nnode_d 1\n"
        #expect(bench.take(text) == ["plc.node_a = 1.0 1 gauge", "plc.node_c = 1.0 1 gauge"])
        #expect(bench.sink.rejected == ["limit on series": 1])
        #expect(bench.take(text).count == 2)
        // A server that never says the same twice costs time, not memory.
        for scrape in 0..<20 {
            _ = bench.take((0..<2000).map { "node_x{n=\"\(scrape)-\($0)\"} 1\n" }.joined())
        }
    }

    @Test(
        "a line that is no sample costs only itself, and the log says where",
        arguments: [
            ("a", "column 2: the value is no number"), ("a x", "no number"), ("{a=\"b\"} 1", "there is no name"),
            ("a{b=\"c\" 1", "not closed"), ("a{b=c} 1", "not in quotes"), ("a{b} 1", "not of the form"),
            ("a{b=\"c\"d=\"e\"} 1", "no ','"),
            ("a 1 2 3", "follows the timestamp"), ("a 1 x", "timestamp is no number"),
            ("a{B=\"1\",b=\"2\"} 1", "two labels become"),
            ("a{x=\"\u{1}\"} 1", "control characters"), ("\u{0} 1", "there is no name"), ("a 0x10", "no number"),
        ])
    func bad(line: String, message: String) throws {
        var bench = try Bench()
        #expect(bench.take("before 1\n\(line)\nafter 2").count == 2)
        #expect(bench.sink.rejected == ["bad line": 1])
        #expect(bench.log.text.contains { $0.contains("line 2, column") && $0.contains(message) }, "\(bench.log.text)")
    }

    @Test(
        "targets are urls and sockets",
        arguments: [
            ("http://10.0.0.9:9100/metrics", "10.0.0.9:9100", "/metrics"), ("http://plc", "plc:80", "/metrics"),
            ("http://[::1]:9100/a?b=c", "[::1]:9100", "/a?b=c"), ("unix:/run/x.sock", "/run/x.sock", "/metrics"),
            ("unix:/run/x.sock:/m", "/run/x.sock", "/m"),
        ])
    func targets(text: String, instance: String, path: String) throws {
        let target = try ScrapeTarget(text)
        #expect((target.instance, target.path) == (instance, path))
    }

    @Test(
        "what is no target is refused",
        arguments: [
            "https://x", "ftp://x", "http://", "http://a:0/", "http://::1/", "http://u:p@h/", "unix:x", "http://a b",
            "unix:/a:b",
        ])
    func refusedTargets(text: String) {
        #expect(throws: InvalidValue.self) { try ScrapeTarget(text) }
    }
}

@Suite("Prometheus: HTTP")
struct HTTPResponseTests {
    /// Feeds a response in pieces of some size.
    private static func feed(_ text: String, by size: Int, limit: Int = 1000) throws(ScrapeProblem) -> HTTPResponse {
        var response = HTTPResponse(limit: limit)
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let piece = Array(rest.prefix(size))
            rest = rest.dropFirst(size)
            let progress = try piece.span.bytes.withUnsafeBytes { (bytes) throws(ScrapeProblem) in
                try response.take(bytes)
            }
            if progress == .complete { return response }
        }
        try response.end()
        return response
    }

    @Test(
        "a body by length, in chunks, or to the end, however it is cut",
        arguments: [
            "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 5\r\n\r\nab 1\n",
            "HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\nTransfer-Encoding: chunked\r\n\r\n3;x=y\r\nab \r\n2\r\n1\n\r\n0\r\nTrailer: x\r\n\r\n",
            "HTTP/1.0 200 OK\nContent-Type: text/plain\n\nab 1\n",
            "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 5\r\n\r\nab 1\n",
        ], [1, 2, 7, 1000])
    func bodies(text: String, size: Int) throws {
        let response = try Self.feed(text, by: size)
        #expect(response.status == 200)
        #expect(response.contentType == "text/plain")
        #expect(String(decoding: response.body, as: UTF8.self) == "ab 1\n")
    }

    @Test(
        "an answer that breaks off, is too large, or is no HTTP is refused",
        arguments: [
            ("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nab", "inside the answer"),
            ("HTTP/1.1 200 OK\r\n", "before an answer"),
            ("HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n", "raise 'size'"), ("SSH-2.0-OpenSSH\r\n", "no HTTP/1"),
            ("HTTP/1.1 200 OK\r\n\r\n" + String(repeating: "x", count: 1001), "raise 'size'"),
            ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", "size of a chunk"),
            ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffff\r\n", "size of a chunk"),
            ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nabc\r\n", "longer than it says"),
            ("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n", "compressed"),
            ("HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n", "no number"),
            ("HTTP/1.1 200 OK\r\nx: " + String(repeating: "y", count: 40_000), "longer than"),
        ])
    func refused(text: String, message: String) {
        for size in [1, 1000] {
            do throws(ScrapeProblem) {
                _ = try Self.feed(text, by: size)
                Issue.record("taken: \(text.prefix(60))")
            } catch {
                #expect(error.message.contains(message), "\(error.message)")
            }
        }
    }
}

@Suite("Prometheus: scraping", .timeLimit(.minutes(1)))
struct ScrapingTests {
    /// Answers every connection with a fixed text, or not at all.
    private final class Server: Sendable {
        let path = NSTemporaryDirectory() + "scrape-\(UInt32.random(in: 0...UInt32.max)).sock"
        private let descriptor: Int32

        init(answer: String?) throws {
            let listener = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
            descriptor = listener
            let address = try #require(SocketAddress(path: path))
            try #require(address.withPointer { bind(listener, $0, $1) } == 0 && listen(listener, 8) == 0)
            Thread.detachNewThread {
                var open: [Int32] = []
                while true {
                    let client = accept(listener, nil, nil)
                    guard client >= 0 else { break }
                    guard let answer else {
                        open.append(client)
                        continue
                    }
                    var request = [UInt8](repeating: 0, count: 4096)
                    _ = recv(client, &request, request.count, 0)
                    let bytes = Array(answer.utf8)
                    _ = send(client, bytes, bytes.count, Int32(MSG_NOSIGNAL))
                    close(client)
                }
                open.forEach { close($0) }
            }
        }

        func stop() {
            shutdown(descriptor, Int32(SHUT_RDWR))
            close(descriptor)
            unlink(path)
        }
    }

    private static func run(_ url: String, _ change: (inout PrometheusSettings) -> Void = { _ in }) throws -> (
        RecordingSink, RecordingLog, RunningInput
    ) {
        var settings = PrometheusSettings(target: try ScrapeTarget(url), every: 50_000_000)
        change(&settings)
        let (sink, log) = (RecordingSink(), RecordingLog())
        let input = try PrometheusInput(settings, environment: .test(name: "prometheus", log: log))
        let running = try RunningInput { waker throws(InputError) in try input.run(into: sink, until: waker) }
        return (sink, log, running)
    }

    @Test("a server that is there is read at every tick, and one that goes is down, told of once")
    func goesAway() async throws {
        let server = try Server(answer: "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\na 1\n")
        let (sink, log, running) = try Self.run("unix:\(server.path)")
        #expect(await eventually { sink.samples.filter { $0.series.name == "a" }.count > 2 })
        server.stop()
        #expect(
            await eventually {
                sink.samples.filter { $0.series.name == "up" && $0.sample.value == .boolean(false) }.count > 2
            })
        #expect(await running.stop() == nil)
        // A request that was under way when the server went may end for another reason than those after it.
        #expect(log.text.first == "info: a source answers")
        #expect(
            (2...3).contains(log.text.count) && log.text.dropFirst().allSatisfy { $0.hasPrefix("warning: a source") })
    }

    @Test("a server that never answers is given up in time, and the end of the input is not kept waiting")
    func silent() async throws {
        let server = try Server(answer: nil)
        defer { server.stop() }
        let (sink, _, running) = try Self.run("unix:\(server.path)") { $0.timeout = 20_000_000 }
        #expect(await eventually { !sink.samples.isEmpty })
        #expect(sink.samples.allSatisfy { $0.series.name == "up" && $0.sample.value == .boolean(false) })
        #expect(await running.stop() == nil)
        let (_, _, slow) = try Self.run("unix:\(server.path)") {
            $0.every = 60_000_000_000
            $0.timeout = 60_000_000_000
        }
        let start = ContinuousClock.now
        #expect(await slow.stop() == nil)
        #expect(ContinuousClock.now - start < .seconds(5))
    }

    @Test(
        "an answer that is no metrics is told of",
        arguments: ["HTTP/1.1 301 Moved\r\nContent-Length: 0\r\n\r\n", "nonsense\r\n"])
    func wrong(answer: String) async throws {
        let server = try Server(answer: answer)
        defer { server.stop() }
        let (sink, log, running) = try Self.run("unix:\(server.path)")
        #expect(await eventually { !sink.samples.isEmpty })
        #expect(await running.stop() == nil)
        #expect(log.text.first == "warning: a source does not answer; trying again")
    }
}
