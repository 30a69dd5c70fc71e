import Telemetry

/// A file under `/sys` that holds one number.
struct Sensor {
    let file: HostFile
    let series: SeriesID?
    /// What to divide by to get the series' unit.
    let divisor: Double

    /// Adds the sensor's value. One that is asleep or has gone gives an error on reading: then there is none.
    func add(to pass: inout HostPass) {
        guard pass.buffer.read(file, survey: pass.survey),
            let value = pass.buffer.withCursor({ $0.integer() })
        else { return }
        pass.add(series, .double(Double(value) / divisor))
    }
}

/// Temperatures of the zones that the kernel guards against heat, from `/sys/class/thermal` (kernel documentation,
/// driver-api/thermal/sysfs-api).
struct ThermalReader: HostReader {
    private let directory: String
    private var sensors: [Sensor] = []
    private var survey: Int?

    init(root: String) { directory = root + "/sys/class/thermal" }

    mutating func read(_ pass: inout HostPass) -> Bool {
        if survey != pass.survey {
            survey = pass.survey
            sensors = find(pass)
        }
        for sensor in sensors { sensor.add(to: &pass) }
        return !sensors.isEmpty
    }

    private func find(_ pass: HostPass) -> [Sensor] {
        let zones = directoryNames(directory).filter { $0.hasPrefix("thermal_zone") }
        let types = zones.map { firstLine("\(directory)/\($0)/type") ?? $0 }
        return zip(zones, types).map { zone, type in
            // Zones of one type are told apart by their number.
            let isAlone = types.count { $0 == type } == 1
            let name = isAlone ? type : "\(type)-\(zone.dropFirst("thermal_zone".count))"
            return Sensor(
                file: HostFile("\(directory)/\(zone)/temp"),
                series: pass.register("thermal.temperature", [Tag("zone", name)], unit: .celsius), divisor: 1000)
        }
    }
}

/// Temperatures, fans, voltages, currents and powers of chips, from `/sys/class/hwmon` (kernel documentation,
/// hwmon/sysfs-interface).
struct HardwareMonitorReader: HostReader {
    private let directory: String
    private var sensors: [Sensor] = []
    private var survey: Int?

    /// What the interface names by the beginning of a file's name. Its units are thousandths, powers' are millionths.
    private static let quantities: [(prefix: String, name: String, unit: Unit, divisor: Double)] = [
        ("temp", "temperature", .celsius, 1000), ("fan", "fan", .revolutionsPerMinute, 1),
        ("in", "voltage", .volt, 1000),
        ("curr", "current", Unit("A") ?? .one, 1000), ("power", "power", .watt, 1_000_000),
    ]

    init(root: String) { directory = root + "/sys/class/hwmon" }

    mutating func read(_ pass: inout HostPass) -> Bool {
        if survey != pass.survey {
            survey = pass.survey
            sensors = find(pass)
        }
        for sensor in sensors { sensor.add(to: &pass) }
        return !sensors.isEmpty
    }

    private func find(_ pass: HostPass) -> [Sensor] {
        HardwareChip.all(in: directory).flatMap { sensors(of: $0.folder, named: $0.name, pass) }
    }

    private func sensors(of chip: String, named name: String, _ pass: HostPass) -> [Sensor] {
        let files = directoryNames("\(directory)/\(chip)")
        return Self.quantities.flatMap { quantity in
            files.compactMap { file -> Sensor? in
                guard let channel = Self.channel(of: file, quantity.prefix, among: files) else { return nil }
                let label = firstLine("\(directory)/\(chip)/\(channel)_label") ?? channel
                return Sensor(
                    file: HostFile("\(directory)/\(chip)/\(file)"),
                    series: pass.register(
                        "sensor.\(quantity.name)", [Tag("chip", name), Tag("sensor", label)], unit: quantity.unit),
                    divisor: quantity.divisor)
            }
        }
    }

    /// `temp1` for `temp1_input`; nil for a file that holds no reading of the quantity. Power meters that only average
    /// have `power1_average` in its place.
    private static func channel(of file: String, _ prefix: String, among files: [String]) -> String? {
        guard file.hasPrefix(prefix), let underscore = file.firstIndex(of: "_") else { return nil }
        let number = file[..<underscore].dropFirst(prefix.count)
        guard !number.isEmpty, number.utf8.allSatisfy(\.isDigit) else { return nil }
        let channel = String(file[..<underscore])
        switch file[underscore...] {
        case "_input": return channel
        case "_average" where prefix == "power" && !files.contains(channel + "_input"): return channel
        default: return nil
        }
    }
}
