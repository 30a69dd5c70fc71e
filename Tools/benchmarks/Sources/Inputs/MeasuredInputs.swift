package import Telemetry

/// What the `line` input does with the bytes of one connection, without the connection.
package struct MeasuredLines {
    private var intake: LineIntake
    private var source = LineSource(.process(nil, connection: 1))

    package init(into sink: any SampleSink, environment: InputEnvironment) {
        intake = LineIntake(LineSettings(listen: .unix(path: "/none")), environment: environment, sink: sink)
    }

    /// Takes whole lines, and gives their samples to the sink.
    package mutating func take(_ bytes: [UInt8], arrival: Timestamp) {
        _ = bytes.withUnsafeBytes { intake.take($0, from: &source, arrival: arrival, ending: .open) }
        intake.flush()
    }
}

/// What the `host` input does at each tick.
package struct MeasuredHost {
    private var collector: HostCollector

    package init(into sink: any SampleSink, environment: InputEnvironment) {
        collector = HostCollector(
            HostSettings(), environment: environment, sink: sink, moment: Self.moment(at: environment.now()))
    }

    /// Reads this machine's /proc and /sys once.
    package mutating func read(at wall: Timestamp) { collector.collect(at: Self.moment(at: wall)) }

    private static func moment(at wall: Timestamp) -> HostMoment {
        HostMoment(wall: wall, monotonic: monotonicNanoseconds())
    }
}
