package import Configuration
package import Connection
package import Mosquitto
package import Telemetry

/// What can be set of an input `mqtt`.
package struct MQTTSettings: ConfigurationDecodable, Sendable {
    package var access: BrokerAccess
    /// Nil for one made of the agent's id and the input's name.
    package var clientID: String?
    package var qos: QoS
    package var retained: RetainedRule
    /// The largest payload, bytes.
    package var messageSize: Int64
    /// Of what presets give; topics have their own.
    package var priority: PriorityClass
    var topics: [TopicRule]
    package var presets: [PresetRule]

    /// What becomes of a message that the broker kept from before the subscription.
    package enum RetainedRule: String, CaseIterable, Sendable {
        /// It is dropped, and counted.
        case skip
        /// Its samples are marked as not fresh.
        case mark
        /// It is as good as any other.
        case take
    }

    init(access: BrokerAccess, topics: [TopicRule] = [], presets: [PresetRule] = []) {
        self.access = access
        self.topics = topics
        self.presets = presets
        qos = .atLeastOnce
        retained = .skip
        messageSize = 1 << 20
        priority = .metric
    }

    package init(from reader: inout MappingReader) {
        access = BrokerAccess(from: &reader)
        clientID = reader.optional(
            "client-id",
            as: ValueFormat<String>.nonEmptyString.check("must have at most 255 bytes") { $0.utf8.count <= 255 })
        qos = QoS(rawValue: reader.value("qos", as: .integer(in: UInt8(0)...1), default: 1)) ?? .atLeastOnce
        retained = reader.value("retained", as: .enumeration, default: .skip)
        messageSize = reader.value("message-size", as: .byteCount(in: 1024...(64 << 20)), default: 1 << 20)
        priority = reader.value("class", as: .sampleClass, default: .metric)
        topics = reader.value("topics", as: .sequence(of: .mapping), default: [])
        presets = reader.value("presets", as: .sequence(of: .mapping), default: [])
        checkTogether(reader)
    }

    private func checkTogether(_ reader: MappingReader) {
        guard reader.isSound("topics"), reader.isSound("presets") else { return }
        guard !(topics.isEmpty && presets.isEmpty) else {
            reader.report("there is nothing to subscribe to; give 'topics' or 'presets'", at: reader.place)
            return
        }
        let patterns = topics.map(\.pattern) + presets.flatMap { $0.reader.patterns }
        if let (one, another) = TopicPattern.conflict(in: patterns) {
            reader.report(
                "'\(one)' and '\(another)' overlap, so that the broker may deliver a message twice; make one of them more exact",
                key: reader.contains("topics") ? "topics" : "presets")
        }
    }
}

/// A family of devices whose topics and payloads are known.
package struct PresetRule: ConfigurationDecodable, Sendable {
    package enum Preset: String, CaseIterable, Sendable {
        case zigbee2mqtt
        case tasmota
        case esphome
        case homeassistant
        case vda5050
    }

    package var preset: Preset
    /// The levels above those of the family.
    package var base: TopicPattern
    /// Stands before the names of its series, with a dot.
    package var prefix: String?
    /// The units of series whose device does not say it, by their names.
    package var units: [String: Unit]

    package init(_ preset: Preset, base: TopicPattern? = nil, prefix: String? = nil, units: [String: Unit] = [:]) {
        self.preset = preset
        self.base = base ?? preset.base
        self.prefix = prefix ?? preset.prefix
        self.units = units
    }

    package init(from reader: inout MappingReader) {
        preset = reader.required("preset", as: .enumeration)
        base = reader.value("base", as: .topicPattern, default: preset.base)
        prefix = reader.optional("prefix", as: .seriesName) ?? preset.prefix
        units = reader.value("units", as: .dictionary(keys: .seriesName, of: .unit), default: [:])
        if reader.isSound("base"), base.levels.contains(.rest) || !base.names.isEmpty {
            reader.report("must not have '#' or '{name}': the levels behind it are the preset's", key: "base")
        }
    }

    /// What reads its messages.
    var reader: any TopicReader {
        let name = SeriesPrefix(text: prefix)
        return switch preset {
        case .zigbee2mqtt: ZigbeeReader(base: base, name: name, units: units)
        case .tasmota: TasmotaReader(base: base, name: name, units: units)
        case .esphome: ESPHomeReader(base: base, name: name, units: units)
        case .homeassistant: DiscoveryReader(base: base, name: name, units: units)
        case .vda5050: VehicleReader(base: base, name: name)
        }
    }
}

extension PresetRule.Preset {
    /// What each family uses when nobody changed it.
    var base: TopicPattern {
        switch self {
        case .zigbee2mqtt: TopicPattern([.text("zigbee2mqtt")])
        case .tasmota: TopicPattern([.text("tele")])
        case .esphome: TopicPattern([.any])
        case .homeassistant: TopicPattern([.text("homeassistant")])
        case .vda5050: TopicPattern([.text("uagv")])
        }
    }

    var prefix: String? { self == .vda5050 ? "agv" : nil }
}
