/// Measures the box the agent runs on.
package struct HostInput: Input {
    package static let kind = "host"
    package static let summary = "the box itself: processors, memory, disks, network, temperatures, and the agent"
    package static let sample = """
        - type: host
          # Time between readings, at least 10ms.
          every: 1s
          # What to read; by default everything the box has.
          collect: [cpu, load, memory, swap, pressure, disks, file-systems, network, thermal, sensors, uptime, agent]
          # What to give of each core: none, usage (one series) or modes (seven).
          cores: usage
          # Names to leave out; '*' and '?' as in the shell. A list replaces the default, which is shown here.
          exclude:
            disks: ["loop*", "ram*", "zram*", "fd*", "sr*"]
            interfaces: [lo, "veth*", "docker*", "br-*", "cni*", "cali*", "flannel*", "virbr*", "ifb*", "dummy*"]
            file-systems: ["/snap/*", "/var/lib/docker/*", "/var/lib/containers/*", "/run/*"]
          # The device the series are about, by default the agent itself.
          # device: arm-07
        """

    private let settings: HostSettings
    private let environment: InputEnvironment

    package init(_ settings: HostSettings, environment: InputEnvironment) throws(InputError) {
        self.settings = settings
        self.environment = environment
    }

    package func run(into sink: any SampleSink, until stop: Waker) throws(InputError) {
        var ticker = Ticker(every: settings.every, watch: environment.watch)
        var collector = HostCollector(settings, environment: environment, sink: sink, moment: moment)
        while let tick = ticker.next(until: stop) {
            if tick.skipped > 0 { sink.reject(tick.skipped, from: environment.name, reason: "skipped tick") }
            collector.collect(at: moment)
        }
    }

    private var moment: HostMoment { HostMoment(wall: environment.now(), monotonic: monotonicNanoseconds()) }
}
