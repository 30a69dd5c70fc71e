import Frames
import Installation
import JSON
import Telemetry
import Testing

@testable import Agent

@Suite("Names as SenML has them")
struct SenMLNameTests {
    private func name(_ series: Series) -> String { SenMLName(series, agent: .named("box")).full }

    @Test(
        "device, series, then the remaining tags by key",
        arguments: [
            (Series("cpu.usage"), "box/cpu.usage"),
            (Series("cpu.usage", tags: [Tag("core", "0")]), "box/cpu.usage/core:0"),
            (Series("a", tags: [Tag("z", "1"), Tag("b", "2")]), "box/a/b:2/z:1"),
            (
                Series("joint.temperature", tags: [Tag("device", "arm-07"), Tag("joint", "3")]),
                "arm-07/joint.temperature/joint:3"
            ),
            (Series("disk_io.read"), "box/disk_io.read"),
            (Series("a", tags: [Tag("path", "/var/lib")]), "box/a/path:_2fvar_2flib"),
            (Series("a", tags: [Tag("k", "")]), "box/a/k:"),
            (Series("a", tags: [Tag("k", "é\n")]), "box/a/k:_c3_a9_0a"),
            (Series("a", tags: [Tag("device", "a/b")]), "a_2fb/a"),
            (Series("a", tags: [Tag("k:v", "w")]), "box/a/k_3av:w"),
        ])
    func layout(series: Series, expected: String) {
        #expect(name(series) == expected)
    }

    @Test("two series never get one name, whatever separators their tags have")
    func injective() {
        let texts = ["", "a", "b", "a/b", "a:b", "a_2fb", "a_2f", "_", "/", ":", "_5f", "A", "é", "e\u{301}"]
        var names: Set<[UInt8]> = []
        var count = 0
        for key in texts {
            for value in texts {
                for device in [nil, "a", "a/b", "box"] as [String?] {
                    // The agent's own id names the agent itself.
                    guard device != "box" else { continue }
                    let tags = [Tag(key, value)] + (device.map { [Tag("device", $0)] } ?? [])
                    names.insert(Array(name(Series("s", tags: tags)).utf8))
                    count += 1
                }
            }
        }
        #expect(names.count == count)
    }

    @Test("only characters that SenML allows come out (RFC 8428, section 4.5.1)")
    func alphabet() {
        let all = String(decoding: UInt8.min...UInt8.max, as: UTF8.self)
        let allowed = Set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-:./_".utf8)
        #expect(name(Series("s", tags: [Tag("device", all), Tag(all, all)])).utf8.allSatisfy(allowed.contains))
    }
}

@Suite("What people and other programs see")
struct SeriesViewTests {
    private static let noon: Int64 = 1_795_676_400
    private var view: SeriesView

    init() {
        view = SeriesView(site: .named("lab"), agent: .named("box"))
        let celsius = Unit.celsius
        let series = [
            Series("joint.temperature", tags: [Tag("device", "arm-07"), Tag("joint", "3")], unit: celsius),
            Series("cpu.usage", tags: [Tag("core", "0")], unit: .percent), Series("mode", kind: .state),
            Series("frames", kind: .counter),
        ]
        view.define(series.enumerated().map { SeriesDefinition(id: SeriesID(rawValue: UInt32($0)), series: $1) })
    }

    private func batch(_ samples: (series: UInt32, time: Double, value: Value, quality: Quality)...) throws
        -> SampleBatch
    {
        var batch = SampleBatch()
        for sample in samples {
            try batch.append(
                Sample(
                    series: SeriesID(rawValue: sample.series),
                    timestamp: Timestamp(nanoseconds: Int64(sample.time * 1e3) * 1_000_000),
                    value: sample.value, quality: sample.quality))
        }
        return batch
    }

    private mutating func packs(_ batch: SampleBatch) -> [String] {
        var packs: [String] = []
        view.packs(of: batch) { packs.append(String(decoding: $0, as: UTF8.self)) }
        return packs
    }

