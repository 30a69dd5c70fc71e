import Logging
import Telemetry

#if canImport(Glibc)
import Glibc
#else
import Musl
#endif

/// Reads the thermometers of all 1-Wire buses; looks for new ones every minute.
struct W1Reader: HostReader {
    /// Nanoseconds for a conversion of all sensors: a bit more than the longest, 750 ms, and its repetition.
    private static let patience: Int64 = 2_000_000_000

    private let settings: W1Settings
    private let directory: String
    private let logger: Logger
    private let stop: Waker
    private var masters: [String] = []
    private var sensors: [W1Sensor] = []
    private var survey: Int?
    private var hasTold = false

    init(_ settings: W1Settings, root: String, logger: Logger, stop: Waker) {
        self.settings = settings
        directory = root + "/sys/bus/w1/devices"
        self.logger = logger
        self.stop = stop
    }

    mutating func read(_ pass: inout HostPass) -> Bool {
        if survey != pass.survey {
            survey = pass.survey
            find(pass)
        }
        let converted = settings.bulk == .auto && convertAll()
        for index in sensors.indices {
            // Each may take most of a second.
            if stop.isWoken { break }
            sensors[index].add(to: &pass, converted: converted)
        }
        return !sensors.isEmpty
    }

    /// Sensors that are there still keep what they remember; one that has gone is known for as long as a reading may come back.
    private mutating func find(_ pass: HostPass) {
        let names = directoryNames(directory)
        masters = names.filter { $0.hasPrefix("w1_bus_master") }.map { "\(directory)/\($0)/therm_bulk_read" }
            .filter { access($0, W_OK) == 0 }
        let known = Dictionary(sensors.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
        let found = names.filter { W1Family(of: $0) != nil && (!settings.onlyNamed || settings.names[$0] != nil) }
        // One that was named and is not there is a fault to be seen, not a gap.
        let expected = settings.names.keys.filter { !found.contains($0) }.sorted()
        let gone = known.keys.filter { !found.contains($0) && !expected.contains($0) }.sorted()
        sensors = (found + expected + gone).map { id in
            known[id] ?? W1Sensor(id, name: settings.names[id] ?? id, directory: directory, pass)
        }
        if found.isEmpty, settings.names.isEmpty { sensors = [] }
    }

    /// Lets the sensors of all buses measure at once.
    ///
    /// - Returns: whether they have; each then gives what it measured without measuring again.
    private mutating func convertAll() -> Bool {
        guard !masters.isEmpty, sensors.count > 1 else { return false }
        let begun = masters.filter(Self.trigger)
        guard !begun.isEmpty else {
            if !hasTold {
                logger.info("the driver does not let all sensors convert at once; reading one after another")
            }
            hasTold = true
            return false
        }
        let end = monotonicNanoseconds() + Self.patience
        // -1 while a sensor converts; 1 when all have, 0 when all have been read.
        while begun.contains(where: { firstLine($0) == "-1" }), monotonicNanoseconds() < end {
            if stop.wait(nanoseconds: 20_000_000) { return true }
        }
        return true
    }

    private static func trigger(_ path: String) -> Bool {
        let descriptor = open(path, O_WRONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        let text = Array("trigger\n".utf8)
        return retryingInterrupts { write(descriptor, text, text.count) }.result == text.count
    }
}

/// One thermometer.
struct W1Sensor {
    let id: String
    private let temperature: HostFile
    private let slave: HostFile
    private let series: SeriesID?
    private var memory = SensorMemory()

    init(_ id: String, name: String, directory: String, _ pass: HostPass) {
        self.id = id
        temperature = HostFile("\(directory)/\(id)/temperature")
        slave = HostFile("\(directory)/\(id)/w1_slave")
        series = pass.register(
            "w1.temperature", [Tag("sensor", name)], unit: .celsius,
            provenance: Provenance(serial: id, range: -55...125))
    }

    /// - Parameters:
    ///   - pass: gets the sample.
    ///   - converted: whether it has measured already, together with all others; only `temperature` then gives that value.
    mutating func add(to pass: inout HostPass, converted: Bool) {
        // The bytes say more, so that what they say is not asked again of the file that has only the number.
        let reading = converted ? plain(pass) : checked(pass) ?? plain(pass)
        guard case .good(let temperature)? = reading else { return pass.addFailure(of: series, &memory) }
        pass.add(series, Double(temperature) / 1000, &memory, range: nil)
    }

    private enum Reading {
        /// Thousandths of a degree.
        case good(Int)
        case bad
    }

    /// Nil where there is no such file.
    private func plain(_ pass: HostPass) -> Reading? {
        guard let value = pass.integer(temperature).map(Int.init) else { return nil }
        return W1Plausibility.isCredible(value, after: memory.value) ? .good(value) : .bad
    }

    /// Nil where there is no such file.
    private func checked(_ pass: HostPass) -> Reading? {
        guard let text = pass.text(slave) else { return nil }
        guard let pad = W1Scratchpad(text), pad.isChecked, !pad.isNonsense,
            W1Plausibility.range.contains(pad.temperature)
        else { return .bad }
        return .good(pad.temperature)
    }
}
