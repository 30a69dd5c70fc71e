import Foundation
import Telemetry
import Testing

@testable import Inputs

@Suite("Host: what changes while it is watched")
struct HostCollectorTests {
    /// One group read from a tree that a test writes.
    struct Bench {
        let tree: HostTree
        let sink: RecordingSink
        let log = RecordingLog()
        private var collector: HostCollector
        private var seconds = 0.0

        init(_ group: HostGroup, limit: Int = .max, _ change: (inout HostSettings) -> Void = { _ in }) throws {
            tree = try HostTree()
            sink = RecordingSink(limit: limit)
            var settings = HostSettings()
            settings.collect = [group]
            change(&settings)
            collector = HostCollector(
                settings, environment: .test(name: "host", root: tree.root, log: log), sink: sink,
                moment: HostGoldenTests.start, probe: tree.fill)
        }

        /// What one more reading gives.
        mutating func read(after seconds: Double = 1) -> [String] {
            self.seconds += seconds
            sink.clear()
            collector.collect(at: HostGoldenTests.moment(after: self.seconds))
            return sink.samples.map { "\($0.series.key) = \($0.sample.value.plain)" }
        }
    }

    @Test("shares begin with the second reading, and a counter that began anew costs one interval")
    func processorReset() throws {
        var bench = try Bench(.cpu) { $0.cores = .none }
        defer { bench.tree.remove() }
        func show(_ user: Int, _ idle: Int) throws {
            try bench.tree.write(
                "proc/stat", "cpu  \(user) 0 0 \(idle) 0 0 0 0 0 0\ncpu0 \(user) 0 0 \(idle) 0 0 0 0 0 0\nintr 1\n")
        }
        try show(1000, 1000)
        #expect(bench.read() == [])
        try show(1025, 1075)
        #expect(bench.read().first == "cpu.usage = 25.0")
        try show(10, 10)
        #expect(bench.read() == [])
        try show(60, 60)
        #expect(bench.read().first == "cpu.usage = 50.0")
        #expect(bench.read() == [], "no time went by")
    }

