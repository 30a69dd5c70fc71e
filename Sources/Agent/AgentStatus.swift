import Installation
import JSON
import SegmentLog
import Telemetry

/// How a running agent is, at one moment.
package struct AgentStatus: Sendable {
    let version: String
    let identity: InstallationIdentity
    let isConnected: Bool
    let connections: Int
    let accepted: UInt64
    var rejected: [SampleIntake.Rejection: Int]
    let unacknowledged: Int
    let sent: UInt64
    let resent: UInt64
    let log: LogStatistics
    /// When the first frame that waits was made, class by class.
    let oldest: [Timestamp?]
    /// What was given up for want of room since the start.
    let evicted: Evicted

    struct Evicted: Hashable, Sendable {
        var frames = 0
        var samples: UInt64 = 0
    }

    /// Adds the status as a JSON object's members.
    func write(to writer: inout JSONWriter) {
        writer.member("version", version)
        writer.member("install", identity.install.description)
        writer.member("epoch", identity.epoch)
        writer.member("connected", isConnected)
        writer.member("connections", connections)
        writer.member("accepted", accepted)
        writer.key("rejected")
        writer.beginArray()
        for (rejection, count) in rejected.sorted(by: { ($0.key.input, $0.key.reason) < ($1.key.input, $1.key.reason) })
        {
            writer.beginObject()
            writer.member("input", rejection.input)
            writer.member("reason", rejection.reason)
            writer.member("count", count)
            writer.endObject()
        }
        writer.endArray()
        writer.member("unacknowledged", unacknowledged)
        writer.member("sent", sent)
        writer.member("resent", resent)
        writer.key("evicted")
        writer.beginObject()
        writer.member("frames", evicted.frames)
        writer.member("samples", evicted.samples)
        writer.endObject()
        writeSpool(to: &writer)
    }
}

extension AgentStatus {
    /// Adds `spool`, an object with the log's figures.
    private func writeSpool(to writer: inout JSONWriter) {
        writer.key("spool")
        writer.beginObject()
        writer.member("used_bytes", log.usedBytes)
        writer.member("free_bytes", log.freeBytes)
        writer.key("pending")
        writer.beginObject()
        for (index, priority) in PriorityClass.allCases.enumerated() {
            writer.key(priority.name)
            writer.beginObject()
            writer.member("frames", log.lanes[index].pending)
            writer.member("segments", log.lanes[index].segments)
            if let oldest = oldest[index] { writer.member("oldest", oldest.description) }
            writer.endObject()
        }
        writer.endObject()
        writer.endObject()
    }
}

extension LogStatistics {
    /// Records that are not released, over all lanes.
    var pendingRecords: Int { lanes.reduce(0) { $0 + $1.pending } }
}
