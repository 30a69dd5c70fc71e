import JSON
import Telemetry

/// Reads what zigbee2mqtt publishes: `<base>/<friendly name>` with one flat JSON object for each device, `…/availability`, and
/// `<base>/bridge/devices`, which says what each device measures and in which unit
/// (zigbee2mqtt.io, "MQTT topics and messages" and "Exposes").
struct ZigbeeReader: TopicReader {
    let patterns: [TopicPattern]
    private let base: TopicPattern
    private let name: SeriesPrefix
    private let units: [String: Unit]
    /// By friendly name and property, as the bridge says it.
    private var exposed: [String: [String: Unit]] = [:]

    private static let mostDevices = 2000

    init(base: TopicPattern, name: SeriesPrefix, units: [String: Unit]) {
        self.base = base
        patterns = [.under(base, .rest)]
        self.name = name
        self.units = units
    }

    func isCurrentWhenRetained(_ message: MQTTMessage) -> Bool {
        let rest = message.levels.dropFirst(base.levels.count)
        return rest.first == "bridge" || rest.last == "availability"
    }

    mutating func take(_ message: MQTTMessage, _ pass: inout MQTTPass) throws(PayloadProblem) -> Bool {
        guard patterns[0].matches(message.levels) else { return false }
        let rest = message.levels.dropFirst(base.levels.count)
        guard let first = rest.first, let last = rest.last else { return true }
        if first == "bridge" {
            if rest.dropFirst().elementsEqual(["devices"]) { try learn(message, &pass) }
            return true
        }
        switch rest.count > 1 ? last : "" {
        case "availability": try takeAvailability(message, rest.dropLast().joined(separator: "/"), &pass)
        // What others ask of a device.
        case "set", "get": break
        default: try takeState(message, rest.joined(separator: "/"), &pass)
        }
        return true
    }

    /// `{"state": "online"}`, or `online` alone in older versions.
    private func takeAvailability(
        _ message: MQTTMessage, _ friendly: String, _ pass: inout MQTTPass
    ) throws(PayloadProblem) {
        let text =
            message.payload.first == UInt8(ascii: "{")
            ? try message.object()["state"]?.string : message.text.map { String($0) }
        guard let text, text == "online" || text == "offline" else {
            throw PayloadProblem("an availability is 'online' or 'offline'")
        }
        guard let device = pass.device(friendly, topic: message.topic) else { return }
        pass.add(.boolean(text == "online"), of: message.topic, "availability") {
            Series(name("available"), tags: [Tag("device", device)], kind: .state)
        }
    }

    private func takeState(
        _ message: MQTTMessage, _ friendly: String, _ pass: inout MQTTPass
    ) throws(PayloadProblem) {
        let object = try message.object()
        guard let device = pass.device(friendly, topic: message.topic) else { return }
        take(object, under: nil, friendly, device, message, isBatteryPowered: object["battery"] != nil, &pass)
    }

    private func take(
        _ object: JSONObject, under parent: String?, _ friendly: String, _ device: String, _ message: MQTTMessage,
        isBatteryPowered: Bool, _ pass: inout MQTTPass
    ) {
        for (key, value) in object {
            if parent == nil, Self.aboutItself.contains(key) { continue }
            let property = parent.map { "\($0).\(key)" } ?? key
            if let inner = value.object {
                // Such as `color: {x, y}`; nothing is nested deeper.
                if parent == nil {
                    take(inner, under: key, friendly, device, message, isBatteryPowered: isBatteryPowered, &pass)
                }
                continue
            }
            if key == "action" {
                // A press of a button: it happens, and is over.
                if let action = value.string, !action.isEmpty {
                    pass.event(
                        name("action"),
                        [.init("device", .text(device)), .init("action", .text(String(action.prefix(255))))])
                }
                continue
            }
            guard let found = Self.value(value) else { continue }
            pass.add(found, of: message.topic, property) {
                let series = NameBook.seriesName(of: property).map { name($0) } ?? ""
                let isNumber = found.kind == .gauge
                let unit = isNumber ? unit(of: property, series, friendly, isBatteryPowered) : .one
                return Series(series, tags: [Tag("device", device)], unit: unit, kind: found.kind)
            }
        }
    }

