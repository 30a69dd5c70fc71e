#if ROS2
import Foundation
import Synchronization
import Telemetry
import Testing

@testable import Inputs

@Suite("ROS 2: beside publishers by another DDS", .serialized)
struct ROS2PeerTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let type: String
        var settings = ""
        let message: String
        let expected: [String]
        var testDescription: String { type }
    }

    private static let header = #""header": {"stamp": {"sec": 1795300000, "nanosec": 0}, "frame_id": "base"}"#
    private static let vectors = #"{"x": 1, "y": 2, "z": 3}"#
    private static let turns = #"{"x": 0.5, "y": -0.5, "z": 0.25, "w": 0.75}"#

    private static func axes(_ series: String, _ unit: String, _ values: [String] = ["1.0", "2.0", "3.0"]) -> [String] {
        zip(["x", "y", "z", "w"], values).map { "\(series),axis=\($0) = \($1)\(unit)" }
    }

    private static let rotation = ["0.5", "-0.5", "0.25", "0.75"]

    static let cases: [Case] = [
        Case(
            type: "sensor_msgs/JointState", settings: "prismatic: [\"slide*\"]",
            message: """
                {\(header), "name": ["elbow", "slider", "Gripper/left"], "position": [0.5, 0.25, 1], "velocity": [-1, 2, 0], "effort": []}
                """,
            expected: [
                "joint.position,joint=elbow = 0.5 rad", "joint.velocity,joint=elbow = -1.0 rad/s",
                "joint.position,joint=slider = 0.25 m", "joint.velocity,joint=slider = 2.0 m/s",
                "joint.position,joint=Gripper/left = 1.0 rad", "joint.velocity,joint=Gripper/left = 0.0 rad/s",
            ]),
        Case(
            type: "sensor_msgs/BatteryState", settings: "tags: {battery: main}, series: pack",
            message: """
                {\(header), "voltage": 24.5, "temperature": NaN, "current": -1.5, "charge": NaN, "capacity": 10, "design_capacity": 12, \
                "percentage": 0.75, "power_supply_status": 2, "power_supply_health": 1, "present": true, "cell_voltage": [4, 4.25], \
                "cell_temperature": [NaN], "location": "bay", "serial_number": "x"}
                """,
            expected: [
                "pack.voltage,battery=main = 24.5 V", "pack.current,battery=main = -1.5 A",
                "pack.capacity,battery=main = 10.0 A.h", "pack.design_capacity,battery=main = 12.0 A.h",
                "pack.percentage,battery=main = 0.75", "pack.status,battery=main = \"discharging\"",
                "pack.health,battery=main = \"good\"", "pack.present,battery=main = true",
                "pack.cell_voltage,battery=main,cell=0 = 4.0 V", "pack.cell_voltage,battery=main,cell=1 = 4.25 V",
            ]),
        Case(
            type: "sensor_msgs/Imu",
            message: """
                {\(header), "orientation_covariance": [-1], "angular_velocity": \(vectors), "linear_acceleration": \(vectors)}
                """,
            expected: axes("imu.angular-velocity", " rad/s") + axes("imu.acceleration", " m/s2")),
        Case(
            type: "nav_msgs/Odometry",
            message: """
                {\(header), "child_frame_id": "b", "pose": {"pose": {"position": \(vectors), "orientation": \(turns)}}, \
                "twist": {"twist": {"linear": \(vectors), "angular": \(vectors)}}}
                """,
            expected: axes("odometry.position", " m") + axes("odometry.orientation", "", rotation)
                + axes("odometry.velocity", " m/s") + axes("odometry.angular-velocity", " rad/s")),
        Case(
            type: "geometry_msgs/WrenchStamped",
            message: "{\(header), \"wrench\": {\"force\": \(vectors), \"torque\": \(vectors)}}",
            expected: axes("wrench.force", " N") + axes("wrench.torque", " N.m")),
        Case(
            type: "geometry_msgs/PoseStamped",
            message: "{\(header), \"pose\": {\"position\": \(vectors), \"orientation\": \(turns)}}",
            expected: axes("pose.position", " m") + axes("pose.orientation", "", rotation)),
        Case(
            type: "geometry_msgs/TwistStamped",
            message: "{\(header), \"twist\": {\"linear\": \(vectors), \"angular\": \(vectors)}}",
            expected: axes("twist.velocity", " m/s") + axes("twist.angular-velocity", " rad/s")),
        Case(
            type: "geometry_msgs/Twist", message: "{\"linear\": \(vectors), \"angular\": \(vectors)}",
            expected: axes("twist.velocity", " m/s") + axes("twist.angular-velocity", " rad/s")),
        Case(
            type: "sensor_msgs/Temperature", message: "{\(header), \"temperature\": 21.5}",
            expected: ["temperature = 21.5 Cel"]),
        Case(
            type: "sensor_msgs/RelativeHumidity", message: "{\(header), \"relative_humidity\": 0.5}",
            expected: ["humidity = 0.5"]),
        Case(
            type: "sensor_msgs/FluidPressure", message: "{\(header), \"fluid_pressure\": 101325}",
            expected: ["pressure = 101325.0 Pa"]),
        Case(
            type: "sensor_msgs/Illuminance", message: "{\(header), \"illuminance\": 300}",
            expected: ["illuminance = 300.0 lx"]),
        Case(
            type: "sensor_msgs/Range",
            message: "{\(header), \"min_range\": 0.25, \"max_range\": 4, \"range\": 8}",
            expected: ["range = 8.0 m out-of-range"]),
        Case(
            type: "diagnostic_msgs/DiagnosticArray", settings: "values: [\"*temp*\"]",
            message: """
                {\(header), "status": [{"level": 0, "name": "motor: left", "message": "fine", "hardware_id": "m1", "values": \
                [{"key": "temp", "value": "41.5"}, {"key": "mode", "value": "run"}]}, {"level": 2, "name": "lidar", "message": "no data"}]}
                """,
            expected: [
                "diagnostic.level,status=motor: left = \"ok\"", "diagnostic.message,status=motor: left = \"fine\"",
                "diagnostic.value,key=temp,status=motor: left = 41.5", "diagnostic.level,status=lidar = \"error\"",
                "diagnostic.message,status=lidar = \"no data\"",
            ]),
        Case(type: "std_msgs/Bool", message: #"{"data": true}"#, expected: ["x.y = true"]),
        Case(type: "std_msgs/Float32", settings: "unit: N", message: #"{"data": 0.5}"#, expected: ["x.y = 0.5 N"]),
        Case(type: "std_msgs/Float64", message: #"{"data": 0.1}"#, expected: ["x.y = 0.1"]),
        Case(type: "std_msgs/Int8", message: #"{"data": -7}"#, expected: ["x.y = -7i"]),
        Case(type: "std_msgs/Int16", message: #"{"data": -700}"#, expected: ["x.y = -700i"]),
        Case(
            type: "std_msgs/Int32", settings: "series: count", message: #"{"data": -70000}"#,
            expected: ["count = -70000i"]),
        Case(type: "std_msgs/Int64", message: #"{"data": -70000000000}"#, expected: ["x.y = -70000000000i"]),
        Case(type: "std_msgs/UInt8", message: #"{"data": 200}"#, expected: ["x.y = 200i"]),
        Case(type: "std_msgs/UInt16", message: #"{"data": 60000}"#, expected: ["x.y = 60000i"]),
        Case(type: "std_msgs/UInt32", message: #"{"data": 4000000000}"#, expected: ["x.y = 4000000000i"]),
        Case(
            type: "std_msgs/UInt64", message: #"{"data": 18446744073709551615}"#,
            expected: ["x.y = 1.8446744073709552e+19"]),
        Case(type: "std_msgs/String", message: #"{"data": "auto ≈"}"#, expected: ["x.y = \"auto ≈\""]),
        Case(
            type: "std_msgs/Float64MultiArray", settings: "unit: A", message: #"{"data": [0.5, 1.5]}"#,
            expected: ["x.y,index=0 = 0.5 A", "x.y,index=1 = 1.5 A"]),
    ]

    @Test("every type that is read is read as it was published, twice alike")
    func types() async throws {
        #expect(Set(Self.cases.map(\.type)) == Set(ROS2Type.all.map(\.name)), "every type has its case")
        let peer = try ROS2Peer()
        defer { peer.end() }
        for item in Self.cases {
            try peer.tell("open /x/y \(item.type) reliable")
            let settings = item.settings.isEmpty ? "" : ", \(item.settings)"
            let scene = try ROS2Scene(
                domain: peer.domain, "{topic: x/y, type: \(item.type), qos: {reliability: reliable}\(settings)}")
            for round in 1...2 {
                try peer.tell("send /x/y \(item.message)")
                let expected = item.expected
                #expect(
                    await eventually { scene.lines.count >= expected.count * round },
                    "\(item.type): \(scene.lines), \(scene.log.text)")
            }
            #expect(await scene.input.stop() == nil)
            #expect(Set(scene.lines) == Set(item.expected), "\(item.type)")
            #expect(scene.lines.count == item.expected.count * 2, "\(item.type): \(scene.lines)")
            #expect(scene.sink.samples.allSatisfy { $0.sample.timestamp.nanoseconds == ROS2Scene.now })
            #expect(scene.sink.rejected.isEmpty, "\(item.type): \(scene.sink.rejected)")
            #expect(scene.log.text == ["info: a source answers"], "\(scene.log.text)")
            try peer.tell("close /x/y")
        }
    }

    @Test("joints that change their places keep their names, and what a message gets wrong is counted")
    func joints() async throws {
        let peer = try ROS2Peer()
        defer { peer.end() }
        try peer.tell("open /joint_states sensor_msgs/JointState reliable")
        let scene = try ROS2Scene(
            domain: peer.domain, "{topic: joint_states, type: sensor_msgs/JointState, qos: {reliability: reliable}}",
            settings: "time: arrival")
        try peer.tell(#"send /joint_states {"name": ["a", "b"], "position": [1, 2]}"#)
        try peer.tell(#"send /joint_states {"name": ["b", "a", "c"], "position": [3, 4, NaN]}"#)
        try peer.tell(#"send /joint_states {"name": ["a", "", "b"], "position": [5, 6, 7], "velocity": [1]}"#)
        let expected = [
            "joint.position,joint=a = 1.0 rad", "joint.position,joint=b = 2.0 rad", "joint.position,joint=b = 3.0 rad",
            "joint.position,joint=a = 4.0 rad", "joint.position,joint=c = nan rad unreliable",
            "joint.position,joint=a = 5.0 rad", "joint.position,joint=b = 7.0 rad",
        ]
        #expect(await eventually { scene.lines.count >= expected.count })
        #expect(await scene.input.stop() == nil)
        #expect(scene.lines == expected)
        #expect(scene.sink.rejected == ["bad name": 1, "bad message": 1], "\(scene.sink.rejected)")
    }

    @Test("names without end do not become series without end")
    func limits() async throws {
        let peer = try ROS2Peer()
        defer { peer.end() }
        try peer.tell("open /joint_states sensor_msgs/JointState reliable")
        let scene = try ROS2Scene(
            domain: peer.domain, "{topic: joint_states, type: sensor_msgs/JointState, qos: {reliability: reliable}}",
            settings: "time: arrival")
        for round in 0..<3 {
            let names = (0..<500).map { "\"j\(round)-\($0)\"" }.joined(separator: ",")
            let values = (0..<500).map { "\($0)" }.joined(separator: ",")
            try peer.tell("send /joint_states {\"name\": [\(names)], \"position\": [\(values)]}")
        }
        #expect(await eventually { scene.sink.rejected["limit on series"] == 476 }, "\(scene.sink.rejected)")
        #expect(scene.sink.series.count == 1024)
        #expect(await scene.input.stop() == nil)
    }

    @Test("a message longer than the limit, and a text longer than a value, cost only themselves")
    func sizes() async throws {
        let peer = try ROS2Peer()
        defer { peer.end() }
        try peer.tell("open /s std_msgs/String reliable")
        let scene = try ROS2Scene(
            domain: peer.domain, "{topic: s, type: std_msgs/String, qos: {reliability: reliable}}", limit: "16KiB")
        for count in [10, 5000, 20_000, 200_000, 4096] {
            try peer.tell("send /s {\"data\": \"\(String(repeating: "x", count: count))\"}")
            // Numbers of messages are looked at from the first message on that was taken.
            #expect(await eventually { !scene.sink.samples.isEmpty })
        }
        #expect(await eventually { scene.sink.samples.count == 2 }, "\(scene.log.text)")
        #expect(await scene.input.stop() == nil)
        #expect(scene.sink.samples.map { "\($0.sample.value.plain)".utf8.count } == [12, 4098])
        #expect(scene.sink.rejected == ["text too long": 1, "message lost": 2], "\(scene.sink.rejected)")
    }

    @Test(
        "a stamp that cannot be true is replaced by the time of arrival and marked",
        arguments: [
            (#"{"sec": 1795300059, "nanosec": 5}"#, 1_795_300_059_000_000_005, ""),
            (#"{"sec": 0, "nanosec": 0}"#, ROS2Scene.now, " clock-unsynchronised"),
            (#"{"sec": 120, "nanosec": 0}"#, ROS2Scene.now, " clock-unsynchronised"),
            (#"{"sec": 1795300061, "nanosec": 0}"#, ROS2Scene.now, " clock-unsynchronised"),
        ])
    func stamps(stamp: String, time: Int64, mark: String) async throws {
        let peer = try ROS2Peer()
        defer { peer.end() }
        try peer.tell("open /t sensor_msgs/Temperature reliable")
        let scene = try ROS2Scene(
            domain: peer.domain, "{topic: /t, type: sensor_msgs/Temperature, qos: {reliability: reliable}}")
        try peer.tell("send /t {\"header\": {\"stamp\": \(stamp)}, \"temperature\": 1}")
        #expect(await eventually { scene.lines == ["temperature = 1.0 Cel\(mark)"] }, "\(scene.lines)")
        #expect(scene.sink.samples.map(\.sample.timestamp.nanoseconds) == [time])
        let told = "warning: the time of arrival is taken for a topic: "
        if !mark.isEmpty { #expect(await eventually { scene.log.text.contains { $0.hasPrefix(told) } }) }
        #expect(await scene.input.stop() == nil)
        #expect(scene.log.text.filter { $0.hasPrefix(told) }.count == (mark.isEmpty ? 0 : 1))
    }

    @Test("of a fast topic only as many messages are taken as are wanted")
    func decimation() async throws {
        let peer = try ROS2Peer()
        defer { peer.end() }
        try peer.tell("open /f std_msgs/Float64 reliable")
        let scene = try ROS2Scene(domain: peer.domain, "{topic: f, type: std_msgs/Float64, every: 100ms}")
        try peer.tell("flood /f 500 500 {\"data\": 1}")
        #expect(await scene.input.stop() == nil)
        #expect((8...12).contains(scene.sink.samples.count), "\(scene.sink.samples.count)")
    }

    @Test("what cannot be taken in time is refused and counted, to the message")
    func overflow() async throws {
        let peer = try ROS2Peer()
        defer { peer.end() }
        try peer.tell("open /f std_msgs/Float64 reliable")
        let sink = RecordingSink()
        let scene = try ROS2Scene(
            domain: peer.domain, "{topic: f, type: std_msgs/Float64, qos: {depth: 5}}", sink: sink)
        // A publisher may know of a reader that does not know of it yet, and what it sends then nobody counts.
        #expect(
            await eventually {
                try? peer.tell("send /f {\"data\": 0}")
                return !sink.samples.isEmpty
            })
        var taken: Int { sink.samples.count { $0.sample.value == .double(1) } }
        // The sink is held while messages come, as by a reader that gets no processor.
        try sink.holding { try peer.tell("flood /f 300 1000 {\"data\": 1}") }
        #expect(
            await eventually { taken + (sink.rejected["queue full"] ?? 0) == 300 },
            "\(taken) \(sink.rejected)")
        #expect((sink.rejected["queue full"] ?? 0) > 200)
        #expect(await scene.input.stop() == nil)
    }

    @Test("what had come before the end is given")
    func ends() async throws {
        let peer = try ROS2Peer()
        defer { peer.end() }
        try peer.tell("open /f std_msgs/Float64 reliable")
        let scene = try ROS2Scene(
            domain: peer.domain, "{topic: f, type: std_msgs/Float64, qos: {reliability: reliable}}")
        try peer.tell("send /f {\"data\": 0}")
        #expect(await eventually { scene.sink.samples.count == 1 })
        try scene.sink.holding {
            try peer.tell("flood /f 150 1000 {\"data\": 1}")
            // They are on their way to this process when the publisher has sent them, and sent again until they are here.
            try peer.tell("settle /f")
            scene.input.wake()
        }
        #expect(await scene.input.end() == nil)
        #expect(scene.sink.samples.count == 151)
    }

    @Test("why nothing comes is told in words that say what to set")
    func reasons() async throws {
        let peer = try ROS2Peer()
        defer { peer.end() }
        try peer.tell("open /a std_msgs/Float64 best-effort")
        try peer.tell("open /b std_msgs/Float64 reliable")
        try peer.tell("open /c std_msgs/Float64 reliable")
        try peer.tell("open /other std_msgs/Int8 reliable")
        let scene = try ROS2Scene(
            domain: peer.domain,
            """
            {topic: a, type: std_msgs/Float64, qos: {reliability: reliable}}, {topic: b, type: std_msgs/Float32},
             {topic: c, type: std_msgs/Float64, qos: {reliability: reliable, durability: transient-local}}, {topic: d, type: std_msgs/Bool},
             {topic: e, type: std_msgs/Int8}
            """)
        let expected: Set<String> = [
            "its publisher sends without repeating; set 'qos: {reliability: best-effort}'",
            "it is published as std_msgs/Float64, not as std_msgs/Float32; change 'type'",
            "its publisher keeps nothing for those who come late; set 'qos: {durability: volatile}'",
            "nobody publishes it; check its name, 'domain' and 'network'",
            "nobody publishes it; std_msgs/Int8 is published as /other",
        ]
        #expect(await eventually { Set(scene.log.reasons) == expected }, "\(scene.log.reasons)")
        #expect(await scene.input.stop() == nil)
        #expect(scene.log.reasons.count == 5, "each is told once")
    }

    @Test("a publisher that goes is told, and one that comes back is read")
    func comesBack() async throws {
        let peer = try ROS2Peer()
        defer { peer.end() }
        try peer.tell("open /b std_msgs/Bool reliable")
        let scene = try ROS2Scene(domain: peer.domain, "{topic: b, type: std_msgs/Bool, qos: {reliability: reliable}}")
        try peer.tell(#"send /b {"data": true}"#)
        #expect(await eventually { scene.lines == ["b = true"] })
        try peer.tell("close /b")
        #expect(await eventually { scene.log.reasons == ["its publisher has gone"] }, "\(scene.log.reasons)")
        try peer.tell("open /b std_msgs/Bool reliable")
        try peer.tell(#"send /b {"data": false}"#)
        #expect(await eventually { scene.lines == ["b = true", "b = false"] })
        #expect(await scene.input.stop() == nil)
        #expect(scene.log.text.last == "info: a source answers")
    }

    @Test("what was published before is read where the publisher keeps it")
    func latched() async throws {
        let peer = try ROS2Peer()
        defer { peer.end() }
        try peer.tell("open /mode std_msgs/String reliable transient-local")
        let first = try ROS2Scene(domain: peer.domain, "{topic: mode, type: std_msgs/String}")
        try peer.tell(#"send /mode {"data": "auto"}"#)
        #expect(await first.input.stop() == nil)
        let second = try ROS2Scene(
            domain: peer.domain,
            "{topic: mode, type: std_msgs/String, qos: {reliability: reliable, durability: transient-local}}")
        #expect(await eventually { second.lines == ["mode = \"auto\""] })
        #expect(await second.input.stop() == nil)
    }

    @Test("an input with nobody there ends at once, and one domain is one item")
    func stops() async throws {
        let first = try ROS2Scene(domain: 100, "{topic: a, type: std_msgs/Bool}")
        let second = try ROS2Scene(domain: 100, "{topic: b, type: std_msgs/Bool}")
        #expect(await eventually { !(first.log.reasons + second.log.reasons).isEmpty })
        #expect(
            (first.log.reasons + second.log.reasons).allSatisfy {
                $0.contains("put all topics of a domain into one item")
            })
        let start = ContinuousClock.now
        #expect(await first.input.stop() == nil)
        #expect(await second.input.stop() == nil)
        #expect(ContinuousClock.now - start < .seconds(2))
    }
}
#endif
