/// Reads sensors of the hardware monitoring subsystem as instruments: with limits, faults and alarms.
package struct HwmonInput: Input {
    package static let kind = "hwmon"
    package static let summary = "sensors on I2C, SPI and PMBus by the kernel's hwmon, with limits, faults and alarms"
    package static let sample = """
        - type: hwmon
          # Time between readings, 10ms to 1d.
          every: 1s
          # Which chips, by name; '*' and '?' as in the shell. Without it all.
          # chips: [sht3x, "ina2*"]
          # Chips to leave out.
          exclude: [coretemp, k10temp, "nvme*", "amdgpu*", acpitz]
          # What to read; by default all there is.
          collect: [temperature, humidity, voltage, current, power, energy, fan, frequency, duty]
          # A state beside each sensor: whether it is beyond a limit that the chip watches.
          alarms: true
          # metric (default), or bulk.
          class: metric
          # The device the series are about, by default the agent itself.
          # device: cabinet-1
        """

    private let settings: HwmonSettings
    private let environment: InputEnvironment

    package init(_ settings: HwmonSettings, environment: InputEnvironment) throws(InputError) {
        self.settings = settings
        self.environment = environment
    }

    package func run(into sink: any SampleSink, until stop: Waker) throws(InputError) {
        PolledSensors(
            every: settings.every, priority: settings.priority, source: "/sys/class/hwmon",
            advice: "there is no chip to read; is its driver loaded, and its name not excluded?",
            environment: environment
        )
        .run(
            HwmonReader(settings, root: environment.root, stop: stop), device: settings.device, into: sink, until: stop)
    }
}