    /// Of a binary property a device may send `ON`; that is as true as `true`.
    private static func value(_ value: JSONValue) -> Value? {
        switch value.string {
        case "ON"?: return .boolean(true)
        case "OFF"?: return .boolean(false)
        case ""?: return nil
        default: return value.telemetryValue
        }
    }

    private func unit(
        of property: String, _ series: String, _ friendly: String, _ isBatteryPowered: Bool
    ) -> Unit {
        if let unit = units[series] ?? exposed[friendly]?[property] { return unit }
        // Of cells the converters give millivolts, of mains volts.
        if property == "voltage" { return isBatteryPowered ? Unit("mV") ?? .one : .volt }
        return Self.known[property].flatMap { Unit($0) } ?? .one
    }

    /// Remembers the units of `bridge/devices`.
    private mutating func learn(_ message: MQTTMessage, _ pass: inout MQTTPass) throws(PayloadProblem) {
        guard let devices = try message.json().array else { throw PayloadProblem("a list of devices is an array") }
        var found: [String: [String: Unit]] = [:]
        for device in devices.prefix(Self.mostDevices) {
            guard let friendly = device["friendly_name"]?.string else { continue }
            var units: [String: Unit] = [:]
            for expose in device["definition"]?["exposes"]?.array ?? [] { Self.collect(expose, nil, &units) }
            if !units.isEmpty { found[friendly] = units }
        }
        guard found != exposed else { return }
        exposed = found
        pass.forgetSeries()
    }

    /// An expose has a property and perhaps a unit, or features of its own (zigbee2mqtt.io, "Exposes").
    private static func collect(_ expose: JSONValue, _ parent: String?, _ units: inout [String: Unit]) {
        let property = expose["property"]?.string
        let path = property.map { own in parent.map { "\($0).\(own)" } ?? own }
        if let path, let text = expose["unit"]?.string, let unit = UnitText.unit(text) { units[path] = unit }
        // A composite's features stand inside its property; those of a light or a lock beside each other.
        let inner = expose["type"]?.string == "composite" ? path : parent
        guard parent == nil else { return }
        for feature in expose["features"]?.array ?? [] { collect(feature, inner, &units) }
    }

    /// Not measured by the device.
    private static let aboutItself: Set<String> = [
        "last_seen", "elapsed", "update", "update_available", "device", "identify", "effect",
    ]

    /// Units of the generic exposes, for a device that the bridge has not yet described (zigbee2mqtt.io, "Exposes"; zigbee-herdsman-converters,
    /// `src/lib/exposes.ts`).
    private static let known: [String: String] = [
        "temperature": "Cel", "device_temperature": "Cel", "local_temperature": "Cel", "soil_temperature": "Cel",
        "cpu_temperature": "Cel", "occupied_heating_setpoint": "Cel", "current_heating_setpoint": "Cel",
        "humidity": "%", "soil_moisture": "%", "battery": "%", "position": "%", "tilt": "%",
        "valve_position": "%", "pressure": "hPa", "illuminance": "lx", "illuminance_lux": "lx", "co2": "[ppm]",
        "voc": "[ppb]", "eco2": "[ppm]", "formaldehyd": "mg/m3", "pm25": "ug/m3", "pm10": "ug/m3", "pm1": "ug/m3",
        "power": "W", "current": "A", "energy": "kW.h", "produced_energy": "kW.h", "ac_frequency": "Hz",
        "power_apparent": "V.A", "power_reactive": "V.A", "duration": "s", "noise": "dB", "angle": "deg",
        "angle_axis": "deg", "distance": "m", "target_distance": "m", "occupancy_timeout": "s", "flow": "m3/h",
        "x_axis": "1", "linkquality": "1", "wind_speed": "m/s",
    ]
}
