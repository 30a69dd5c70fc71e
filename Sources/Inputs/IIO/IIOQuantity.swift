import Telemetry

/// What a channel measures, and in which unit the kernel gives it after offset and scale (kernel documentation,
/// ABI/testing/sysfs-bus-iio).
struct IIOQuantity: Hashable {
    /// The last part of the series' name.
    let name: String
    let unit: Unit
    /// What to divide by where UCUM has no common name for the kernel's unit, which is then a thousandth.
    let divisor: Double

    private init(_ name: String, _ unit: String, dividedBy divisor: Double = 1) {
        self.name = name
        self.unit = Unit(unit) ?? .one
        self.divisor = divisor
    }

    /// By the type in the names of files, without numbers and modifiers. Types that are not here have the unit 1.
    private static let known: [String: IIOQuantity] = [
        "voltage": IIOQuantity("voltage", "mV"), "altvoltage": IIOQuantity("altvoltage", "mV"),
        "current": IIOQuantity("current", "mA"), "power": IIOQuantity("power", "mW"),
        "capacitance": IIOQuantity("capacitance", "nF"), "resistance": IIOQuantity("resistance", "Ohm"),
        "temp": IIOQuantity("temperature", "Cel", dividedBy: 1000),
        "humidityrelative": IIOQuantity("humidity", "%", dividedBy: 1000),
        "positionrelative": IIOQuantity("position", "%", dividedBy: 1000),
        "pressure": IIOQuantity("pressure", "kPa"), "accel": IIOQuantity("acceleration", "m/s2"),
        "gravity": IIOQuantity("gravity", "m/s2"), "anglvel": IIOQuantity("angular-velocity", "rad/s"),
        "angl": IIOQuantity("angle", "rad"), "incli": IIOQuantity("inclination", "deg"),
        "rot": IIOQuantity("rotation", "1"), "magn": IIOQuantity("magnetic-field", "G"),
        "deltaangl": IIOQuantity("delta-angle", "rad"), "deltavelocity": IIOQuantity("delta-velocity", "m/s"),
        "velocity": IIOQuantity("velocity", "m/s"), "distance": IIOQuantity("distance", "m"),
        "proximity": IIOQuantity("proximity", "1"), "illuminance": IIOQuantity("illuminance", "lx"),
        "intensity": IIOQuantity("intensity", "1"), "uvindex": IIOQuantity("uv-index", "1"),
        "energy": IIOQuantity("energy", "J"), "concentration": IIOQuantity("concentration", "%"),
        "massconcentration": IIOQuantity("mass-concentration", "ug/m3"),
        "electricalconductivity": IIOQuantity("conductivity", "S/m"), "phase": IIOQuantity("phase", "rad"),
        "ph": IIOQuantity("ph", "[pH]"), "count": IIOQuantity("count", "1"), "steps": IIOQuantity("steps", "1"),
        "activity": IIOQuantity("activity", "%"),
    ]

    /// The quantity of a channel's type.
    static func of(_ type: String) -> IIOQuantity { known[type] ?? IIOQuantity(type, "1") }

    /// Types that are no measurement of their own.
    static let ignored: Set<String> = ["timestamp"]
}

/// A channel as the names of its files say it: `in_accel_x`, `in_voltage0-voltage1`, `in_temp`.
struct IIOChannelName: Hashable {
    /// The whole, such as `in_voltage0_supply`: what files of the channel begin with.
    let stem: String
    /// `voltage`.
    let type: String
    /// What tells it from others of its type: `0`, `x`, `0-1`, `0_supply`; empty where there is one only.
    let channel: String
    /// What files begin with that all channels of its type, or of its type and modifier, share; the nearest first.
    let shared: [String]

    /// Nil for a stem that is no input channel.
    init?(_ stem: String) {
        guard stem.hasPrefix("in_") else { return nil }
        let rest = stem.dropFirst(3)
        let type = rest.prefix { $0.isLetter }
        guard !type.isEmpty, type.allSatisfy(\.isLowercase) else { return nil }
        var tail = rest[type.endIndex...]
        let digits = tail.prefix { $0.isNumber }
        tail = tail[digits.endIndex...]
        var channel = String(digits)
        var shared = ["in_\(type)"]
        // A difference: the second channel begins with its type again.
        if tail.hasPrefix("-" + type) {
            let other = tail.dropFirst(1 + type.count).prefix { $0.isNumber }
            channel += "-" + other
            tail = tail.dropFirst(1 + type.count + other.count)
            shared = ["in_\(type)-\(type)", "in_\(type)"]
        }
        if tail.hasPrefix("_") {
            channel += channel.isEmpty ? String(tail.dropFirst()) : String(tail)
            if !digits.isEmpty { shared.insert("in_\(type)\(tail)", at: 0) }
        } else if !tail.isEmpty {
            return nil
        }
        self.stem = stem
        self.type = String(type)
        self.channel = channel
        self.shared = shared
    }
}
