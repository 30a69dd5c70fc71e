#if ROS2

/// Reads topics of ROS 2.
package struct ROS2Input: Input {
    package static let kind = "ros2"
    package static let summary =
        "topics of ROS 2: joints, batteries, inertial units, odometry, diagnostics, single values"
    package static let sample = """
        - type: ros2
          # ROS_DOMAIN_ID of the robot.
          domain: 0
          # Stands before topics that do not begin with '/'.
          namespace: /
          network:
            # Interfaces by name; without it what the library chooses.
            # interfaces: [eth0]
            # on, discovery (data go from one to one, as wireless networks need), or off (then name peers).
            multicast: on
            # Where to look for others, beside what multicast finds.
            # peers: [10.0.0.7]
            # A configuration of Cyclone DDS for all else.
            # file: /etc/fieldproof/cyclonedds.xml
            # The longest message that is taken.
            message-limit: 256KiB
          # header (its stamp), source (when it was published) or arrival.
          time: header
          # A stamp that is further from the time of arrival is not believed.
          time-tolerance: 60s
          # metric (default), or bulk for raw data at a high rate, which goes first when the disk is full.
          class: metric
          # best-effort and volatile match every publisher. depth: how many messages may wait.
          qos: {reliability: best-effort, durability: volatile, depth: 200}
          # The device the series are about, by default the agent itself.
          # device: arm-07
          topics:
            # joint.position in rad, .velocity in rad/s, .effort in N.m, tag joint; of those that slide m, m/s, N.
            - {topic: joint_states, type: sensor_msgs/JointState, prismatic: [slider, "lift_*"]}
            - {topic: battery_state, type: sensor_msgs/BatteryState, tags: {battery: main}}
            # At most ten messages a second are taken.
            - {topic: imu/data, type: sensor_msgs/Imu, every: 100ms}
            # Numbers among the values of a status by their keys.
            - {topic: /diagnostics, type: diagnostic_msgs/DiagnosticArray, values: ["*temperature*"]}
            # A single value: its series is named by the topic, here gripper.force, or by 'series'.
            - {topic: gripper/force, type: std_msgs/Float64, unit: N}
            - {topic: mode, type: std_msgs/String, series: robot.mode, qos: {reliability: reliable, durability: transient-local}}
        """

    /// Milliseconds between looks at who publishes.
    private static let lookInterval: Int64 = 1_000

    private let settings: ROS2Settings
    private let environment: InputEnvironment

    package init(_ settings: ROS2Settings, environment: InputEnvironment) throws(InputError) {
        self.settings = settings
        self.environment = environment
    }

    package func run(into sink: any SampleSink, until stop: Waker) throws(InputError) {
        // A network that is not there yet when the box starts is no reason to give up.
        var source = SourceState("ros2 domain \(settings.domain)", of: environment)
        while !stop.isWoken {
            do throws(ROS2Failure) {
                let participant = try ROS2Participant(settings, environment: environment, sink: sink)
                var topics: [any ROS2Reading] = []
                for topic in settings.topics { topics.append(try topic.type.subscribe(topic, participant)) }
                if source.failures > 0 { source.answered() }
                return withExtendedLifetime(participant) { read(topics, participant.bell, until: stop) }
            } catch {
                let pause = source.failed(error.reason)
                sink.reject(1, from: environment.name, reason: "no network")
                if stop.wait(nanoseconds: pause) { return }
            }
        }
    }

    private func read(_ topics: [any ROS2Reading], _ bell: ROS2Bell, until stop: Waker) {
        var hasMore = true
        var looked = monotonicNanoseconds()
        while !bell.wait(until: stop, milliseconds: hasMore ? 0 : Int32(Self.lookInterval)) {
            bell.hear()
            hasMore = false
            // A batch of each in turn, so that a flood of one starves no other.
            for topic in topics where topic.take() { hasMore = true }
            let now = monotonicNanoseconds()
            guard now - looked >= Self.lookInterval * 1_000_000 else { continue }
            looked = now
            for topic in topics { topic.look(at: now) }
        }
        for topic in topics { topic.finish() }
    }
}
#endif
