import Telemetry
import Testing

@testable import Inputs

/// An intake with its sink and log, fed as if by one client.
struct IntakeBench {
    let sink: RecordingSink
    let log = RecordingLog()
    private var intake: LineIntake
    private var source = LineSource(.process(7, connection: 1))
    private var pending: [UInt8] = []
    static let arrival = Timestamp(nanoseconds: 1_795_300_000_000_000_000)

    init(_ settings: LineSettings = LineSettings(listen: .unix(path: "/x")), limit: Int = .max) {
        sink = RecordingSink(limit: limit)
        intake = LineIntake(settings, environment: .test(log: log), sink: sink)
    }

    var awaitsText: Bool { source.openTextSince != nil }
    var pendingCount: Int { pending.count }

    mutating func feed(_ bytes: some Sequence<UInt8>, _ ending: LineSource.Ending = .open) {
        pending += bytes
        let used = pending.withUnsafeBytes {
            intake.take($0, from: &source, arrival: Self.arrival, ending: ending)
        }
        pending.removeFirst(used)
        intake.flush()
    }

    mutating func feed(_ text: String, _ ending: LineSource.Ending = .open) { feed(text.utf8, ending) }
}

@Suite("Line protocol: from bytes to samples")
struct LineIntakeTests {
    static let arrival = 1_795_300_000_000_000_000

    @Test("a series has the unit that the settings give its name, whatever its tags, and else 1; a state has none")
    func units() throws {
        let newton = try #require(Unit("N"))
        let settings = LineSettings(
            listen: .unix(path: "/x"), units: ["gripper.force": newton, "gripper.closed": newton])
        var bench = IntakeBench(settings)
        bench.feed("gripper,arm=left force=12.7,closed=t,width=3\ngripper,arm=right force=1i\n")
        #expect(bench.sink.series.map(\.name) == ["gripper.force", "gripper.closed", "gripper.width", "gripper.force"])
        #expect(bench.sink.series.map(\.unit) == [newton, .one, .one, newton])
    }

