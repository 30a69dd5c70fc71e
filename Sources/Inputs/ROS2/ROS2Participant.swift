#if ROS2
import CROS2Types
import Logging
import Synchronization

/// Why DDS cannot be used, or a topic not be read.
struct ROS2Failure: Error {
    let reason: String

    init(_ reason: String) { self.reason = reason }

    /// - Parameters:
    ///   - doing: what could not be done.
    ///   - code: a negative result of the library.
    init(_ doing: String, _ code: dds_return_t) {
        let words = dds_strretcode(code).map { String(cString: $0) } ?? "error \(code)"
        reason = "\(doing): \(words)"
    }
}

/// This input as others on the network see it.
final class ROS2Participant {
    let environment: InputEnvironment
    let sink: any SampleSink
    let bell: ROS2Bell
    /// Of the library; all others are below it.
    private let domain: dds_entity_t
    let entity: dds_entity_t
    /// Tells who publishes what.
    private let publications: dds_entity_t
    /// Counts the numbers of the messages that come. What is published between two participants is not counted as lost.
    let counter: OpaquePointer?

    /// - Throws: `ROS2Failure`, for instance while there is no network, or on a box without the library.
    init(_ settings: ROS2Settings, environment: InputEnvironment, sink: any SampleSink) throws(ROS2Failure) {
        if let refusal = ros2_open_library() { throw ROS2Failure(String(cString: refusal)) }
        guard let bell = ROS2Bell() else { throw ROS2Failure("the agent has too many files open") }
        ROS2Log.send(to: environment.logger)
        let domain = dds_create_domain(settings.domain, settings.network.uri)
        guard domain != ros2_occupied() else {
            throw ROS2Failure("another item of 'inputs' has this domain; put all topics of a domain into one item")
        }
        guard domain > 0 else { throw ROS2Failure("the network cannot be used, see 'network'", domain) }
        let entity = dds_create_participant(settings.domain, nil, nil)
        let publications = entity > 0 ? dds_create_reader(entity, ros2_publications(), nil, nil) : entity
        guard entity > 0, publications > 0 else {
            dds_delete(domain)
            throw ROS2Failure("the network cannot be used, see 'network'", min(entity, publications))
        }
        (self.environment, self.sink, self.bell) = (environment, sink, bell)
        (self.domain, self.entity, self.publications) = (domain, entity, publications)
        counter = ros2_open_counter()
    }

    deinit {
        // Waits for callbacks that are under way, so that none finds the bell gone.
        dds_delete(domain)
        ros2_close_counter(counter)
    }

    /// A reader of a topic, which rings the bell.
    ///
    /// - Parameters:
    ///   - topic: what to read.
    ///   - descriptor: its type.
    /// - Returns: the reader, which lives as long as the participant.
    /// - Throws: `ROS2Failure`.
    func reader(
        of topic: ROS2TopicSettings, _ descriptor: UnsafePointer<dds_topic_descriptor_t>?
    ) throws(ROS2Failure) -> dds_entity_t {
        let known = dds_create_topic(entity, descriptor, topic.name.ddsName, nil, nil)
        guard known > 0 else { throw ROS2Failure("the topic \(topic.name) cannot be used", known) }
        let qos = dds_create_qos()
        defer { dds_delete_qos(qos) }
        topic.qos.apply(to: qos)
        let listener = dds_create_listener(Unmanaged.passUnretained(bell).toOpaque())
        defer { dds_delete_listener(listener) }
        dds_lset_data_available(listener) { @Sendable _, bell in
            guard let bell else { return }
            Unmanaged<ROS2Bell>.fromOpaque(bell).takeUnretainedValue().ring()
        }
        let reader = dds_create_reader(entity, known, qos, listener)
        guard reader > 0 else { throw ROS2Failure("the topic \(topic.name) cannot be read", reader) }
        return reader
    }

    /// The topics of ROS that are published, and as what types, both as ROS calls them; at most 512 publishers are looked at.
    func published() -> [String: Set<String>] {
        let most = 512
        var topics: [String: Set<String>] = [:]
        withUnsafeTemporaryAllocation(of: UnsafeMutableRawPointer?.self, capacity: most) { buffer in
            withUnsafeTemporaryAllocation(of: dds_sample_info_t.self, capacity: most) { infos in
                buffer.initialize(repeating: nil)
                infos.initialize(repeating: dds_sample_info_t())
                let count = dds_read(publications, buffer.baseAddress, infos.baseAddress, most, UInt32(most))
                guard count > 0 else { return }
                for index in 0..<Int(count) {
                    guard infos[index].valid_data, infos[index].instance_state == DDS_IST_ALIVE,
                        let endpoint = buffer[index]?.assumingMemoryBound(to: dds_builtintopic_endpoint_t.self),
                        let name = endpoint.pointee.topic_name, let type = endpoint.pointee.type_name
                    else { continue }
                    let topic = String(cString: name)
                    guard topic.hasPrefix("rt/") else { continue }
                    topics[String(topic.dropFirst(2)), default: []].insert(ROS2Type.rosName(String(cString: type)))
                }
                _ = dds_return_loan(publications, buffer.baseAddress, count)
            }
        }
        return topics
    }
}

extension ROS2QoS {
    fileprivate func apply(to qos: OpaquePointer?) {
        switch reliability {
        case .bestEffort:
            dds_qset_reliability(qos, DDS_RELIABILITY_BEST_EFFORT, 0)
            // So that what finds no room is refused and counted. With the last kept, it would vanish without a trace.
            dds_qset_history(qos, DDS_HISTORY_KEEP_ALL, 0)
            dds_qset_resource_limits(qos, depth, -1, -1)
        case .reliable:
            dds_qset_reliability(qos, DDS_RELIABILITY_RELIABLE, 0)
            // A reader that keeps all could hold up a publisher that does, which no onlooker may.
            dds_qset_history(qos, DDS_HISTORY_KEEP_LAST, depth)
        }
        switch durability {
        case .volatile: dds_qset_durability(qos, DDS_DURABILITY_VOLATILE)
        case .transientLocal: dds_qset_durability(qos, DDS_DURABILITY_TRANSIENT_LOCAL)
        }
    }
}

/// What the library says about itself goes where the agent's lines go.
enum ROS2Log {
    private struct State {
        var logger: Logger?
        var throttle = LogThrottle(now: 0)
    }

    private static let state = Mutex(State())

    /// The library has one log for the whole process: of several inputs the last one's is used.
    static func send(to logger: Logger) {
        state.withLock { $0.logger = logger }
        dds_set_log_sink(
            { @Sendable _, data in
                guard let data, let text = data.pointee.message else { return }
                let bytes = UnsafeRawBufferPointer(start: text, count: min(data.pointee.size, 500))
                ROS2Log.write(String(decoding: bytes, as: UTF8.self), data.pointee.priority)
            }, nil)
    }

    private static func write(_ text: String, _ priority: UInt32) {
        state.withLock { state in
            guard let logger = state.logger, priority <= UInt32(DDS_LC_WARNING),
                let held = state.throttle.admit(at: monotonicNanoseconds())
            else { return }
            let line = text.last == "\n" ? String(text.dropLast()) : text
            logger.warning("Cyclone DDS: \(line)", metadata: held > 0 ? ["held-back": "\(held)"] : [:])
        }
    }
}
#endif
