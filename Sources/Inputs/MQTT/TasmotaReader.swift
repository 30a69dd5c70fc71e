import JSON
import Telemetry

/// Reads what Tasmota publishes: `<base>/<topic>/SENSOR` and `…/STATE` with JSON, `…/LWT` with `Online` or `Offline`
/// (tasmota.github.io/docs, "MQTT" and "JSON Status Responses").
///
/// A sensor is an object within the object, by its chip's name; units of temperature, pressure and speed stand beside it.
struct TasmotaReader: TopicReader {
    let patterns: [TopicPattern]
    private let base: TopicPattern
    private let name: SeriesPrefix
    private let units: [String: Unit]

    init(base: TopicPattern, name: SeriesPrefix, units: [String: Unit]) {
        self.base = base
        patterns = ["SENSOR", "STATE", "LWT"].map { .under(base, .any, .text($0)) }
        self.name = name
        self.units = units
    }

    func isCurrentWhenRetained(_ message: MQTTMessage) -> Bool { message.levels.last == "LWT" }

    mutating func take(_ message: MQTTMessage, _ pass: inout MQTTPass) throws(PayloadProblem) -> Bool {
        guard patterns.contains(where: { $0.matches(message.levels) }) else { return false }
        let topic = message.levels[message.levels.count - 2]
        guard let device = pass.device(topic, topic: message.topic) else { return true }
        let tags = [Tag("device", device)]
        switch message.levels.last {
        case "LWT":
            guard let text = message.text, let isOnline = plainBoolean(text) else {
                throw PayloadProblem("a last will is 'Online' or 'Offline'")
            }
            pass.add(.boolean(isOnline), of: message.topic, "") { Series(name("available"), tags: tags, kind: .state) }
        case "STATE": takeState(try message.object(), message, tags, &pass)
        default: takeSensors(try message.object(), message, tags, &pass)
        }
        return true
    }

    private func takeSensors(
        _ object: JSONObject, _ message: MQTTMessage, _ tags: [Tag], _ pass: inout MQTTPass
    ) {
        for (key, value) in object {
            if let sensor = value.object {
                let tag = NameBook.identifier(of: key).map { Tag("sensor", $0) }
                for (field, reading) in sensor { take(reading, field, of: key, object, message, tags, tag, &pass) }
            } else if key == "Time" || key.hasSuffix("Unit") {
                continue
            } else {
                // Switches and counters without a chip stand by themselves: `"Switch1":"ON"`.
                take(value, key, of: "", object, message, tags, nil, &pass)
            }
        }
    }

    private func take(
        _ reading: JSONValue, _ field: String, of sensor: String, _ all: JSONObject, _ message: MQTTMessage,
        _ tags: [Tag], _ tag: Tag?, _ pass: inout MQTTPass
    ) {
        if let phases = reading.array {
            // A meter of several phases gives a list.
            for (index, phase) in phases.prefix(8).enumerated() where phase.double != nil {
                let own = Tag("phase", "\(index + 1)")
                add(
                    phase, field, of: "\(sensor).\(field).\(index)", all, message,
                    tags + [own] + (tag.map { [$0] } ?? []), &pass)
            }
        } else {
            add(reading, field, of: "\(sensor).\(field)", all, message, tags + (tag.map { [$0] } ?? []), &pass)
        }
    }

    private func add(
        _ reading: JSONValue, _ field: String, of place: String, _ all: JSONObject, _ message: MQTTMessage,
        _ tags: [Tag], _ pass: inout MQTTPass
    ) {
        let value: Value
        switch reading.string {
        case nil:
            guard let found = reading.telemetryValue else { return }
            value = found
        case "ON"?: value = .boolean(true)
        case "OFF"?: value = .boolean(false)
        // Addresses and times of a sensor are text; they are no measurements.
        default: return
        }
        var unknown: String?
        pass.add(value, of: message.topic, place) {
            let series = NameBook.seriesName(of: field).map { name($0) } ?? ""
            var unit = Unit.one
            if value.kind == .gauge {
                switch self.unit(of: field, series, all) {
                case .known(let found): unit = found
                case .unknown(let text):
                    unknown = "the unit '\(text.prefix(40))' of '\(series)' is not known; name it in 'units'"
                }
            }
            let kind: Series.Kind = value.kind == .gauge && field == "Total" ? .counter : value.kind
            return Series(series, tags: tags, unit: unit, kind: kind)
        }
        if let unknown { pass.tellOnce(unknown) }
    }

    private enum FoundUnit {
        case known(Unit)
        case unknown(String)
    }

    private func unit(of field: String, _ series: String, _ all: JSONObject) -> FoundUnit {
        if let unit = units[series] { return .known(unit) }
        let stated: String?
        switch field {
        case "Temperature", "DewPoint", "HeatIndex": stated = all["TempUnit"]?.string ?? "C"
        case "Pressure", "SeaPressure", "SeaLevelPressure": stated = all["PressureUnit"]?.string ?? "hPa"
        case "Speed", "WindSpeed": stated = all["SpeedUnit"]?.string
        default: stated = Self.known[field]
        }
        guard let stated else { return .known(.one) }
        return UnitText.unit(stated).map { .known($0) } ?? .unknown(stated)
    }

    /// What a device says of itself, as far as it is a number worth keeping.
    private func takeState(_ object: JSONObject, _ message: MQTTMessage, _ tags: [Tag], _ pass: inout MQTTPass) {
        func add(_ value: Value, _ field: String, _ series: String, _ unit: Unit, _ kind: Series.Kind) {
            pass.add(value, of: message.topic, field) { Series(name(series), tags: tags, unit: unit, kind: kind) }
        }
        for (key, value) in object where key.hasPrefix("POWER") {
            guard let text = value.string, let isOn = plainBoolean(text) else { continue }
            add(.boolean(isOn), key, key.lowercased(), .one, .state)
        }
        if let uptime = object["UptimeSec"]?.int64 { add(.integer(uptime), "UptimeSec", "uptime", .second, .counter) }
        if let heap = object["Heap"]?.double { add(.double(heap), "Heap", "heap", Unit("KiBy") ?? .one, .gauge) }
        if let load = object["LoadAvg"]?.double { add(.double(load), "LoadAvg", "load", .percent, .gauge) }
        if let count = object["MqttCount"]?.int64 {
            add(.integer(count), "MqttCount", "mqtt.connections", .one, .counter)
        }
        if let wifi = object["Wifi"]?.object {
            if let quality = wifi["RSSI"]?.double { add(.double(quality), "RSSI", "wifi.quality", .percent, .gauge) }
            if let signal = wifi["Signal"]?.double {
                add(.double(signal), "Signal", "wifi.signal", UnitText.unit("dBm") ?? .one, .gauge)
            }
        }
    }

    private static let known: [String: String] = [
        "Humidity": "%", "Illuminance": "lx", "CarbonDioxide": "[ppm]", "eCO2": "[ppm]", "TVOC": "[ppb]",
        "PM2.5": "ug/m3",
        "PM10": "ug/m3", "PM1": "ug/m3", "Power": "W", "ApparentPower": "V.A", "ReactivePower": "V.A", "Voltage": "V",
        "Current": "A", "Frequency": "Hz", "Total": "kW.h", "Today": "kW.h", "Yesterday": "kW.h", "Period": "W.h",
        "Distance": "cm", "Weight": "kg", "Moisture": "%", "Noise": "dB", "Battery": "%",
    ]
}
