import Configuration
import Telemetry

/// What to make of the messages of some topics.
struct TopicRule: ConfigurationDecodable, Sendable {
    enum Contents: Sendable {
        /// Every message is a record of a format.
        case records(RecordSettings)
        /// Every message is an event of this name.
        case event(String)
    }

    var pattern: TopicPattern
    var contents: Contents

    init(_ pattern: TopicPattern, _ contents: Contents) {
        self.pattern = pattern
        self.contents = contents
    }

    init(from reader: inout MappingReader) {
        pattern = reader.required("topic", as: .topicPattern)
        let event = reader.optional("event", as: .seriesName)
        reader.exactlyOne(of: ["format", "event"])
        guard reader.contains("format") else {
            contents = .event(event ?? "x")
            if let event, Event.reservedNames.contains(event) {
                reader.report("'\(event)' is an event of the agent's own; choose another name", key: "event")
            }
            return
        }
        let settings = RecordSettings(from: &reader)
        contents = .records(settings)
        if case .nmea = settings.format, reader.isSound("format") {
            reader.report("comes over a line, not in messages; choose another format", key: "format")
        }
        for name in pattern.names where settings.tags.contains(where: { $0.key == name }) {
            reader.report("'\(name)' is a level of the topic already; keep one of them", key: "tags")
        }
    }
}
