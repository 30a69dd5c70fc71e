import Configuration
import Telemetry

extension LineHead {
    /// The event a line of the reserved measurements `run` and `event` stands for; nil for any other measurement.
    func event(
        _ fields: [LineField], _ bytes: UnsafeRawBufferPointer, at timestamp: Timestamp
    ) throws(RecordProblem) -> Event? {
        switch measurement {
        case "run": try RunLine(self, fields, bytes).event(at: timestamp)
        case "event": try named(fields, bytes, at: timestamp)
        default: nil
        }
    }

    /// `event,device=arm-07 name="estop.pressed"`: the field `name` names it, tags and other fields describe it.
    private func named(
        _ fields: [LineField], _ bytes: UnsafeRawBufferPointer, at timestamp: Timestamp
    ) throws(RecordProblem) -> Event {
        var name: String?
        var attributes = tags.map { Event.Attribute($0.key, .text($0.value)) }
        for field in fields {
            let key = try bytes.unescaped(field.key, named: "field key")
            let value = try bytes.telemetryValue(field.value)
            guard key == "name" else {
                attributes.append(Event.Attribute(key, value))
                continue
            }
            guard case .text(let text) = value, Series.isValidName(text) else {
                throw RecordProblem(
                    "the name of an event must be \(Series.nameRule), in double quotes", at: field.key.lowerBound)
            }
            guard !Event.reservedNames.contains(text) else {
                throw RecordProblem(
                    "'\(text)' is an event of the agent's own; choose another name", at: field.key.lowerBound)
            }
            name = text
        }
        guard let name else {
            throw RecordProblem("an event needs a name; write 'event name=\"estop.pressed\"'", at: offset)
        }
        return Event(name, at: timestamp, attributes: attributes)
    }
}

/// A line `run,scenario=…,id=… event="start"`.
private struct RunLine {
    private static let textFields = ["event", "outcome", "failure_mode", "subject"]
    private static let ownTags: Set<String> = ["scenario", "id", "subject"]

    private let phase: RunEvent.Phase
    private let scenario: Identifier
    private let run: Identifier
    private var texts: [String: String] = [:]
    private var intervention: Bool?
    /// Tags that are not the run's own, such as those a client library adds to every line.
    private let others: [Event.Attribute]

    init(_ head: LineHead, _ fields: [LineField], _ bytes: UnsafeRawBufferPointer) throws(RecordProblem) {
        scenario = try Self.identifier("scenario", head)
        run = try Self.identifier("id", head)
        texts["subject"] = head.tags.first { $0.key == "subject" }?.value
        others = head.tags.filter { !Self.ownTags.contains($0.key) }.map { Event.Attribute($0.key, .text($0.value)) }
        var eventOffset = head.offset
        for field in fields {
            let key = try bytes.unescaped(field.key, named: "field key")
            let place = field.key.lowerBound
            if key == "event" { eventOffset = place }
            switch (key, try bytes.telemetryValue(field.value)) {
            case ("intervention", .boolean(let flag)): intervention = flag
            case ("intervention", _): throw RecordProblem("'intervention' must be true or false", at: place)
            case (let key, .text(let text)) where Self.textFields.contains(key): texts[key] = text
            case (let key, _) where Self.textFields.contains(key):
                throw RecordProblem("'\(key)' must be text in double quotes", at: place)
            default:
                // A misspelt outcome that were kept as something else would be missed only when the run is judged.
                let advice = MappingReader.suggestion(
                    for: key, among: Self.textFields + ["intervention"], noun: "field of a run")
                throw RecordProblem("a run has no field '\(key.prefix(64))'\(advice)", at: place)
            }
        }
        switch texts["event"] {
        case "start": phase = .start
        case "stop": phase = .stop
        default:
            throw RecordProblem("a run needs the field event=\"start\" or event=\"stop\"", at: eventOffset)
        }
    }

    func event(at timestamp: Timestamp) -> Event {
        let marker = RunEvent(
            phase, scenario: scenario, run: run, at: timestamp, subject: texts["subject"], outcome: texts["outcome"],
            failureMode: texts["failure_mode"], intervention: intervention
        ).event
        return Event(marker.name, at: timestamp, attributes: others + marker.attributes)
    }

    private static func identifier(_ key: String, _ head: LineHead) throws(RecordProblem) -> Identifier {
        guard let tag = head.tags.first(where: { $0.key == key }) else {
            throw RecordProblem(
                "a run needs the tag '\(key)'; write 'run,scenario=…,id=… event=\"start\"'", at: head.offset)
        }
        guard let identifier = Identifier(tag.value) else {
            throw RecordProblem("the tag '\(key)' must be \(Identifier.rule)", at: head.offset)
        }
        return identifier
    }
}
