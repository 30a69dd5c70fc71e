import Telemetry

/// Reads thermometers on 1-Wire buses.
package struct W1Input: Input {
    package static let kind = "w1"
    package static let summary = "DS18B20 and its kin: thermometers on 1-Wire buses, by the kernel's w1_therm"
    package static let sample = """
        - type: w1
          # Time between readings, 1s to 1d. A sensor takes up to 750 ms to convert.
          every: 10s
          # Sensors by their ids, with the names that they get as the tag 'sensor'; all others are named by their ids.
          names: {28-0316a2798bff: oven, 28-0417714bd3ff: room}
          # Whether only the sensors that have a name are read.
          only-named: false
          # Let all sensors of a bus convert at the same time. auto: where the driver can, which is from Linux 5.8 on; or off.
          bulk: auto
          # The device the series are about, by default the agent itself.
          # device: oven-1
        """

    private let settings: W1Settings
    private let environment: InputEnvironment

    package init(_ settings: W1Settings, environment: InputEnvironment) throws(InputError) {
        self.settings = settings
        self.environment = environment
    }

    package func run(into sink: any SampleSink, until stop: Waker) throws(InputError) {
        PolledSensors(
            every: settings.every, priority: .metric, source: "/sys/bus/w1/devices",
            advice: "there is no thermometer; are the bus master's and w1_therm's drivers loaded?",
            environment: environment
        )
        .run(
            W1Reader(settings, root: environment.root, logger: environment.logger, stop: stop), device: settings.device,
            into: sink, until: stop)
    }
}
