import Configuration
import Telemetry

/// What can be set of every input that takes records of text.
struct RecordSettings: Hashable, Sendable {
    /// How records are written.
    var format: RecordFormat
    /// The device that records are about; nil for the agent's own.
    var device: String?
    /// The class of the samples.
    var priority = PriorityClass.metric
    /// Tags that every series has; a record's own win.
    var tags: [Tag] = []
    /// Units of series by their names; they win over what a record or the format says.
    var units: [String: Unit] = [:]

    init(
        _ format: RecordFormat, device: String? = nil, priority: PriorityClass = .metric, tags: [Tag] = [],
        units: [String: Unit] = [:]
    ) {
        self.format = format
        self.device = device
        self.priority = priority
        self.tags = tags
        self.units = units
    }

    /// Reads the keys `format`, `device`, `class`, `tags` and `units` of an input.
    init(from reader: inout MappingReader) {
        format = reader.required("format", as: .recordFormat)
        device = reader.optional("device", as: .identifier)
        priority = reader.value("class", as: .sampleClass, default: .metric)
        tags = reader.value("tags", as: .entries(keys: .recordTagKey, of: .tagValue), default: []).map {
            Tag($0.key, $0.value)
        }
        units = reader.value("units", as: .dictionary(keys: .seriesName, of: .unit), default: [:])
    }
}
