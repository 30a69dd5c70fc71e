import Telemetry
import Testing

@testable import Inputs

@Suite("Formats: from records to samples")
struct RecordFormatTests {
    @Test(
        "a good record gives its values",
        arguments: [
            (
                "line", "gripper,side=left force=12.5,closed=t",
                ["gripper.force,side=left = 12.5", "gripper.closed,side=left = true"]
            ),
            ("{type: line, precision: s}", "m a=1 1700000000", ["m.a = 1.0 @ 2023-11-14T22:13:20Z"]),
            ("{type: value, series: room.temperature, unit: Cel}", " 21.5 ", ["room.temperature = 21.5 Cel"]),
            ("{type: value, series: door.open, as: boolean}", "ON", ["door.open = true"]),
            ("{type: value, series: mode, as: text}", "auto run", [#"mode = "auto run""#]),
            ("{type: value, series: n, as: integer, kind: counter}", "9007199254740993", ["n = 9007199254740993i"]),
            ("{type: value, series: t, scale: 0.1, offset: -40, range: [0, 50]}", "1000", ["t = 60.0 out-of-range"]),
            (
                "json",
                #"{"temp": 21.5, "ENERGY": {"Power": 5}, "on": true, "name": "x", "none": null, "list": [1, 2]}"#,
                ["temp = 21.5", "energy.power = 5.0", "on = true", "list.0 = 1.0", "list.1 = 2.0"]
            ),
            ("json", "7", ["value = 7.0"]),
            (
                #"{type: json, fields: "*", prefix: zigbee, tags: {room: /where}, time: /at}"#,
                #"{"a": 1, "where": "bay 3", "at": "2026-01-02T03:04:05.5Z"}"#,
                ["zigbee.a,room=bay 3 = 1.0 @ 2026-01-02T03:04:05.500Z"]
            ),
            (
                "{type: json, fields: {room.temperature: {pointer: /s/0/t, unit: Cel}, door: {pointer: /d, as: boolean}, m: {pointer: /m~1~0, as: text}}}",
                #"{"s": [{"t": "21.5"}], "d": 1, "m/~": "idle"}"#,
                ["room.temperature = 21.5 Cel", "door = true", #"m = "idle""#]
            ),
            (
                "{type: json, each: /readings, fields: {t: /v}, tags: {id: /id}, time: {pointer: /ts, format: ms}}",
                #"{"readings": [{"id": 1, "v": 5, "ts": 1700000000123}, {"id": 2, "v": 6, "ts": 1700000000123}]}"#,
                ["t,id=1 = 5.0 @ 2023-11-14T22:13:20.123Z", "t,id=2 = 6.0 @ 2023-11-14T22:13:20.123Z"]
            ),
            (
                "{type: json, fields: {t: /v}, time: {pointer: /ts, format: s}}", #"{"v": 1, "ts": 1700000000.25}"#,
                ["t = 1.0 @ 2023-11-14T22:13:20.250Z"]
            ),
            (
                "{type: csv, columns: [at, room, temp, note], fields: {t: {column: temp, unit: Cel}}, tags: {room: room}, time: {column: at, format: utc}}",
                "2026-01-02 03:04:05,\"bay \"\"3\"\", north\",21.5,",
                [#"t,room=bay "3", north = 21.5 Cel @ 2026-01-02T03:04:05Z"#]
            ),
            ("{type: csv, header: false, delimiter: ';', fields: {a: 1, b: 3}}", "1; x ; 3 ", ["a = 1.0", "b = 3.0"]),
            ("{type: csv, header: false, delimiter: tab}", "1\tx\t3", ["1 = 1.0", "3 = 3.0"]),
            (
                "csv", "time,Temp C,hum\n1,21.5,40\n2,22,\n",
                ["time = 1.0", "temp_c = 21.5", "hum = 40.0", "time = 2.0", "temp_c = 22.0"]
            ),
            ("{type: csv, comment: '#', columns: [a]}", "# x\r\n5\r\n", ["a = 5.0"]),
            (
                "{type: csv, columns: [d, v], fields: {v: v}, time: {column: d, format: '%d.%m.%Y %H:%M:%S'}}",
                "02.01.2026 03:04:05,1",
                ["v = 1.0 @ 2026-01-02T03:04:05Z"]
            ),
            (
                "{type: csv, columns: [d, v], fields: {v: v}, time: {column: d, format: '%Y-%m-%dT%H:%M:%S%z'}}",
                "2026-01-02T03:04:05+0100,1",
                ["v = 1.0 @ 2026-01-02T02:04:05Z"]
            ),
            (
                "key-value", "INFO temp=21.5 hum=40, state=idle;Power=-1e3 empty= x",
                ["temp = 21.5", "hum = 40.0", "power = -1000.0"]
            ),
            (
                "{type: key-value, assign: ':', separator: '|', fields: {t: Temp, s: {key: State, as: text}}}",
                "Temp: 21.5 |State: \"very idle\"| x",
                ["t = 21.5", #"s = "very idle""#]
            ),
            (
                #"{type: regex, pattern: "([A-Z]+) +w=([0-9.]+) ?(kg)?", fields: {scale.weight: {group: 2, unit: kg}}, tags: {scale: 1}}"#,
                "2026 AB  w=12.5 kg stable", ["scale.weight,scale=AB = 12.5 kg"]
            ),
            (#"{type: regex, pattern: "a=([0-9]+)( b=([0-9]+))?", fields: {a: 1, b: 3}}"#, "a=1", ["a = 1.0"]),
        ])
    func good(format: String, record: String, expected: [String]) throws {
        var bench = try FormatBench(format)
        bench.take([record])
        #expect(bench.lines == expected)
        #expect(bench.sink.rejected.isEmpty, "\(bench.log.text)")
    }

    @Test(
        "a bad record is counted by its reason, and the log says what to do",
        arguments: [
            ("line", "m a", "bad line", "no '='"),
            (
                "{type: value, series: t}", "abc", "bad value",
                "'abc' is not a number; a field of words needs 'as: text'"
            ),
            ("{type: value, series: t}", "21,5", "bad value", "not a number"),
            ("{type: value, series: t}", "nan", "bad value", "not a number"),
            ("{type: value, series: t}", "1e999", "bad value", "64-bit float"),
            ("{type: value, series: t, as: integer}", "1.5", "bad value", "whole number"),
            ("{type: value, series: t, as: integer}", "99999999999999999999", "bad value", "whole number"),
            ("{type: value, series: t, as: boolean}", "maybe", "bad value", "true or false"),
            ("json", "{\"a\": 1", "bad record", "not JSON"),
            ("json", #"{"a": 1, "a": 2}"#, "bad record", "stands twice"),
            ("json", "[]", "bad record", "no value"),
            ("json", String(repeating: "[", count: 5000), "bad record", "nested deeper"),
            ("json", #"{"a": 1e999}"#, "bad record", "range of a double"),
            ("json", #"{"Temp": 1, "temp": 2}"#, "bad value", "would both be the series 'temp'"),
            ("json", #"{"温度": 1}"#, "bad value", "name it in 'fields'"),
            ("{type: json, fields: {t: /v}}", #"{"w": 1}"#, "bad record", "looked for '/v'"),
            ("{type: json, fields: {t: /v}}", #"{"v": true}"#, "bad value", "add 'as: boolean'"),
            ("{type: json, fields: {t: /v}}", #"{"v": {"w": 1}}"#, "bad value", "point at a value inside it"),
            ("{type: json, fields: {t: /v}, time: /ts}", #"{"v": 1}"#, "bad time", "has no time '/ts'"),
            ("{type: json, fields: {t: /v}, time: /ts}", #"{"v": 1, "ts": "yesterday"}"#, "bad time", "'yesterday'"),
            (
                "{type: json, fields: {t: /v}, time: {pointer: /ts, format: s}}", #"{"v": 1, "ts": 1e30}"#, "bad time",
                "count of s"
            ),
            ("{type: json, each: /r, fields: {t: /v}}", #"{"r": 1}"#, "bad record", "points at no list"),
            (
                "{type: json, fields: {t: /v}, tags: {device: /d}}", #"{"v": 1, "d": "Arm 7"}"#, "bad record",
                "a device must be"
            ),
            ("{type: csv, columns: [a, b]}", "1,2,3", "bad record", "3 columns instead of 2"),
            ("{type: csv, columns: [a, b]}", "\"1,2", "bad record", "quote is not closed"),
            ("{type: csv, columns: [a, b]}", "\"1\"x,2", "bad record", "follows the closing quote"),
            ("{type: csv, columns: [a, b]}", "x,y", "bad record", "no value"),
            ("{type: csv, fields: {t: temp}}", "time,hum", "bad record", "no column 'temp'; it has time, hum"),
            ("key-value", "nothing here", "bad record", "no value"),
            ("key-value", "a=\"x", "bad record", "quote is not closed"),
            (#"{type: regex, pattern: "w=([0-9]+)", fields: {w: 1}}"#, "v=1", "bad record", "does not match"),
            (#"{type: regex, pattern: "w=([0-9]+)", fields: {w: 1}}"#, "w=1\u{0}", "bad record", "NUL"),
            ("{type: value, series: t, as: text}", "\u{FF}", "none", ""),
        ])
    func bad(format: String, record: String, reason: String, message: String) throws {
        var bench = try FormatBench(format)
        bench.take([record])
        if reason == "none" { return }
        #expect(bench.sink.rejected == [reason: 1], "\(bench.log.text)")
        #expect(bench.log.text.first?.contains(message) == true, "\(bench.log.text)")
        #expect(bench.log.text.first?.contains("/dev/x, record 1") == true, "\(bench.log.text)")
        #expect(bench.lines.count <= 1)
    }

    @Test("bytes that are not UTF-8 are no text")
    func notText() throws {
        var bench = try FormatBench("{type: value, series: t, as: text}")
        bench.take(bytes: [0x61, 0xFF])
        #expect(bench.sink.rejected == ["bad value": 1])
        #expect(bench.log.text.first?.contains("not UTF-8") == true)
    }

    @Test("one bad value costs only itself, one bad element of a list only itself")
    func partial() throws {
        var json = try FormatBench("{type: json, fields: {a: /a, b: /b}}")
        json.take([#"{"a": "broken", "b": 2}"#])
        #expect(json.lines == ["b = 2.0"])
        #expect(json.sink.rejected == ["bad value": 1])
        var list = try FormatBench("{type: json, each: '', fields: {a: /a}}")
        list.take([#"[{"a": 1}, {}, {"a": 3}]"#])
        #expect(list.lines == ["a = 1.0", "a = 3.0"])
        #expect(list.sink.rejected == ["bad record": 1])
        var csv = try FormatBench("{type: csv, columns: [a, b]}")
        csv.take(["1,2\n\"3,4\n5,6\n"])
        #expect(csv.lines == ["a = 1.0", "b = 2.0", "a = 5.0", "b = 6.0"])
        #expect(csv.sink.rejected == ["bad record": 1])
    }

    @Test("a record that turns out to be bad leaves no series behind")
    func nothingLeft() throws {
        var bench = try FormatBench("line")
        bench.take(["m a=1,B=2"])
        #expect(bench.sink.series.isEmpty)
        #expect(bench.sink.samples.isEmpty)
    }

    @Test("tags and units of the input go to every series; a record's own tags win")
    func inputTags() throws {
        var bench = try FormatBench(
            "line", "tags: {side: left, bay: \"3\"}\nunits: {m.a: N}\ndevice: gripper-2\nclass: bulk")
        bench.take(["m,side=right a=1,b=true"])
        #expect(
            bench.lines == [
                "m.a,bay=3,device=gripper-2,side=right = 1.0 N", "m.b,bay=3,device=gripper-2,side=right = true",
            ])
        #expect(bench.sink.priorities == [.bulk])
    }

    @Test("a series keeps its kind: a number where words were is refused, and the other way round")
    func kinds() throws {
        var bench = try FormatBench("line")
        bench.take(["m a=\"x\"", "m a=1"])
        #expect(bench.sink.rejected == ["bad value": 1])
    }

    @Test("the names of columns come anew with each stream, and a row of names that comes again is none of values")
    func header() throws {
        var bench = try FormatBench("csv")
        bench.take(["a,b", "1,2", "a,b", "3,4"])
        bench.restart()
        bench.take(["b,a", "5,6"])
        #expect(bench.lines == ["a = 1.0", "b = 2.0", "a = 3.0", "b = 4.0", "b = 5.0", "a = 6.0"])
        #expect(bench.sink.rejected.isEmpty)
    }

    @Test("a pattern may pass over records that are not meant")
    func skipped() throws {
        var bench = try FormatBench(#"{type: regex, pattern: "w=([0-9]+)", others: skip, fields: {w: 1}}"#)
        bench.take(["hello", "w=5"])
        #expect(bench.lines == ["w = 5.0"])
        #expect(bench.sink.rejected.isEmpty)
    }

    @Test(
        "a mistake in a format is told before anything runs",
        arguments: [
            ("nema", "did you mean 'nmea'?"), ("regex", "write {type: regex, …}"),
            ("{type: json, fields: {t: temp}}", "a JSON pointer begins with '/'"),
            ("{type: json, fields: {T: /temp}}", "a series name"),
            ("{type: json, fields: {}}", "one series or more"),
            ("{type: json, fields: all}", "'*' for all"),
            ("{type: json, fields: {t: {pointer: /a, unit: celsius}}}", "did you mean 'Cel'?"),
            ("{type: json, fields: {t: {pointer: /a, as: text, unit: Cel}}}", "a state has none"),
            ("{type: json, fields: {t: {pointer: /a, range: [2, 1]}}}", "[least, greatest]"),
            ("{type: json, fields: {t: {pointer: /a, scale: 0}}}", "must not be 0"),
            ("{type: json, fields: {t: /a}, prefix: x}", "is only for"),
            ("{type: json, fields: {t: /a}, time: {pointer: /t, format: epoch}}", "must be rfc3339"),
            ("{type: csv, columns: [a, b], fields: {t: c}}", "there is no column 'c'"),
            ("{type: csv, header: false, fields: {t: c}}", "go by number"),
            ("{type: regex, pattern: 'a(b', fields: {t: 1}}", "not a POSIX extended regular expression"),
            (#"{type: regex, pattern: '(a)\1', fields: {t: 1}}"#, "refer back"),
            ("{type: regex, pattern: 'a(b)', fields: {t: 2}}", "has 1 groups"),
            ("{type: regex, pattern: 'a(b)', fields: {t: b}}", "between 1 and 99"),
            ("{type: value}", "missing"),
        ])
    func mistakes(format: String, message: String) {
        let errors = FormatBench.errors(format)
        #expect(errors.count == 1, "\(errors)")
        #expect(errors.first?.contains(message) == true, "\(errors)")
    }

    @Test(
        "a pointer follows RFC 6901",
        arguments: [
            ("", "[1,[2]]", "[1,[2]]"), ("/a~1b", #"{"a/b":1}"#, "1"), ("/m~0n", #"{"m~n":8}"#, "8"),
            ("/", #"{"":0}"#, "0"),
            ("/1/0", "[1,[2]]", "2"), ("/01", "[1,2]", "none"), ("/2", "[1,2]", "none"), ("/a/b", #"{"a":1}"#, "none"),
        ])
    func pointers(text: String, document: String, expected: String) throws {
        let pointer = try #require(JSONPointer(text))
        let found = pointer.value(in: try .parsing(document))
        #expect(try found == (expected == "none" ? nil : .parsing(expected)))
    }
}
