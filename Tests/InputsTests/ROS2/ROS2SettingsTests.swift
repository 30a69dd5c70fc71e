#if ROS2
import Configuration
import Telemetry
import Testing

@testable import Inputs

@Suite("ROS 2: settings")
struct ROS2SettingsTests {
    private static func read(_ yaml: String) throws(ConfigurationError) -> ROS2Settings {
        try ConfigurationFile(name: "x", text: yaml).decode(ROS2Settings.self)
    }

    @Test("what is not said has the defaults, and topics have what holds for all unless they say otherwise")
    func defaults() throws {
        let settings = try Self.read(
            """
            namespace: /arm/
            class: bulk
            qos: {depth: 50}
            topics:
              - {topic: joint_states, type: sensor_msgs/msg/JointState}
              - {topic: /force, type: std_msgs/Float64, class: metric, qos: {reliability: reliable}, every: 10ms, time: source}
            """)
        #expect(settings.domain == 0)
        let (joints, force) = (settings.topics[0], settings.topics[1])
        #expect(joints.name.description == "/arm/joint_states" && joints.name.ddsName == "rt/arm/joint_states")
        #expect(joints.series == "joint" && joints.priority == .bulk && joints.time == .header && joints.every == 0)
        #expect(joints.qos.reliability == .bestEffort && joints.qos.depth == 50)
        #expect(joints.type.ddsName == "sensor_msgs::msg::dds_::JointState_")
        #expect(ROS2Type.rosName(joints.type.ddsName) == "sensor_msgs/JointState")
        #expect(force.series == "force" && force.priority == .metric && force.time == .source)
        #expect(force.qos.reliability == .reliable && force.qos.depth == 50 && force.every == 10_000_000)
    }

    @Test(
        "every mistake is told with its place and what to do",
        arguments: [
            ("topics: []", "1 element"),
            ("topics: [{topic: /a}]", "x:1:10: topics[0].type: missing"),
            ("topics: [{topic: /a, type: sensor_msgs/JointStates}]", "did you mean 'sensor_msgs/JointState'?"),
            ("topics: [{topic: a/, type: std_msgs/Bool}]", "must be a topic of letters, digits and '_'"),
            ("topics: [{topic: 1a, type: std_msgs/Bool}]", "must be a topic of letters, digits and '_'"),
            ("topics: [{topic: ~/a, type: std_msgs/Bool}]", "is the name of a node"),
            ("topics: [{topic: rt/a, type: std_msgs/Bool}]", "without the 'rt' of DDS: '/a'"),
            ("topics: [{topic: /A, type: std_msgs/Bool}]", "x:1:10: topics[0]: the topic's name makes no series"),
            ("topics: [{topic: /a, type: std_msgs/Bool, unit: N}]", "std_msgs/Bool has units of its own"),
            ("topics: [{topic: /a, type: std_msgs/Int8, prismatic: [x]}]", "is only for sensor_msgs/JointState"),
            ("topics: [{topic: /a, type: std_msgs/Int8, values: [x]}]", "is only for diagnostic_msgs/DiagnosticArray"),
            (
                "topics: [{topic: /a, type: sensor_msgs/Imu}, {topic: /b, type: sensor_msgs/Imu}]",
                "x:1:46: topics[1]: its series would be those of '/a'"
            ),
            (
                "topics: [{topic: /a, type: std_msgs/Int8}, {topic: a, type: std_msgs/Int8}]",
                "the topic is there already"
            ),
            ("domain: 233\ntopics: [{topic: /a, type: std_msgs/Int8}]", "x:1:9: domain: must be between 0 and 232"),
            ("network: {multicast: off}\ntopics: [{topic: /a, type: std_msgs/Int8}]", "name 'peers'"),
            ("network: {interfaces: \"<x>\"}\ntopics: [{topic: /a, type: std_msgs/Int8}]", "the name of an interface"),
            ("network: {peers: \"a\\\"b\"}\ntopics: [{topic: /a, type: std_msgs/Int8}]", "an address or a host name"),
            ("namespace: arm\ntopics: [{topic: a, type: std_msgs/Int8}]", "write '/arm'"),
            (
                "topics: [{topic: /a, type: std_msgs/Int8, qos: {durability: transient-local}}]",
                "needs 'reliability: reliable'"
            ),
            ("topics: [{topic: /a, type: std_msgs/Int8, qos: {dept: 1}}]", "did you mean 'depth'?"),
        ])
    func mistakes(yaml: String, message: String) {
        do throws(ConfigurationError) {
            _ = try Self.read(yaml)
            Issue.record("it was read")
        } catch {
            let lines = error.description.split(separator: "\n")
            #expect(lines.count == 1, "\(lines)")
            #expect(error.description.contains(message), "\(error.description)")
        }
    }

    @Test("topics of one type can be told apart")
    func apart() throws {
        let settings = try Self.read(
            """
            topics:
              - {topic: /a, type: sensor_msgs/Imu}
              - {topic: /b, type: sensor_msgs/Imu, tags: {imu: b}}
              - {topic: /c, type: sensor_msgs/Imu, device: arm-2}
              - {topic: /d, type: sensor_msgs/Imu, series: wrist.imu}
            """)
        #expect(Set(settings.topics.map(\.seriesRoot)).count == 4)
    }

    @Test("the network becomes what the library reads")
    func network() throws {
        let some = try Self.read(
            "network: {interfaces: [eth0, wlan0], multicast: discovery, peers: [10.0.0.7, robot.local], message-limit: 1MiB}\n"
                + "topics: [{topic: /a, type: std_msgs/Int8}]")
        #expect(
            some.network.uri == """
                <CycloneDDS><Domain Id="any"><General><Interfaces><NetworkInterface name="eth0"/><NetworkInterface name="wlan0"/>\
                </Interfaces><AllowMulticast>spdp</AllowMulticast></General><Discovery><ParticipantIndex>auto</ParticipantIndex>\
                <MaxAutoParticipantIndex>100</MaxAutoParticipantIndex><Peers><Peer Address="10.0.0.7"/><Peer Address="robot.local"/>\
                </Peers></Discovery><Internal><MaxSampleSize>1048576 B</MaxSampleSize></Internal></Domain></CycloneDDS>
                """)
        let file = try Self.read(
            "network: {file: /etc/cyclone.xml}\ntopics: [{topic: /a, type: std_msgs/Int8}]")
        #expect(file.network.uri.hasPrefix("file:///etc/cyclone.xml,<CycloneDDS>"))
    }

    @Test(
        "a stamp is believed within the tolerance, and what is wrong with another one is known",
        arguments: [
            (1_000, nil), (-1_000, nil), (1_001, ROS2Clock.Fault.ahead), (-1_001, .behind),
            (-1_795_300_000_000_000_000, .zero), (-1_795_299_999_000_000_000, .simulation),
        ] as [(Int64, ROS2Clock.Fault?)])
    func clock(difference: Int64, fault: ROS2Clock.Fault?) {
        var clock = ROS2Clock(tolerance: 1_000)
        let arrival = Timestamp(nanoseconds: 1_795_300_000_000_000_000)
        let stamp = arrival.advanced(byNanoseconds: difference)
        let (time, quality) = clock.time(stamp, arrival: arrival)
        #expect(clock.fault == fault)
        #expect(time == (fault == nil ? stamp : arrival))
        #expect(quality == (fault == nil ? [] : .clockUnsynchronised))
    }
}
#endif
