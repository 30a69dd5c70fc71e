import JSON
import Telemetry

/// Follows Home Assistant's MQTT discovery: `<base>/<component>/[<node>/]<object>/config` says where the state of an entity is published, where
/// in it the value stands, and in which unit (home-assistant.io, "MQTT discovery"); abbreviated keys are understood.
///
/// Only templates that name a value are: `{{ value_json.temperature }}`. One that computes is told of once, and its entity is left out.
struct DiscoveryReader: TopicReader {
    let patterns: [TopicPattern]
    private let base: TopicPattern
    private let name: SeriesPrefix
    private let units: [String: Unit]
    /// By the topic of the configuration, then by the component's key in it.
    private var entities: [String: [Entity]] = [:]
    private var count = 0
    /// What each state topic feeds, made of `entities` when they change.
    private var listeners: [String: [Entity]] = [:]

    private static let mostEntities = 4000

    init(base: TopicPattern, name: SeriesPrefix, units: [String: Unit]) {
        self.base = base
        patterns = [
            .under(base, .any, .any, .text("config")), .under(base, .any, .any, .any, .text("config")),
        ]
        self.name = name
        self.units = units
    }

    func isCurrentWhenRetained(_ message: MQTTMessage) -> Bool {
        if isConfiguration(message) { return true }
        guard let heard = listeners[message.topic] else { return false }
        return heard.allSatisfy(\.isAvailability)
    }

    private func isConfiguration(_ message: MQTTMessage) -> Bool {
        patterns.contains { $0.matches(message.levels) }
    }

    mutating func take(_ message: MQTTMessage, _ pass: inout MQTTPass) throws(PayloadProblem) -> Bool {
        if isConfiguration(message) {
            try learn(message, &pass)
            return true
        }
        guard let heard = listeners[message.topic] else { return false }
        var document: JSONValue?
        for entity in heard {
            if entity.path != nil, document == nil { document = try message.json() }
            do throws(PayloadProblem) {
                guard let value = try entity.value(of: message, document) else { continue }
                pass.add(value, of: message.topic, entity.key) {
                    let unit = value.kind == .gauge ? units[name(entity.series)] ?? entity.unit : .one
                    return Series(
                        name(entity.series), tags: entity.tags, unit: unit,
                        kind: value.kind == .gauge && entity.isCounter ? .counter : value.kind)
                }
            } catch {
                pass.complain(message.topic, "\(entity.series): \(error.message)", "bad value")
            }
        }
        return true
    }

    private mutating func learn(_ message: MQTTMessage, _ pass: inout MQTTPass) throws(PayloadProblem) {
        var found: [Entity] = []
        // An empty configuration takes the entity away.
        if !message.payload.isEmpty {
            let object = try message.object()
            let rest = message.levels.dropFirst(base.levels.count)
            guard let component = rest.first, let id = rest.dropLast().last else { return }
            if component == "device" {
                let parts = DiscoveryKeys(object)["components"]?.object ?? JSONObject()
                for (key, part) in parts {
                    guard let part = part.object, let platform = DiscoveryKeys(part)["platform"]?.string else {
                        continue
                    }
                    found += Entity.read(platform, key, DiscoveryKeys(part, shared: object), message, &pass)
                }
            } else {
                found = Entity.read(String(component), String(id), DiscoveryKeys(object), message, &pass)
            }
        }
        let before = entities[message.topic] ?? []
        guard found != before else { return }
        guard count - before.count + found.count <= Self.mostEntities else {
            pass.complain(message.topic, "there are \(Self.mostEntities) entities already", "too many devices")
            return
        }
        count += found.count - before.count
        entities[message.topic] = found.isEmpty ? nil : found
        let old = Set(listeners.keys)
        listeners = [:]
        for topic in entities.keys.sorted() {
            for entity in entities[topic] ?? [] where listeners[entity.topic]?.contains(entity) != true {
                listeners[entity.topic, default: []].append(entity)
            }
        }
        pass.unsubscribe += old.subtracting(listeners.keys).sorted()
        pass.subscribe += Set(listeners.keys).subtracting(old).sorted()
        pass.forgetSeries()
    }
}
