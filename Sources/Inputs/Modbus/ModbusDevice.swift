#if Modbus
import Logging
import Telemetry

/// One device of a bus: its values, how they are read, and when.
struct ModbusDevice {
    /// How long registers are left alone that the device has refused, nanoseconds: a firmware may be updated, a module plugged in.
    static let refusalPatience: Int64 = 600_000_000_000

    let unit: Int
    var channels: [RegisterChannel]
    var plan: ReadPlan
    var schedule: TickSchedule
    var state: SourceState
    /// Nanoseconds before which it is not asked, because it did not answer.
    var resumes: Int64 = .min
    /// When refused registers are tried again.
    var retries: Int64 = .max
    /// What was refused when it was last said.
    var reported: Set<Int> = []

    init(
        _ settings: ModbusDeviceSettings, bus: ModbusAddress, environment: InputEnvironment, sink: any SampleSink,
        now: Int64
    ) {
        unit = settings.unit
        let tags = environment.deviceTags(settings.name)
        channels = settings.registers.map { register in
            let own = register.series
            let series = Series(
                own.name, tags: tags + own.tags, unit: own.unit, kind: own.kind, provenance: own.provenance)
            return RegisterChannel(register, series: sink.register(series))
        }
        plan = ReadPlan(channels.map(\.register.span), limits: settings.limits)
        schedule = TickSchedule(every: settings.every, first: now)
        state = SourceState("\(bus) unit \(settings.unit)", of: environment)
    }

    var due: Int64 { max(schedule.due, resumes) }

    /// Indices of the channels whose values are in a block.
    func channels(of block: ReadBlock) -> some Sequence<Int> { block.members.lazy.map { plan.origins[$0] } }

    /// Registers that the device has refused, or has come to give, since it was last said.
    mutating func tellRefusals(_ logger: Logger) {
        guard plan.refused != reported else { return }
        reported = plan.refused
        guard !reported.isEmpty else { return }
        let names = reported.sorted().prefix(20).map { member in
            let (span, channel) = (plan.spans[member], channels[plan.origins[member]])
            return "\(channel.register.series.key) (\(span.kind.rawValue) \(span.address))"
        }
        let more = reported.count > names.count ? ", and \(reported.count - names.count) more" : ""
        logger.warning(
            "a device does not have registers that it is asked for; all others are read",
            metadata: ["unit": "\(unit)", "registers": "\(names.joined(separator: ", "))\(more)"])
    }
}
#endif
