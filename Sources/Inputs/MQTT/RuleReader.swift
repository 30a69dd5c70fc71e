import JSON
import Telemetry

/// Reads the messages of one item of `topics:` by the decoder of its format, with the topic's levels as tags.
struct RuleReader: TopicReader {
    let patterns: [TopicPattern]
    private let pattern: TopicPattern
    private let event: String?
    private var decoder: RecordDecoder?
    private var points: PointIntake
    private var named: [(name: String, text: Substring)] = []

    init(_ rule: TopicRule, environment: InputEnvironment, sink: any SampleSink) {
        pattern = rule.pattern
        patterns = [rule.pattern]
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

    mutating func take(_ message: MQTTMessage, _ pass: inout MQTTPass) throws(PayloadProblem) -> Bool {
        guard pattern.matches(message.levels, named: &named) else { return false }
        guard let tags = tags(message, &pass) else { return true }
        if let event {
            pass.event(event, Self.attributes(message, besides: tags, &pass))
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

    /// What an event says: the topic's levels, and the members of an object or the text as it is. What an event cannot hold is counted.
    private static func attributes(
        _ message: MQTTMessage, besides tags: [Tag], _ pass: inout MQTTPass
    ) -> [Event.Attribute] {
        var attributes = tags.map { Event.Attribute($0.key, .text($0.value)) }
        var leftOut = 0
        var example = ""
        if message.payload.first == UInt8(ascii: "{"), let object = try? message.object() {
            var keys = Set(tags.map(\.key))
            for member in object {
                if case .null = member.value { continue }
                let name = NameBook.seriesName(of: member.key)
                if let name, let value = member.value.telemetryValue, keys.count < tags.count + mostMembers,
                    keys.insert(name).inserted
                {
                    attributes.append(Event.Attribute(name, value))
                } else {
                    if leftOut == 0 { example = "its member '\(member.key.prefix(64))'" }
                    leftOut += 1
                }
            }
        } else if !message.payload.isEmpty {
            if let text = message.text, text.utf8.count <= 255 {
                if !text.isEmpty { attributes.append(Event.Attribute("payload", .text(String(text)))) }
            } else {
                (leftOut, example) = (1, "its payload")
            }
        }
        if leftOut > 0 {
            pass.complain(
                message.topic,
                "an event has at most \(mostMembers) members, each a number, a truth value or a text of at most 255 bytes, with a name of its own; \(example) is left out",
                "attribute left out", count: leftOut)
        }
        return attributes
    }

    /// More members than this are no description of an event.
    private static let mostMembers = 32
}