    @Test("a core that is switched off and on again has no share of the time between")
    func coreGone() throws {
        var bench = try Bench(.cpu)
        defer { bench.tree.remove() }
        let all = "cpu  10 0 0 10\ncpu0 5 0 0 5\ncpu1 5 0 0 5\n"
        try bench.tree.write("proc/stat", all)
        _ = bench.read()
        try bench.tree.write("proc/stat", "cpu  20 0 0 20\ncpu0 15 0 0 15\n")
        #expect(!bench.read().contains { $0.hasPrefix("cpu.usage,core=1") })
        try bench.tree.write("proc/stat", "cpu  40 0 0 20\ncpu0 25 0 0 15\ncpu1 15 0 0 5\n")
        #expect(
            bench.read().filter { $0.contains("core") } == ["cpu.usage,core=0 = 100.0", "cpu.usage,core=1 = 100.0"])
    }

    @Test("a group that is missing, comes and goes is told once each time")
    func presence() throws {
        var bench = try Bench(.uptime)
        defer { bench.tree.remove() }
        #expect(bench.read() == [])
        #expect(bench.read() == [])
        #expect(bench.log.text == ["info: this host has no 'uptime' to read; nothing is given for it"])
        try bench.tree.write("proc/uptime", "12.50 3.00\n")
        #expect(bench.read() == [], "what is missing is looked for once a minute")
        #expect(bench.read(after: 60) == ["uptime = 12.5"])
        #expect(bench.read() == ["uptime = 12.5"])
        try bench.tree.write("proc/uptime", "")
        #expect(bench.read() == [])
        #expect(bench.read() == [])
        #expect(
            bench.log.text.dropFirst() == [
                "info: 'uptime' can be read again", "warning: 'uptime' can no longer be read",
            ])
    }

    @Test("files that are cut short or hold nonsense give less, never a crash")
    func nonsense() throws {
        let seed = SplitMix.seed
        var random = SplitMix(state: seed)
        let tree = try HostTree("x86-server")
        defer { tree.remove() }
        try tree.show("a")
        let files = [
            "proc/stat", "proc/loadavg", "proc/meminfo", "proc/pressure/io", "proc/diskstats", "proc/self/mountinfo",
            "proc/self/net/dev", "proc/uptime", "proc/self/stat", "proc/self/smaps_rollup",
            "sys/class/thermal/thermal_zone0/temp",
        ]
        for round in 0..<200 {
            let file = files[Int(random.next() % UInt64(files.count))]
            let whole = try String(contentsOfFile: tree.root + "/" + file, encoding: .utf8)
            var bytes = Array(whole.utf8.prefix(Int(random.next() % UInt64(whole.utf8.count + 1))))
            if !bytes.isEmpty {
                bytes[Int(random.next() % UInt64(bytes.count))] = UInt8(truncatingIfNeeded: random.next() & 0x7F)
            }
            try tree.write(file, String(decoding: bytes, as: UTF8.self))
            let sink = RecordingSink()
            var collector = HostCollector(
                HostSettings(), environment: .test(root: tree.root), sink: sink, moment: HostGoldenTests.start,
                probe: tree.fill)
            for second in 0..<3 { collector.collect(at: HostGoldenTests.moment(after: Double(second))) }
            #expect(!sink.samples.isEmpty, "seed \(seed), round \(round)")
            let allFinite = sink.samples.allSatisfy { $0.sample.value.number?.isFinite == true }
            #expect(allFinite, "seed \(seed), round \(round)")
            try tree.write(file, whole)
        }
    }

    @Test("chips of one name are told apart by their device")
    func chips() throws {
        var bench = try Bench(.sensors)
        defer { bench.tree.remove() }
        for (chip, device) in [("hwmon3", "nvme0"), ("hwmon4", "nvme1")] {
            try bench.tree.write("sys/class/hwmon/\(chip)/name", "nvme\n")
            try bench.tree.write("sys/class/hwmon/\(chip)/temp1_input", "40000\n")
            try FileManager.default.createSymbolicLink(
                atPath: "\(bench.tree.root)/sys/class/hwmon/\(chip)/device", withDestinationPath: "../../\(device)")
        }
        #expect(
            bench.read() == [
                "sensor.temperature,chip=nvme-nvme0,sensor=temp1 = 40.0",
                "sensor.temperature,chip=nvme-nvme1,sensor=temp1 = 40.0",
            ])
    }

    @Test("a sensor that is plugged in is found within a minute")
    func hotplug() throws {
        var bench = try Bench(.thermal)
        defer { bench.tree.remove() }
        try bench.tree.write("sys/class/thermal/thermal_zone0/type", "soc\n")
        try bench.tree.write("sys/class/thermal/thermal_zone0/temp", "40000\n")
        #expect(bench.read() == ["thermal.temperature,zone=soc = 40.0"])
        try bench.tree.write("sys/class/thermal/thermal_zone1/type", "gpu\n")
        try bench.tree.write("sys/class/thermal/thermal_zone1/temp", "-5500\n")
        #expect(bench.read().count == 1)
        #expect(
            bench.read(after: 60) == ["thermal.temperature,zone=soc = 40.0", "thermal.temperature,zone=gpu = -5.5"])
    }

    @Test("interfaces that come and go do not pile up, and one that returns keeps its series")
    func churn() throws {
        var bench = try Bench(.network) { $0.exclude.interfaces = [] }
        defer { bench.tree.remove() }
        let heading = "Inter-|\n face |\n"
        func show(_ names: [String]) throws {
            let rows = names.map { " \($0): 1 2 3 4 0 0 0 0 5 6 7 8 0 0 0 0\n" }
            try bench.tree.write("proc/self/net/dev", heading + rows.joined())
        }
        for round in 0..<600 {
            try show(["eth0", "tmp\(round)"])
            #expect(bench.read().count == 16)
        }
        try show(["tmp0", "eth0"])
        #expect(bench.read().first == "network.receive.bytes,interface=tmp0 = 1i")
        #expect(bench.sink.series.count == 601 * 8)
    }

    @Test("what is excluded gets no series")
    func exclusions() throws {
        var bench = try Bench(.network) { $0.exclude.interfaces = [NamePattern("w*0")] }
        defer { bench.tree.remove() }
        try bench.tree.write(
            "proc/self/net/dev",
            "a\nb\n wlan0: 1 2 3 4 0 0 0 0 5 6 7 8 0 0 0 0\nwlan1:1 2 3 4 0 0 0 0 5 6 7 8 0 0 0 0\n")
        #expect(bench.read().count == 8)
        #expect(bench.sink.series.allSatisfy { $0[tag: "interface"] == "wlan1" })
    }

    @Test("values above the limit on series are counted")
    func limit() throws {
        var bench = try Bench(.load, limit: 3)
        defer { bench.tree.remove() }
        try bench.tree.write("proc/loadavg", "1.00 2.00 3.00 1/100 5\n")
        #expect(bench.read().count == 3)
        #expect(bench.sink.rejected == ["limit on series": 1])
    }

    @Test(
        "patterns are the shell's",
        arguments: [
            ("veth*", "veth12", true), ("veth*", "veth", true), ("veth*", "eveth", false), ("*", "", true),
            ("", "", true),
            ("?", "", false), ("a?c", "abc", true), ("*a*b", "xxaxxb", true), ("*a*b", "xxaxxbc", false),
            ("a*", "b", false),
            ("**x**", "x", true), ("lo", "loop0", false),
        ])
    func patterns(pattern: String, name: String, isMatch: Bool) {
        #expect(NamePattern(pattern).matches(name) == isMatch)
    }
}

@Suite("Host: the box the tests run on", .timeLimit(.minutes(1)))
struct HostInputTests {
    @Test("this box is measured until it is told to stop")
    func run() async throws {
        let sink = RecordingSink()
        var settings = HostSettings()
        settings.every = 20_000_000
        let input = try HostInput(settings, environment: .test(name: "host"))
        let running = try RunningInput { waker throws(InputError) in try input.run(into: sink, until: waker) }
        let names = ["cpu.usage", "load.1m", "memory.total", "filesystem.usage", "agent.cpu.time", "uptime"]
        #expect(
            await eventually {
                let given = Set(sink.samples.map(\.series.name))
                return names.allSatisfy(given.contains)
            }, "\(Set(sink.series.map(\.name)).sorted())")
        #expect(await running.stop() == nil)
        let memory = sink.samples.first { $0.series.name == "memory.total" }?.sample.value.number ?? 0
        #expect(memory > 1e8)
    }
}
