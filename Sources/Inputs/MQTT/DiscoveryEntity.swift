import JSON
import Telemetry

extension DiscoveryReader {
    /// One value that a device has announced.
    struct Entity: Hashable {
        /// Where its state is published.
        let topic: String
        /// Tells it from others of the same topic.
        let key: String
        let series: String
        let tags: [Tag]
        let unit: Unit
        let isCounter: Bool
        /// Where the value stands in a JSON payload; nil when the payload is the value.
        let path: JSONPointer?
        /// What stands for true and for false; nil for a sensor, which gives numbers or words.
        let states: States?
        let isAvailability: Bool

        struct States: Hashable {
            let on: String
            let off: String
        }

        /// - Returns: nil when the device says that there is no value.
        /// - Throws: `PayloadProblem` when the payload is not as announced.
        func value(of message: MQTTMessage, _ document: JSONValue?) throws(PayloadProblem) -> Value? {
            let found: JSONValue
            if let path {
                // A template on a part that is not there gives nothing in Home Assistant too.
                guard let inner = document.flatMap({ path.value(in: $0) }) else { return nil }
                found = inner
            } else {
                guard let text = message.text else { throw PayloadProblem("it is no text of at most 4096 bytes") }
                found = .string(String(text))
            }
            if let states {
                if let flag = found.bool { return .boolean(flag) }
                guard let text = found.string ?? found.int64.map({ "\($0)" }), text == states.on || text == states.off
                else { throw PayloadProblem("it is neither '\(states.on)' nor '\(states.off)'") }
                return .boolean(text == states.on)
            }
            guard let text = found.string else { return found.telemetryValue }
            if ["", "None", "unknown", "unavailable"].contains(text) { return nil }
            if let number = plainNumber(text) { return .double(number) }
            return text.utf8.count <= 255 ? .text(text) : nil
        }

        /// What a configuration announces: the value, and whether its device is there.
        static func read(
            _ component: String, _ key: String, _ settings: DiscoveryKeys, _ message: MQTTMessage,
            _ pass: inout MQTTPass
        ) -> [Entity] {
            guard ["sensor", "binary_sensor", "switch"].contains(component), let topic = settings.topic("state_topic"),
                isTopic(topic)
            else { return [] }
            var path: JSONPointer?
            if let template = settings["value_template"]?.string {
                guard let found = ValueTemplate(template) else {
                    pass.tellOnce(
                        "the template of '\(message.topic.prefix(200))' computes, so its value is not taken: \(template.prefix(100))"
                    )
                    return []
                }
                path = found.pointer
            }
            guard let device = device(settings, message, &pass) else { return [] }
            let tags = [Tag("device", device), Tag("entity", NameBook.identifier(of: key) ?? "x")]
            let series = (settings["device_class"]?.string ?? settings["object_id"]?.string).flatMap {
                NameBook.seriesName(of: $0)
            }
            guard let series = series ?? NameBook.seriesName(of: key) else { return [] }
            var states: States?
            if component != "sensor" {
                let suffix = component == "switch" ? "state" : "payload"
                let (on, off) = (settings["\(suffix)_on"]?.string, settings["\(suffix)_off"]?.string)
                states = States(
                    on: on ?? settings["payload_on"]?.string ?? "ON",
                    off: off ?? settings["payload_off"]?.string ?? "OFF")
            }
            // What is remembered of four thousand entities is bounded too.
            let texts = [key, settings["value_template"]?.string ?? "", states?.on ?? "", states?.off ?? ""]
            guard texts.allSatisfy({ $0.utf8.count <= NameBook.longest }) else {
                pass.complain(message.topic, "it has a text of more than \(NameBook.longest) bytes", "bad payload")
                return []
            }
            let value = Entity(
                topic: topic, key: key, series: series, tags: tags, unit: unit(settings, series, &pass),
                isCounter: settings["state_class"]?.string == "total_increasing", path: path, states: states,
                isAvailability: false)
            return [value] + availability(settings, device, message, &pass)
        }

