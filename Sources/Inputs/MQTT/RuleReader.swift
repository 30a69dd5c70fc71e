import JSON
import Telemetry

/// Reads the messages of one item of `topics:` by the decoder of its format, with the topic's levels as tags.
struct RuleReader: TopicReader {
    private let pattern: TopicPattern
    private let event: String?
    private var decoder: RecordDecoder?
    private var points: PointIntake
    private var named: [(name: String, text: Substring)] = []

    init(_ rule: TopicRule, environment: InputEnvironment, sink: any SampleSink) {
        pattern = rule.pattern
        let settings: RecordSettings
        switch rule.contents {
        case .records(let given):
            (settings, event) = (given, nil)
            decoder = RecordDecoder(given.format)
        case .event(let name): (settings, event) = (RecordSettings(.line(.nanoseconds)), name)
        }
        points = PointIntake(
            rule.pattern.description, tags: environment.deviceTags(settings.device) + settings.tags,
            units: settings.units, priority: settings.priority, environment: environment, sink: sink)
    }

    var patterns: [TopicPattern] { [pattern] }

    mutating func take(_ message: MQTTMessage, _ pass: inout MQTTPass) throws(PayloadProblem) -> Bool {
        guard pattern.matches(message.levels, named: &named) else { return false }
        guard let tags = tags(message, &pass) else { return true }
        if let event {
            pass.event(event, tags.map { Event.Attribute($0.key, .text($0.value)) } + Self.attributes(message))
            return true
        }
        points.source = message.topic
        points.quality = pass.quality
        points.context = PointContext(key: Array(message.topic.utf8), tags: tags)
        message.payload.withUnsafeBytes { bytes in
            do throws(RecordProblem) {
                // Each message is a stream of its own: a header of CSV stands in it.
                decoder?.restart()
                try decoder?.decode(bytes, arrival: pass.arrival, into: &points)
            } catch {
                points.refuse(error)
            }
        }
        points.flush()
        return true
    }

    /// The tags of a topic; nil, and counted, when the text of a level can be none.
    private func tags(_ message: MQTTMessage, _ pass: inout MQTTPass) -> [Tag]? {
        var tags: [Tag] = []
        for (name, text) in named {
            if name == "device" {
                guard let device = pass.device(text, topic: message.topic) else { return nil }
                tags.append(Tag(name, device))
            } else if Tag.isValidValue(text) {
                tags.append(Tag(name, String(text)))
            } else {
                pass.complain(message.topic, "the level '\(name)' is empty or too long for a tag", "bad name")
                return nil
            }
        }
        return tags
    }

    /// What an event's payload says: the members of an object that are no containers, or the text as it is.
    private static func attributes(_ message: MQTTMessage) -> [Event.Attribute] {
        if message.payload.first == UInt8(ascii: "{"), let object = try? message.object() {
            var attributes: [Event.Attribute] = []
            for member in object.prefix(32) where Series.isValidName(member.key) {
                if let value = member.value.telemetryValue { attributes.append(Event.Attribute(member.key, value)) }
            }
            return attributes
        }
        guard let text = message.text, (1...255).contains(text.utf8.count) else { return [] }
        return [Event.Attribute("payload", .text(String(text)))]
    }
}
