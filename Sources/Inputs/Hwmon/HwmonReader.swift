import Telemetry

/// Reads the sensors of all wanted chips; looks for new ones every minute.
struct HwmonReader: HostReader {
    private let settings: HwmonSettings
    private let directory: String
    private let stop: Waker?
    private var sensors: [HwmonSensor] = []
    private var survey: Int?

    /// - Parameters:
    ///   - settings: which chips and quantities.
    ///   - root: what stands before `/sys`.
    ///   - stop: ends a reading early.
    init(_ settings: HwmonSettings, root: String, stop: Waker? = nil) {
        self.settings = settings
        self.stop = stop
        directory = root + "/sys/class/hwmon"
    }

    mutating func read(_ pass: inout HostPass) -> Bool {
        if survey != pass.survey {
            survey = pass.survey
            find(pass)
        }
        for index in sensors.indices {
            // A chip behind a slow bus may take its time for each.
            if let stop, stop.isWoken { break }
            sensors[index].add(to: &pass)
        }
        return !sensors.isEmpty
    }

    /// Sensors that are there still keep what they remember.
    private mutating func find(_ pass: HostPass) {
        let known = Dictionary(sensors.map { ($0.path, $0) }, uniquingKeysWith: { first, _ in first })
        sensors = HardwareChip.all(in: directory).filter { settings.wants($0.name) }.flatMap { chip in
            let files = directoryNames("\(directory)/\(chip.folder)")
            return HwmonQuantity.allCases.filter(settings.collect.contains).flatMap { quantity in
                files.compactMap { file -> HwmonSensor? in
                    guard let channel = Self.channel(of: file, quantity, among: files) else { return nil }
                    let path = "\(directory)/\(chip.folder)/\(file)"
                    return known[path]
                        ?? HwmonSensor(
                            path, quantity, chip: chip.name, channel: channel, among: files, alarms: settings.alarms,
                            pass)
                }
            }
        }
    }

    /// `temp1` for `temp1_input`, `pwm1` for `pwm1`; nil for a file that holds no reading of the quantity. Meters that only
    /// average have `power1_average` in its place.
    private static func channel(of file: String, _ quantity: HwmonQuantity, among files: [String]) -> String? {
        guard file.hasPrefix(quantity.prefix) else { return nil }
        let channel = file.prefix { $0 != "_" }
        let number = channel.dropFirst(quantity.prefix.count)
        guard !number.isEmpty, number.utf8.allSatisfy(\.isDigit) else { return nil }
        let isReading =
            switch file[channel.endIndex...] {
            case "": quantity == .duty
            case "_input": quantity != .duty
            case "_average": quantity == .power && !files.contains(channel + "_input")
            default: false
            }
        return isReading ? String(channel) : nil
    }
}

/// One sensor of a chip.
struct HwmonSensor {
    let path: String
    private let value: HostFile
    private let fault: HostFile?
    private let alarms: [HostFile]
    private let quantity: HwmonQuantity
    private let series: SeriesID?
    private let alarm: SeriesID?
    /// What the chip is told to watch, where both ends are set.
    private let range: ClosedRange<Double>?
    private var memory = SensorMemory()

    init(
        _ path: String, _ quantity: HwmonQuantity, chip: String, channel: String, among files: [String], alarms: Bool,
        _ pass: HostPass
    ) {
        self.path = path
        self.quantity = quantity
        value = HostFile(path)
        let folder = String(path[..<(path.lastIndex(of: "/") ?? path.endIndex)])
        let attribute = { (name: String) -> String? in
            files.contains("\(channel)_\(name)") ? "\(folder)/\(channel)_\(name)" : nil
        }
        fault = attribute("fault").map { HostFile($0) }
        self.alarms =
            alarms
            ? files.filter { $0.hasPrefix(channel + "_") && $0.hasSuffix("alarm") }.map { HostFile("\(folder)/\($0)") }
            : []
        let limit = { (names: [String]) -> Double? in
            names.lazy.compactMap(attribute).compactMap(firstLine).compactMap(Double.init).first.map {
                quantity.value(of: $0)
            }
        }
        // The outermost limits: within the inner ones all is well, and between them the chip warns.
        let (least, greatest) = (limit(["lcrit", "min"]), limit(["emergency", "crit", "cap_max", "max"]))
        if let least, let greatest, least < greatest { range = least...greatest } else { range = nil }
        let tags = [Tag("chip", chip), Tag("sensor", attribute("label").flatMap(firstLine) ?? channel)]
        series = pass.register(
            "hwmon.\(quantity.rawValue)", tags, unit: quantity.unit, kind: quantity.kind,
            provenance: Provenance(range: range))
        alarm =
            self.alarms.isEmpty
            ? nil : pass.register("hwmon.\(quantity.rawValue).alarm", tags, unit: .one, kind: .state)
    }

    mutating func add(to pass: inout HostPass) {
        let isFaulty = fault.map { pass.integer($0) == 1 } ?? false
        if let raw = pass.integer(value), !isFaulty {
            pass.add(series, quantity.value(of: Double(raw)), &memory, range: range)
        } else {
            pass.addFailure(of: series, &memory)
        }
        guard !alarms.isEmpty else { return }
        let states = alarms.compactMap { pass.integer($0) }
        if !states.isEmpty { pass.add(alarm, .boolean(states.contains { $0 != 0 })) }
    }
}