        /// Announced as one topic or as a list of them.
        private static func availability(
            _ settings: DiscoveryKeys, _ device: String, _ message: MQTTMessage, _ pass: inout MQTTPass
        ) -> [Entity] {
            var announced: [DiscoveryKeys] = []
            if settings["availability_topic"] != nil { announced.append(settings) }
            for item in settings["availability"]?.array ?? [] {
                if let object = item.object { announced.append(DiscoveryKeys(object, base: settings.base)) }
            }
            return announced.prefix(8).compactMap { item in
                guard let topic = item.topic("availability_topic") ?? item.topic("topic"), isTopic(topic) else {
                    return nil
                }
                var path: JSONPointer?
                let template = item["availability_template"] ?? item["value_template"]
                let texts = [template, item["payload_available"], item["payload_not_available"]]
                guard texts.allSatisfy({ ($0?.string?.utf8.count ?? 0) <= NameBook.longest }) else { return nil }
                if item["topic"] != nil || item["availability_template"] != nil, let text = template?.string {
                    guard let found = ValueTemplate(text) else { return nil }
                    path = found.pointer
                }
                // The bridge of a device may be away too: its topic tells the two apart.
                return Entity(
                    topic: topic, key: "available-\(device)", series: "available",
                    tags: [Tag("device", device), Tag("source", String(topic.suffix(255)))], unit: .one,
                    isCounter: false,
                    path: path,
                    states: States(
                        on: item["payload_available"]?.string ?? "online",
                        off: item["payload_not_available"]?.string ?? "offline"), isAvailability: true)
            }
        }

        private static func device(
            _ settings: DiscoveryKeys, _ message: MQTTMessage, _ pass: inout MQTTPass
        ) -> String? {
            let device = settings["device"]?.object.map { DiscoveryKeys($0) }
            let identifier = device?["identifiers"]
            let named = device?["name"]?.string ?? identifier?.string ?? identifier?.array?.first?.string
            let levels = message.levels
            // Without a device of its own the node's level says whose it is.
            return pass.device(named ?? String(levels[levels.count - 2]), topic: message.topic)
        }

        private static func unit(_ settings: DiscoveryKeys, _ series: String, _ pass: inout MQTTPass) -> Unit {
            guard let text = settings["unit_of_measurement"]?.string else { return .one }
            if let unit = UnitText.unit(text) { return unit }
            pass.tellOnce("the unit '\(text.prefix(40))' of '\(series)' is not known; name it in 'units'")
            return .one
        }

        private static func isTopic(_ text: String) -> Bool {
            (1...1024).contains(text.utf8.count) && !text.utf8.contains { $0 < 0x20 || "+#".utf8.contains($0) }
        }
    }
}

/// The settings of an entity by their full names, whichever way they are written.
struct DiscoveryKeys {
    private let own: JSONObject
    private let shared: JSONObject?
    /// What `~` at the begin or end of a topic stands for.
    let base: String?

    init(_ own: JSONObject, shared: JSONObject? = nil, base: String? = nil) {
        self.own = own
        self.shared = shared
        self.base = own["~"]?.string ?? shared?["~"]?.string ?? base
    }

    subscript(_ key: String) -> JSONValue? {
        let short = Self.abbreviations[key]
        return own[key] ?? short.flatMap { own[$0] } ?? shared?[key] ?? short.flatMap { shared?[$0] }
    }

    /// A topic with `~` replaced.
    func topic(_ key: String) -> String? {
        guard let text = self[key]?.string else { return nil }
        guard let base else { return text }
        if text.hasPrefix("~") { return base + text.dropFirst() }
        return text.hasSuffix("~") ? text.dropLast() + base : text
    }

    /// home-assistant.io, "MQTT discovery": supported abbreviations.
    private static let abbreviations: [String: String] = [
        "state_topic": "stat_t", "value_template": "val_tpl", "unit_of_measurement": "unit_of_meas",
        "device_class": "dev_cla", "state_class": "stat_cla", "device": "dev", "identifiers": "ids",
        "availability": "avty", "availability_topic": "avty_t", "availability_template": "avty_tpl",
        "payload_available": "pl_avail", "payload_not_available": "pl_not_avail", "payload_on": "pl_on",
        "payload_off": "pl_off", "state_on": "stat_on", "state_off": "stat_off", "object_id": "obj_id", "topic": "t",
        "components": "cmps", "platform": "p",
    ]
}
