import Telemetry

/// Takes messages one after another and gives their samples and events to the sink.
///
/// It does no I/O: what it does with a course of messages depends on the messages and the times given.
struct MQTTIntake {
    /// The longest topic that is taken, in bytes: what is known of topics is kept by them.
    private static let longestTopic = 1024

    private var readers: [any TopicReader]
    /// Of all readers, in their order.
    private let patterns: [TopicPattern]
    private var pass: MQTTPass
    private let settings: MQTTSettings

    init(_ settings: MQTTSettings, environment: InputEnvironment, sink: any SampleSink) {
        self.settings = settings
        readers =
            settings.topics.map { RuleReader($0, environment: environment, sink: sink) }
            + settings.presets.map(\.reader)
        patterns = readers.flatMap(\.patterns)
        pass = MQTTPass(environment, sink: sink)
    }

    /// What to subscribe to from the beginning.
    var filters: [String] { TopicPattern.subscriptions(patterns).map(\.filter) }

    /// Topics to subscribe to and to leave because of the last message.
    struct Changes {
        var subscribe: [String] = []
        var unsubscribe: [String] = []
    }

    /// Takes a message.
    ///
    /// - Returns: what to subscribe to besides, now that it is known; topics that a filter covers are left out.
    mutating func take(_ message: MQTTMessage, at arrival: Timestamp) -> Changes {
        pass.begin(at: arrival, quality: message.isRetained && settings.retained == .mark ? .unreliable : [])
        defer { pass.flush(settings.priority) }
        guard message.topic.utf8.count <= Self.longestTopic else {
            pass.complain(message.topic, "the topic is longer than \(Self.longestTopic) bytes", "bad name")
            return Changes()
        }
        guard message.payload.count <= settings.messageSize else {
            pass.complain(
                message.topic, "it has \(message.payload.count) bytes; raise 'message-size'", "message too large")
            return Changes()
        }
        var isHeard = false
        for index in readers.indices {
            if message.isRetained, settings.retained == .skip, !readers[index].isCurrentWhenRetained(message) {
                if readers[index].patterns.contains(where: { $0.matches(message.levels) }) {
                    isHeard = true
                    pass.reject("retained value")
                }
                continue
            }
            do throws(PayloadProblem) {
                if try readers[index].take(message, &pass) { isHeard = true }
            } catch {
                isHeard = true
                pass.complain(message.topic, error.message, "bad payload")
            }
        }
        if !isHeard { pass.reject("no rule") }
        guard !pass.subscribe.isEmpty || !pass.unsubscribe.isEmpty else { return Changes() }
        defer { (pass.subscribe, pass.unsubscribe) = ([], []) }
        func isOwn(_ topic: String) -> Bool {
            let levels = topic.split(separator: "/", omittingEmptySubsequences: false)
            return !patterns.contains { $0.matches(levels) }
        }
        return Changes(subscribe: pass.subscribe.filter(isOwn), unsubscribe: pass.unsubscribe.filter(isOwn))
    }

    /// The broker has refused a subscription.
    mutating func refused(_ filter: String, _ reason: String) {
        pass.tellOnce(
            "the broker does not let this box hear '\(filter.prefix(200))': \(reason); change its access list")
        pass.reject("subscription refused")
        pass.flush()
    }
}
