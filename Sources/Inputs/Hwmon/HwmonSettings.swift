package import Configuration
package import Telemetry

/// What can be set of an input `hwmon`.
package struct HwmonSettings: ConfigurationDecodable, Sendable {
    /// Nanoseconds between readings.
    package var every: Int64 = 1_000_000_000
    /// Chips by name; empty for all.
    package var chips: [NamePattern] = []
    /// What tells of the box itself, which the input `host` watches.
    package var exclude = ["coretemp", "k10temp", "nvme*", "amdgpu*", "acpitz"].map(NamePattern.init)
    package var collect = Set(HwmonQuantity.allCases)
    package var alarms = true
    package var priority = PriorityClass.metric
    /// The device the series are about; nil for the agent's own.
    package var device: String?

    package init() {}

    package init(from reader: inout MappingReader) {
        every = reader.value("every", as: .nanoseconds(in: 10_000_000...86_400_000_000_000), default: every)
        chips = reader.value("chips", as: .namePatterns, default: chips)
        exclude = reader.value("exclude", as: .namePatterns, default: exclude)
        collect = reader.optional("collect", as: .sequence(of: .enumeration, count: 1...)).map(Set.init) ?? collect
        alarms = reader.value("alarms", as: .bool, default: alarms)
        priority = reader.value("class", as: .sampleClass, default: priority)
        device = reader.optional("device", as: .identifier)
    }

    func wants(_ chip: String) -> Bool {
        (chips.isEmpty || chips.matches(chip)) && !exclude.matches(chip)
    }
}

/// What a chip can measure (kernel documentation, hwmon/sysfs-interface).
package enum HwmonQuantity: String, CaseIterable, Sendable {
    case temperature
    case humidity
    case voltage
    case current
    case power
    case energy
    case fan
    case frequency
    /// How much of full power a fan is given.
    case duty

    /// The beginning of the names of its files.
    var prefix: String {
        switch self {
        case .temperature: "temp"
        case .humidity: "humidity"
        case .voltage: "in"
        case .current: "curr"
        case .power: "power"
        case .energy: "energy"
        case .fan: "fan"
        case .frequency: "freq"
        case .duty: "pwm"
        }
    }

    var unit: Unit {
        switch self {
        case .temperature: .celsius
        case .humidity, .duty: .percent
        case .voltage: .volt
        case .current: Unit("A") ?? .one
        case .power: .watt
        case .energy: Unit("J") ?? .one
        case .fan: .revolutionsPerMinute
        case .frequency: .hertz
        }
    }

    /// A raw number in the unit: the interface gives thousandths, of power and energy millionths, and 255 for full power.
    func value(of raw: Double) -> Double {
        switch self {
        case .temperature, .humidity, .voltage, .current: raw / 1000
        case .power, .energy: raw / 1_000_000
        case .fan, .frequency: raw
        case .duty: raw * 100 / 255
        }
    }

    var kind: Series.Kind { self == .energy ? .counter : .gauge }
}
