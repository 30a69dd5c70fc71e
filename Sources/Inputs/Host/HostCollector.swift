import Logging
import Telemetry

/// Reads a host, one reading after another; all that it remembers between two is in this value.
///
/// A reading depends on nothing but the files under `root`, what the readings before it left, and the moment given.
struct HostCollector {
    private var readers: [(group: HostGroup, reader: any HostReader, isPresent: Bool?)] = []
    private var pass: HostPass
    private let sink: any SampleSink
    private let input: String
    private let logger: Logger

    init(
        _ settings: HostSettings, environment: InputEnvironment, sink: any SampleSink, moment: HostMoment,
        probe: @escaping FileSystemReader.Probe = FileSystemUse.probe
    ) {
        let root = environment.root
        self.sink = sink
        input = environment.name
        logger = environment.logger
        pass = HostPass(root: root, tags: environment.deviceTags(settings.device), sink: sink, moment: moment)
        let memory = HostFile(root + "/proc/meminfo")
        for group in HostGroup.allCases where settings.collect.contains(group) {
            let reader: any HostReader =
                switch group {
                case .cpu: CPUReader(root: root, cores: settings.cores)
                case .load: LoadReader(root: root)
                case .memory: MemoryReader(memory, .memory)
                case .swap: MemoryReader(memory, .swap)
                case .pressure: PressureReader(root: root)
                case .disks: DiskReader(root: root, exclude: settings.exclude.disks)
                case .fileSystems: FileSystemReader(root: root, exclude: settings.exclude.fileSystems, probe: probe)
                case .network: NetworkReader(root: root, exclude: settings.exclude.interfaces)
                case .thermal: ThermalReader(root: root)
                case .sensors: HardwareMonitorReader(root: root)
                case .uptime: UptimeReader(root: root)
                case .agent: AgentReader(root: root)
                }
            readers.append((group, reader, nil))
        }
    }

    /// Reads everything once and gives it to the sink. Shares of time need a reading before this one to count from, so
    /// the first gives none.
    mutating func collect(at moment: HostMoment) {
        pass.begin(at: moment)
        for index in readers.indices {
            let isPresent = readers[index].reader.read(&pass)
            guard isPresent != readers[index].isPresent else { continue }
            report(readers[index].group, isPresent: isPresent, before: readers[index].isPresent)
            readers[index].isPresent = isPresent
        }
        if !pass.samples.isEmpty { sink.accept(pass.samples, priority: .metric) }
        if pass.overLimit > 0 { sink.reject(pass.overLimit, from: input, reason: "limit on series") }
    }

    private func report(_ group: HostGroup, isPresent: Bool, before: Bool?) {
        switch (isPresent, before) {
        case (false, nil): logger.info("this host has no '\(group.rawValue)' to read; nothing is given for it")
        case (false, _): logger.warning("'\(group.rawValue)' can no longer be read")
        case (true, false): logger.info("'\(group.rawValue)' can be read again")
        case (true, _): break
        }
    }
}
