import Telemetry

/// Reads what ESPHome publishes: `<base>/<component>/<object id>/state` with one plain value, and `<base>/status`
/// (esphome.io, "MQTT Client Component").
///
/// The base is the topic prefix, by default the node's name, so its last level is the device. There are no units on the wire.
struct ESPHomeReader: TopicReader {
    let patterns: [TopicPattern]
    private let base: TopicPattern
    private let name: SeriesPrefix
    private let units: [String: Unit]

    private static let components = ["sensor", "binary_sensor", "text_sensor", "switch"]

    init(base: TopicPattern, name: SeriesPrefix, units: [String: Unit]) {
        self.base = base
        patterns =
            Self.components.map { .under(base, .text($0), .any, .text("state")) } + [.under(base, .text("status"))]
        self.name = name
        self.units = units
    }

    func isCurrentWhenRetained(_ message: MQTTMessage) -> Bool { message.levels.count == base.levels.count + 1 }

    mutating func take(_ message: MQTTMessage, _ pass: inout MQTTPass) throws(PayloadProblem) -> Bool {
        guard patterns.contains(where: { $0.matches(message.levels) }) else { return false }
        let prefix = message.levels[base.levels.count - 1]
        guard let device = pass.device(prefix, topic: message.topic) else { return true }
        guard let text = message.text else { throw PayloadProblem("it is no text of at most 4096 bytes") }
        let component = message.levels[base.levels.count]
        let value: Value
        switch component {
        case "sensor":
            // A sensor that has no reading says `nan`.
            if text.lowercased() == "nan" {
                pass.reject("no value")
                return true
            }
            guard let number = plainNumber(text) else { throw PayloadProblem("'\(text.prefix(40))' is no number") }
            value = .double(number)
        case "text_sensor":
            guard (1...255).contains(text.utf8.count) else {
                throw PayloadProblem("the text is empty or longer than 255 bytes")
            }
            value = .text(String(text))
        default:
            guard let flag = plainBoolean(text) else {
                throw PayloadProblem("'\(text.prefix(40))' is neither on nor off")
            }
            value = .boolean(flag)
        }
        let isStatus = component == "status"
        pass.add(value, of: message.topic, "") {
            let object = isStatus ? "available" : message.levels[base.levels.count + 1]
            let series = NameBook.seriesName(of: object).map { name($0) } ?? ""
            return Series(
                series, tags: [Tag("device", device)], unit: value.kind == .gauge ? units[series] ?? .one : .one,
                kind: value.kind)
        }
        return true
    }
}