    private mutating func latestPacks() -> [String] {
        var packs: [String] = []
        view.latestPacks { packs.append(String(decoding: $0, as: UTF8.self)) }
        return packs
    }

    private mutating func states() -> [String: String] {
        var states: [String: String] = [:]
        view.states { states[$0] = String(decoding: $1, as: UTF8.self) }
        return states
    }

    @Test("a pack states base name and time once, and of each sample what differs")
    mutating func pack() throws {
        let noon = Double(Self.noon)
        let batch = try batch(
            (0, noon, .double(36.5), []), (1, noon, .integer(7), []), (2, noon + 0.25, .text("auto \"1\""), []),
            (2, noon + 1, .boolean(true), [.unreliable, .outOfRange]), (0, noon - 1, .double(.nan), []),
            (3, noon, .integer(.max), []), (0, noon, .double(-.infinity), .calibrationExpired))
        #expect(
            packs(batch) == [
                """
                [{"bn":"lab/box/","bt":1795676400,"n":"arm-07/joint.temperature/joint:3","u":"Cel","v":36.5},\
                {"n":"box/cpu.usage/core:0","u":"%","v":7},{"t":0.25,"n":"box/mode","vs":"auto \\"1\\""},\
                {"t":1,"n":"box/mode","vb":true,"q":"out-of-range unreliable"},\
                {"t":-1,"n":"arm-07/joint.temperature/joint:3","u":"Cel","q":"not-finite"},\
                {"n":"box/frames","u":"/","v":9223372036854775807},\
                {"n":"arm-07/joint.temperature/joint:3","u":"Cel","q":"calibration-expired not-finite"}]
                """
            ])
    }

    @Test("a clock that stands near 1970 gives no time at all, and packs of their own; q says why")
    mutating func unsynchronised() throws {
        let noon = Double(Self.noon)
        let batch = try batch(
            (1, 3.5, .double(1), .clockUnsynchronised), (1, 4.5, .double(2), []), (1, noon, .double(3), []),
            (1, 5, .double(4), []))
        let first = """
            [{"bn":"lab/box/","n":"box/cpu.usage/core:0","u":"%","v":1,"q":"clock-unsynchronised"},\
            {"n":"box/cpu.usage/core:0","u":"%","v":2,"q":"clock-unsynchronised"}]
            """
        #expect(
            packs(batch) == [
                first, "[{\"bn\":\"lab/box/\",\"bt\":1795676400,\"n\":\"box/cpu.usage/core:0\",\"u\":\"%\",\"v\":3}]",
                "[{\"bn\":\"lab/box/\",\"n\":\"box/cpu.usage/core:0\",\"u\":\"%\",\"v\":4,\"q\":\"clock-unsynchronised\"}]",
            ])
    }

    @Test("a long batch is several packs, each whole and each with its own base")
    mutating func longBatch() throws {
        var batch = SampleBatch()
        for number in 0..<10_000 {
            try batch.append(
                Sample(
                    series: SeriesID(rawValue: 1), timestamp: Timestamp(seconds: Self.noon + Int64(number)),
                    value: .integer(Int64(number))))
        }
        var numbers: [Int64] = []
        for text in packs(batch) {
            #expect(text.utf8.count < 66_000)
            let records = try #require(try JSONParser.parse(text).array)
            #expect(records[0]["bn"]?.string == "lab/box/")
            let base = try #require(records[0]["bt"]?.int64)
            for record in records {
                let number = try #require(record["v"]?.int64)
                #expect(base + (record["t"]?.int64 ?? 0) == Self.noon + number)
                numbers.append(number)
            }
        }
        #expect(numbers == Array(0..<10_000))
    }

    @Test("samples of series that nobody defined are left out, and none makes no pack")
    mutating func unknown() throws {
        #expect(packs(try batch((9, Double(Self.noon), .integer(1), []))) == [])
        #expect(packs(SampleBatch()) == [])
        #expect(
            packs(try batch((9, Double(Self.noon), .integer(1), []), (2, Double(Self.noon), .boolean(false), []))) == [
                "[{\"bn\":\"lab/box/\",\"bt\":1795676400,\"n\":\"box/mode\",\"vb\":false}]"
            ])
    }

    @Test("'latest' is the last sample of each series since the last time")
    mutating func latest() throws {
        let noon = Double(Self.noon)
        view.note(try batch((1, noon, .integer(1), []), (3, noon, .integer(2), []), (1, noon + 1, .integer(3), [])))
        #expect(
            latestPacks() == [
                """
                [{"bn":"lab/box/","bt":1795676401,"n":"box/cpu.usage/core:0","u":"%","v":3},\
                {"t":-1,"n":"box/frames","u":"/","v":2}]
                """
            ])
        #expect(latestPacks() == [])
        view.note(try batch((3, noon, .integer(5), [])))
        view.forgetFreshness()
        #expect(latestPacks() == [])
    }

    @Test("a state document is the latest of each series of a device, flat")
    mutating func stateDocuments() throws {
        #expect(states().isEmpty, "there is none before there is a value")
        let noon = Double(Self.noon)
        view.note(
            try batch(
                (0, noon, .double(36.5), []), (1, noon + 0.5, .double(.nan), []), (2, noon - 5, .text("auto"), []),
                (3, noon, .integer(4), [])))
        #expect(
            states() == [
                "arm-07": "{\"time\":\"2026-11-26T07:00:00Z\",\"joint.temperature/joint:3\":36.5}",
                "box":
                    "{\"time\":\"2026-11-26T07:00:00.500Z\",\"cpu.usage/core:0\":null,\"mode\":\"auto\",\"frames\":4}",
            ])
        view.note(try batch((2, noon, .boolean(true), [])))
        #expect(states()["box"]?.contains("\"mode\":true") == true, "what was known of the others stays")
        #expect(states()["box"]?.contains("\"frames\":4") == true)
    }

    @Test("a state document of an unsynchronised clock has no time")
    mutating func stateWithoutClock() throws {
        view.note(try batch((3, 12, .integer(4), .clockUnsynchronised)))
        #expect(states() == ["box": "{\"frames\":4}"])
    }

    @Test("meta describes the agent and its series")
    mutating func meta() throws {
        var view = SeriesView(site: .named("lab"), agent: .named("box"))
        let expiry = Timestamp(seconds: Self.noon)
        let series = [
            Series(
                "force", tags: [Tag("device", "arm")], unit: try #require(Unit("N")),
                provenance: Provenance(serial: "SN \"1\"", range: -5...5, calibrationExpiry: expiry)),
            Series("mode", kind: .state, provenance: Provenance(range: 0...(.infinity))),
        ]
        view.define(series.enumerated().map { SeriesDefinition(id: SeriesID(rawValue: UInt32($0)), series: $1) })
        let clock = ClockReading(
            boot: UUIDBytes(high: 1, low: 2), sinceBoot: 3, wall: Timestamp(seconds: 4),
            state: ClockState(isSynchronised: false, maximumError: 16_000_000_000))
        let meta = view.meta(
            InstallationIdentity(install: UUIDBytes(high: 5, low: 6), epoch: 7), labels: ["b": "2", "a": "1"],
            clock: clock)
        #expect(
            String(decoding: meta, as: UTF8.self) == """
                {"version":"\(AgentVersion.text)","site":"lab","agent":"box","install":"00000000000000050000000000000006",\
                "epoch":7,"boot":"00000000000000010000000000000002","clock":{"synchronised":false,"error_s":16},\
                "labels":{"a":"1","b":"2"},"commands":["diagnose","drain","resend"],"series":[{"name":"force","tags":{"device":"arm"},"senml":"arm/force","unit":"N",\
                "kind":"gauge","serial":"SN \\"1\\"","range":[-5,5],"calibration_until":"2026-11-26T07:00:00Z"},\
                {"name":"mode","senml":"box/mode","unit":"1","kind":"state"}]}
                """)
    }
}
