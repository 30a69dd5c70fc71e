import Telemetry

/// Reads the messages of some topics. All that it remembers is in its value, so that a course of messages is a test.
protocol TopicReader {
    /// What it wants to hear.
    var patterns: [TopicPattern] { get }

    /// Takes what a message says.
    ///
    /// - Returns: whether the message's topic is one of its own.
    /// - Throws: `PayloadProblem` when it is, and nothing can be made of the payload.
    mutating func take(_ message: MQTTMessage, _ pass: inout MQTTPass) throws(PayloadProblem) -> Bool

    /// Whether a message that the broker has kept says what is so now, as an availability does, and is no old measurement.
    func isCurrentWhenRetained(_ message: MQTTMessage) -> Bool
}

extension TopicReader {
    func isCurrentWhenRetained(_ message: MQTTMessage) -> Bool { false }
}

/// How a preset names the series it makes: `temperature`, or `room.temperature` with the prefix `room`.
struct SeriesPrefix: Hashable, Sendable {
    let text: String?

    func callAsFunction(_ name: String) -> String { text.map { "\($0).\(name)" } ?? name }
}
