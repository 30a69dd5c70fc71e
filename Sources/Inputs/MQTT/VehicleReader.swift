import JSON
import Telemetry

/// Reads what vehicles publish by VDA 5050, versions 2 and 3: `<interface>/v2/<manufacturer>/<serial number>/state` and `…/connection`
/// (github.com/VDA5050/VDA5050, `VDA5050_EN.md` and `json_schemas/`).
///
/// The major version is that of the topic. Every message has a `headerId`, which counts the messages of its topic: what is missing in it
/// was lost on the way, and is counted as such.
struct VehicleReader: TopicReader {
    let patterns: [TopicPattern]
    private let base: TopicPattern
    private let name: SeriesPrefix
    /// By the levels of the topic above `state` and `connection`.
    private var vehicles: [String: Vehicle] = [:]

    private static let mostVehicles = 2000

    init(base: TopicPattern, name: SeriesPrefix) {
        self.base = base
        patterns = ["state", "connection"].map { .under(base, .any, .any, .any, .text($0)) }
        self.name = name
    }

    func isCurrentWhenRetained(_ message: MQTTMessage) -> Bool { message.levels.last == "connection" }

    mutating func take(_ message: MQTTMessage, _ pass: inout MQTTPass) throws(PayloadProblem) -> Bool {
        guard patterns.contains(where: { $0.matches(message.levels) }), let subtopic = message.levels.last else {
            return false
        }
        let levels = message.levels.dropLast()
        let major = levels[base.levels.count]
        guard let version = VehicleVersion(rawValue: String(major)) else {
            pass.complain(message.topic, "VDA 5050 '\(major.prefix(20))' is neither v2 nor v3", "unknown version")
            return true
        }
        let object = try message.object()
        let (maker, serial) = (levels[base.levels.count + 1], levels[base.levels.count + 2])
        guard let device = pass.device("\(maker)-\(serial)", topic: message.topic) else { return true }
        let key = levels.joined(separator: "/")
        guard vehicles[key] != nil || vehicles.count < Self.mostVehicles else {
            pass.complain(message.topic, "there are \(Self.mostVehicles) vehicles already", "too many devices")
            return true
        }
        let report = VehicleReport(message: message, device: device, name: name, version: version, object: object)
        report.countLoss(in: &vehicles[key, default: Vehicle()], String(subtopic), &pass)
        switch subtopic {
        case "connection": report.takeConnection(&vehicles[key, default: Vehicle()], &pass)
        default: report.takeState(&vehicles[key, default: Vehicle()], &pass)
        }
        return true
    }
}

/// The major version, as it stands in the topic; the two name many things differently.
enum VehicleVersion: String {
    case v2
    case v3
}

/// What is remembered of a vehicle between its messages.
struct Vehicle {
    /// The last `headerId` of each topic.
    var headers: [String: UInt32] = [:]
    var lost: [String: Int64] = [:]
    var connection: String?
    var mode: String?
    var emergencyStop: String?
    var fieldViolation: Bool?
    var order: String?
    /// Errors that stand, by what tells them apart.
    var errors: Set<VehicleError> = []
    /// The status of each action of the present order; nil before the first state.
    var actions: [String: String]?
}

/// An error that a vehicle reports.
struct VehicleError: Hashable {
    let type: String
    let level: String
    /// What it is about, `key=value` with commas.
    let references: String
}
