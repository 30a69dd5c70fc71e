package import Delivery
import JSON
package import Telemetry

/// What a collector has heard of an agent beside its frames: whether it is there, what it says of itself, and when.
///
/// It is no part of the archive, and lost with the store; brokers keep most of it for agents that have been there.
package struct AgentKnowledge: Hashable, Sendable {
    /// When it was last heard, by the collector's clock: a frame, or a word that the broker had not kept.
    package var heard: Timestamp?
    /// What `…/status` says; nil where it says nothing.
    package var isOnline: Bool?
    /// Since when it says so, as far as this collector knows.
    package var since: Timestamp?
    package var version: String?
    package var install: UUIDBytes?
    package var epoch: UInt64?
    package var clock: ClockState?
    /// When the certificate expires by which the agent is let in.
    package var certificateExpires: Timestamp?
    /// What it can be asked; nil for an agent that says nothing of that.
    package var commands: [String]?
    /// What it last said of its spool.
    package var pulse: Pulse?

    package init() {}

    /// Bytes of any text that is kept.
    private static let textLimit = 64

    /// Takes in `…/meta`.
    ///
    /// - Throws: `DeliveryError` for a document that is none; what is missing in it is not known.
    package mutating func note(meta bytes: [UInt8]) throws(DeliveryError) {
        let document: JSONValue
        do throws(JSONError) {
            document = try JSONParser.parse(bytes, limits: .init(bytes: 4 << 20, depth: 8))
        } catch {
            throw DeliveryError(code: .notJSON, message: "not JSON: \(error)")
        }
        guard document.object != nil else { throw DeliveryError(code: .notJSON, message: "must be a JSON object") }
        version = document["version"]?.string.flatMap { $0.utf8.count <= Self.textLimit ? $0 : nil }
        install = document["install"]?.string.flatMap { UUIDBytes(hexadecimal: $0) }
        epoch = document["epoch"]?.int64.flatMap { UInt64(exactly: $0) }
        clock = document["clock"].flatMap(ClockState.init(json:))
        certificateExpires = document["certificate_expires"]?.string.flatMap { Timestamp(rfc3339: $0) }
        commands = document["commands"]?.array.map { names in
            names.compactMap(\.string).filter { OperatorRequest.taskNames.contains($0) }.sorted()
        }
    }

    /// Takes in `…/pulse`, which is newer than any meta.
    package mutating func note(_ pulse: Pulse) {
        self.pulse = pulse
        install = pulse.install
        epoch = pulse.epoch
        clock = pulse.clock
    }
}

/// As a store keeps it.
extension AgentKnowledge {
    package var stored: String {
        var writer = JSONWriter()
        writer.beginObject()
        if let heard { writer.member("heard", heard.nanoseconds) }
        if let isOnline { writer.member("online", isOnline) }
        if let since { writer.member("since", since.nanoseconds) }
        if let version { writer.member("version", version) }
        if let install { writer.member("install", install.description) }
        if let epoch { writer.member("epoch", epoch) }
        if let clock {
            writer.member("synchronised", clock.isSynchronised)
            writer.member("clock_error", clock.maximumError)
        }
        if let certificateExpires { writer.member("certificate", certificateExpires.nanoseconds) }
        if let commands { writer.member("commands", commands) }
        if let pulse { writer.member("pulse", String(decoding: pulse.json, as: UTF8.self)) }
        writer.endObject()
        return String(decoding: writer.bytes, as: UTF8.self)
    }

    /// Nil for what this program has not written.
    package init?(stored text: String) {
        guard let value = try? JSONParser.parse(text, limits: .init(bytes: 1 << 20, depth: 4)), value.object != nil
        else {
            return nil
        }
        func time(_ name: String) -> Timestamp? { value[name]?.int64.map { Timestamp(nanoseconds: $0) } }
        heard = time("heard")
        isOnline = value["online"]?.bool
        since = time("since")
        version = value["version"]?.string
        install = value["install"]?.string.flatMap { UUIDBytes(hexadecimal: $0) }
        epoch = value["epoch"]?.int64.flatMap { UInt64(exactly: $0) }
        if let flag = value["synchronised"]?.bool, let error = value["clock_error"]?.int64 {
            clock = ClockState(isSynchronised: flag, maximumError: error)
        }
        certificateExpires = time("certificate")
        commands = value["commands"]?.array?.compactMap(\.string)
        pulse = value["pulse"]?.string.flatMap { try? Pulse(json: Array($0.utf8)) }
    }
}
