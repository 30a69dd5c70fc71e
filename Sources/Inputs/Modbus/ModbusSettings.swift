#if Modbus
package import Configuration
package import Telemetry

/// What can be set of an input `modbus`.
package struct ModbusSettings: ConfigurationDecodable, Sendable {
    package var bus: ModbusBusSettings
    package var devices: [ModbusDeviceSettings]
    package var priority: PriorityClass

    package init(bus: ModbusBusSettings, devices: [ModbusDeviceSettings], priority: PriorityClass = .metric) {
        self.bus = bus
        self.devices = devices
        self.priority = priority
    }

    package init(from reader: inout MappingReader) {
        priority = reader.value("class", as: .sampleClass, default: .metric)
        let directory = reader.optional("profiles", as: .absolutePath)
        let profiles = ModbusProfiles(directory.map { [$0] } ?? ModbusProfiles.standardDirectories)
        let every = reader.value("every", as: .cadence, default: ModbusDeviceSettings.defaultCadence)
        reader.exactlyOne(of: ["device", "devices"])
        if reader.contains("devices") {
            bus = reader.required("bus", as: .mapping)
            let isSerial = bus.address.isSerial
            let device = ValueFormat<ModbusDeviceSettings>.mapping { device in
                let whom = ModbusDeviceSettings.Identity(from: &device, isSerial: isSerial, profiles)
                let cadence = device.value("every", as: .cadence, default: every)
                return ModbusDeviceSettings(whom, every: cadence, from: &device)
            }
            devices = reader.required("devices", as: .sequence(of: device, count: 1...247))
            for key in ["registers", "defaults", "limits"] {
                reader.reserved(key, "belongs into the items of 'devices'; move it there")
            }
        } else {
            let read = ValueFormat<(ModbusBusSettings, ModbusDeviceSettings.Identity)>.mapping { device in
                let bus = ModbusBusSettings(from: &device)
                let isSerial = bus.address.isSerial
                return (bus, ModbusDeviceSettings.Identity(from: &device, isSerial: isSerial, profiles))
            }
            let (bus, whom) = reader.value(
                "device", as: read,
                default: (ModbusBusSettings(address: .tcp(host: "127.0.0.1", port: 502)), .init()))
            self.bus = bus
            devices = [ModbusDeviceSettings(whom, every: every, from: &reader)]
            if reader.contains("bus") { reader.report("goes with 'devices'; write 'url' into 'device'", key: "bus") }
            _ = reader.optional("bus", as: .core)
            _ = reader.optional("devices", as: .core)
        }
        checkSeries(&reader)
    }

    /// Two values with one name and the same tags would be one series with two truths.
    private func checkSeries(_ reader: inout MappingReader) {
        var known: Set<String> = []
        for device in devices {
            for (register, place) in zip(device.registers, device.places) {
                let key = (device.name ?? "") + " " + register.series.key
                guard !known.insert(key).inserted else { continue }
                reader.report(
                    "the series '\(register.series.key)' is there already; give it tags, "
                        + "or its device a 'name' of its own", at: place)
            }
        }
    }
}

/// One device of a bus.
package struct ModbusDeviceSettings: Sendable {
    static let defaultCadence: Int64 = 1_000_000_000

    /// Who is asked.
    package struct Identity: Sendable {
        /// The unit identifier, which a gateway passes on; on a serial line the address of the slave.
        package var unit = 1
        /// The device that the series are about; nil for the agent's own.
        package var name: String?
        var profile: Located<ModbusProfile>?

        package init() {}

        init(from reader: inout MappingReader, isSerial: Bool, _ profiles: ModbusProfiles) {
            let allowed = isSerial ? "1 to 247" : "0 to 247, or 255"
            let unit = ValueFormat<Int>.integer.check("must be \(allowed)", placeholder: 1) { unit in
                (isSerial ? 1...247 : 0...247).contains(unit) || unit == 255 && !isSerial
            }
            self.unit = reader.required("unit", as: unit)
            name = reader.optional("name", as: .identifier)
            profile = reader.optional("profile", as: .located(profiles.format))
        }
    }

    package var unit: Int
    package var name: String?
    /// Nanoseconds between readings.
    package var every: Int64
    package var limits: ReadLimits
    package var registers: [ModbusRegister]
    /// The profile of the device, as its file has it.
    fileprivate(set) var profile: CoreValue?
    /// Where each of the registers is written; empty when they come from no file.
    fileprivate var places: [Place] = []

    package init(
        unit: Int, name: String? = nil, every: Int64 = defaultCadence, limits: ReadLimits = ReadLimits(),
        registers: [ModbusRegister]
    ) {
        self.unit = unit
        self.name = name
        self.every = every
        self.limits = limits
        self.registers = registers
    }

    /// - Parameters:
    ///   - whom: whom to ask, and by which profile.
    ///   - every: nanoseconds between readings.
    ///   - reader: the mapping that holds `registers` and what goes with them.
    init(_ whom: Identity, every: Int64, from reader: inout MappingReader) {
        unit = whom.unit
        name = whom.name
        self.every = every
        let profile = whom.profile?.value
        self.profile = profile?.written
        let content = RegisterList(from: &reader, under: profile)
        limits = content.limits
        let ofProfile = profile?.registers ?? []
        let place = whom.profile?.place ?? reader.place
        registers = ofProfile + content.registers.map(\.value)
        places = ofProfile.map { _ in place } + content.registers.map(\.place)
        if registers.isEmpty, reader.isSound("registers"), reader.isSound("device"), reader.isSound("profile") {
            reader.report("there is nothing to read; give 'registers', or the device a 'profile'", at: reader.place)
        }
    }
}

/// `registers`, and what holds for all of them.
struct RegisterList: Sendable {
    var limits: ReadLimits
    var registers: [Located<ModbusRegister>]

    init(from reader: inout MappingReader, under profile: ModbusProfile? = nil) {
        limits = profile?.limits ?? ReadLimits()
        let inherited = limits
        limits = reader.value("limits", as: .mapping { ReadLimits(from: &$0, inherited) }, default: limits)
        let defaults = reader.value("defaults", as: .mapping(RegisterDefaults.self), default: RegisterDefaults())
        let register = ValueFormat<ModbusRegister>.mapping { ModbusRegister(from: &$0, defaults: defaults) }
        registers = reader.value("registers", as: .sequence(of: .located(register)), default: [])
        for register in registers where register.value.span.count > limits.most(of: register.value.span.kind) {
            reader.report("the value is longer than 'limits' allow to read at once", at: register.place)
        }
    }
}

extension ReadLimits {
    init(from reader: inout MappingReader, _ inherited: ReadLimits) {
        self = inherited
        registers = reader.value("registers", as: .integer(in: 1...Self.mostRegisters), default: registers)
        bits = reader.value("bits", as: .integer(in: 1...Self.mostBits), default: bits)
        gap = reader.value("gap", as: .integer(in: 0...Self.mostBits), default: gap)
    }
}

extension ValueFormat where Value == Int64 {
    /// The time between readings of a device, nanoseconds.
    fileprivate static var cadence: ValueFormat { .nanoseconds(in: 10_000_000...86_400_000_000_000) }
}
#endif