    @Test(
        "a good line gives one sample for each field",
        arguments: [
            ("m value=1", ["m = 1.0 @ \(arrival)"]),
            ("m a=1 17", ["m.a = 1.0 @ 17"]),
            ("m a=1 -17", ["m.a = 1.0 @ -17"]),
            (
                "joint,side=left temperature=41.5,value=2i 99",
                ["joint.temperature,side=left = 41.5 @ 99", "joint,side=left = 2i @ 99"]
            ),
            ("m a=1i,b=-1i,c=7u 1", ["m.a = 1i @ 1", "m.b = -1i @ 1", "m.c = 7i @ 1"]),
            (
                "m a=9223372036854775807i,b=-9223372036854775808i 1",
                ["m.a = \(Int64.max)i @ 1", "m.b = \(Int64.min)i @ 1"]
            ),
            ("m a=t,b=T,c=true,d=True,e=TRUE 1", "abcde".map { "m.\($0) = true @ 1" }),
            ("m a=f,b=F,c=false,d=False,e=FALSE 1", "abcde".map { "m.\($0) = false @ 1" }),
            (
                "m a=1.5e3,b=-.5,c=2.,d=+3,e=1E-2 1",
                ["m.a = 1500.0 @ 1", "m.b = -0.5 @ 1", "m.c = 2.0 @ 1", "m.d = 3.0 @ 1", "m.e = 0.01 @ 1"]
            ),
            ("m a=-0 1", ["m.a = -0.0 @ 1"]),
            (
                "m a=0.1234567890123456789,b=123456789012345678901234567890 1",
                ["m.a = 0.12345678901234568 @ 1", "m.b = 1.2345678901234568e+29 @ 1"]
            ),
            ("m a=\"\" 1", ["m.a = \"\" @ 1"]),
            (
                #"m a="say \"hi\"",b="c:\\temp\x",c="a,b=c d" 1"#,
                [#"m.a = "say "hi"" @ 1"#, #"m.b = "c:\temp\x" @ 1"#, #"m.c = "a,b=c d" @ 1"#]
            ),
            ("m a=\"two\nlines\" 1", ["m.a = \"two\nlines\" @ 1"]),
            (
                #"m,bay=3\ left,note=a\,b\=c,path=c:\temp value=1 1"#,
                [#"m,bay=3 left,note=a,b=c,path=c:\temp = 1.0 @ 1"#]
            ),
            ("m,b=2,a=1 value=1 1", ["m,a=1,b=2 = 1.0 @ 1"]),
            ("  m \t a=1 \t 5  ", ["m.a = 1.0 @ 5"]),
            ("m a=1 5\r", ["m.a = 1.0 @ 5"]),
            ("m,raum=küche value=1 1", ["m,raum=küche = 1.0 @ 1"]),
            ("arm.joint-1_x value=1 1", ["arm.joint-1_x = 1.0 @ 1"]),
            ("# a comment, with \"quotes", []), ("", []), ("   ", []), ("\r", []),
        ])
    func good(line: String, expected: [String]) {
        var bench = IntakeBench()
        bench.feed(line + "\n")
        #expect(bench.sink.lines == expected)
        #expect(bench.sink.rejected.isEmpty, "\(bench.log.text)")
    }

    @Test(
        "a bad line is told with its column and what to do, and costs only itself",
        arguments: [
            ("m", 1, "no fields"), ("m,a=b", 1, "no fields"), ("m ", 3, "no fields"), ("m a", 3, "no '='"),
            ("m a=1,b", 7, "no '='"), ("m =1", 3, "no key"), ("m a=", 5, "no value"), ("m a=,b=1", 5, "no value"),
            ("m a=1,", 7, "no '='"), ("m a=x", 5, "not a value"), ("m a=NaN", 5, "leave the field out"),
            ("m a=trueish", 5, "not a value"), ("m a=-", 5, "not a value"), ("m a=.", 5, "not a value"),
            ("m a=1e", 5, "exponent"), ("m a=1e400", 5, "64-bit float"), ("m a=1.5i", 8, "after its end"),
            ("m a=0x10", 6, "after its end"), ("m a=1ix", 7, "after its end"), ("m a=\"b\"c", 8, "after its end"),
            ("m a=9223372036854775808i", 5, "64 bits"), ("m a=-9223372036854775809i", 5, "64 bits"),
            ("m a=9223372036854775808u", 5, "as a float"), ("m a=-1u", 5, "'i' behind it"),
            ("m a=1 x", 7, "not a whole number"), ("m a=1 1.5", 7, "not a whole number"),
            ("m a=1 -", 7, "not a whole number"),
            ("m a=1 9223372036854775808", 7, "too large"), ("m a=1 1 2", 9, "follows the timestamp"),
            ("m,a value=1", 3, "no '='"), ("m,a= value=1", 5, "no value"), ("m, value=1", 3, "no '='"),
            ("m,a=1,a=2 value=1", 7, "twice"), (",a=b value=1", 1, "missing"),
            ("Motor value=1", 1, "write 'motor'"), ("m Speed=1", 3, "write 'speed'"),
            ("m,Side=l value=1", 3, "write 'side'"),
            ("m. a=1", 1, "dotted lower-case"), ("m _a=1", 3, "dotted lower-case"),
            ("m,device=Arm_7 value=1", 10, "tag 'device' must be 1 to 63"),
            ("m,a=\u{7} value=1", 5, "control character"),
            ("m a b=1", 3, "no '='"), ("m a=1,b=\"x", 9, "not closed"), ("m\\", 1, "no fields"),
        ])
    func bad(line: String, column: Int, message: String) {
        var bench = IntakeBench()
        bench.feed("ok value=1 1\n\(line)\nok value=2 2\n")
        bench.feed("", .overdueText)
        #expect(bench.sink.lines == ["ok = 1.0 @ 1", "ok = 2.0 @ 2"])
        #expect(bench.sink.rejected == ["bad line": 1])
        #expect(bench.sink.series.count == 1)
        #expect(bench.log.text.count == 1)
        let text = bench.log.text.first ?? ""
        #expect(text.contains("connection 1 of process 7, line 2, column \(column): "))
        #expect(text.contains(message))
    }

    @Test("bytes that are not UTF-8 make a bad line, in names and in text")
    func notUTF8() {
        var bench = IntakeBench()
        bench.feed(
            [UInt8]("m,a=".utf8) + [0xFF] + [UInt8](" value=1\nm a=\"".utf8) + [0xC3] + [UInt8]("\"\nm a=1 1\n".utf8))
        #expect(bench.sink.lines == ["m.a = 1.0 @ 1"])
        #expect(bench.sink.rejected == ["bad line": 2])
    }

    @Test(
        "timestamps are read in the unit that the settings name",
        arguments: [
            (LinePrecision.nanoseconds, Int64(17)), (.microseconds, 17_000), (.milliseconds, 17_000_000),
            (.seconds, 17_000_000_000),
        ])
    func precision(precision: LinePrecision, expected: Int64) {
        var bench = IntakeBench(LineSettings(listen: .unix(path: "/x"), precision: precision))
        bench.feed("m value=1 17\nm value=1 9223372036854775807\n")
        #expect(bench.sink.samples.first?.sample.timestamp == Timestamp(nanoseconds: expected))
        #expect(bench.sink.rejected["bad line"] == (precision == .nanoseconds ? nil : 1))
    }

    @Test("lines cut anywhere give the same samples")
    func everyCut() {
        let text = "a,t=x v=1,w=\"q\nr\" 1\r\n# no\n\nb v=2i 2\nbad\nc,u=\\ y v=t 3\n"
        var whole = IntakeBench()
        whole.feed(text)
        #expect(whole.sink.samples.count == 4)
        for cut in 0...text.utf8.count {
            var bench = IntakeBench()
            bench.feed(text.utf8.prefix(cut))
            bench.feed(text.utf8.dropFirst(cut))
            #expect(bench.sink.lines == whole.sink.lines, "cut after \(cut) bytes")
            #expect(bench.sink.rejected == ["bad line": 1], "cut after \(cut) bytes")
            #expect(bench.pendingCount == 0)
        }
    }

    @Test("an open text waits for its end, and when it does not come costs only its own line")
    func openText() {
        var bench = IntakeBench()
        bench.feed("m a=\"open 1\nm b=2 2\n")
        #expect(bench.awaitsText)
        #expect(bench.sink.lines.isEmpty)
        bench.feed("m b=3 3\n", .overdueText)
        #expect(!bench.awaitsText)
        #expect(bench.sink.lines == ["m.b = 2.0 @ 2", "m.b = 3.0 @ 3"])
        #expect(bench.log.text.first?.contains("line 1, column 5: the text is not closed") == true)

        bench.feed("m a=\"open 1\nm a=\"closed\" 4\n")
        #expect(bench.sink.lines.last == "m.a = \"closed\" @ 4")
        #expect(bench.sink.rejected == ["bad line": 2])
    }

    @Test("half a line at the end of a connection is a bad line, of a datagram a good one")
    func halfLine() {
        var bench = IntakeBench()
        bench.feed("m a=1 1\nm a=12", .closed)
        #expect(bench.sink.lines == ["m.a = 1.0 @ 1"])
        #expect(bench.log.text.first?.contains("line 2, column 7: the connection ended inside the line") == true)
        var other = IntakeBench()
        other.feed("m a=1 1\nm a=12 2", .datagram)
        #expect(other.sink.lines == ["m.a = 1.0 @ 1", "m.a = 12.0 @ 2"])
    }

    @Test("a line of 64 KiB is taken, a longer one is dropped as it comes and the next is read")
    func longLines() {
        let longest = "m a=\"" + String(repeating: "x", count: 65_536 - 6 - 2) + "\" 1"
        #expect(longest.utf8.count == 65_536)
        for piece in [1 << 20, 1000] {
            var bench = IntakeBench()
            for text in [
                longest, "m a=\"y" + longest.dropFirst(5), "m b=" + String(repeating: "1", count: 300_000), "m c=1 1",
            ] {
                var rest = Array((text + "\n").utf8)[...]
                while !rest.isEmpty {
                    bench.feed(rest.prefix(piece))
                    rest = rest.dropFirst(piece)
                    #expect(bench.pendingCount <= 65_537 + 1000)
                }
                bench.feed("", .overdueText)
            }
            #expect(bench.sink.samples.map(\.series.name) == ["m.a", "m.c"])
            #expect(bench.sink.rejected == ["bad line": 2])
            #expect(bench.log.text.allSatisfy { $0.contains("longer than 65536 bytes") })
            #expect(bench.log.text.map { $0.contains("line 2") } == [true, false])
        }
    }

    @Test("more tags or fields than a line may have make a bad line")
    func limits() {
        func line(tags: Int, fields: Int) -> String {
            let tagText = (0..<tags).map { ",t\($0)=x" }.joined()
            return "m\(tagText) " + (0..<fields).map { "f\($0)=1" }.joined(separator: ",") + " 1\n"
        }
        var bench = IntakeBench()
        bench.feed(line(tags: 32, fields: 256))
        #expect(bench.sink.samples.count == 256)
        bench.feed(line(tags: 33, fields: 1) + line(tags: 0, fields: 257))
        #expect(bench.sink.samples.count == 256)
        #expect(bench.sink.rejected == ["bad line": 2])
    }

    @Test("at the limit on series, known ones go on and new ones are counted")
    func seriesLimit() {
        var bench = IntakeBench(limit: 2)
        bench.feed("m a=1,b=2,c=3 1\nm a=4,c=5 2\n")
        #expect(bench.sink.lines == ["m.a = 1.0 @ 1", "m.b = 2.0 @ 1", "m.a = 4.0 @ 2"])
        #expect(bench.sink.rejected == ["limit on series": 2])
    }

    @Test("a field keeps to numbers or to states")
    func kinds() {
        var bench = IntakeBench()
        bench.feed("m a=1,b=t 1\nm a=2i,b=\"on\" 2\nm a=t,b=f 3\nm b=1 4\nm a=5,b=f 5\n")
        #expect(bench.sink.lines.count == 6)
        #expect(bench.sink.rejected == ["bad line": 2])
        #expect(bench.sink.series.map(\.kind) == [.gauge, .state])
    }

    @Test("a configured device is the default, and a line's own goes before it")
    func device() {
        var bench = IntakeBench(LineSettings(listen: .unix(path: "/x"), device: "gripper-2", priority: .bulk))
        bench.feed("m value=1 1\nm,device=arm-3 value=1 1\n")
        #expect(bench.sink.series.map(\.key) == ["m,device=gripper-2", "m,device=arm-3"])
        #expect(bench.sink.priorities == [.bulk])
    }

    @Test("a flood of bad lines is counted in full and logged a few times")
    func flood() {
        var bench = IntakeBench()
        bench.feed(String(repeating: "bad\n", count: 10_000))
        #expect(bench.sink.rejected == ["bad line": 10_000])
        #expect((1...6).contains(bench.log.text.count))
    }
}
