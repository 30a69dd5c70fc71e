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
    let rejected: [SampleIntake.Rejection: Int]
    let unacknowledged: Int
    let sent: UInt64
    let resent: UInt64
    let log: LogStatistics

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
        log.write(to: &writer)
    }
}

extension LogStatistics {
    /// Records that are not released, over all lanes.
    var pendingRecords: Int { lanes.reduce(0) { $0 + $1.pending } }

    /// Adds `spool`, an object with the log's figures.
    func write(to writer: inout JSONWriter) {
        writer.key("spool")
        writer.beginObject()
        writer.member("used_bytes", usedBytes)
        writer.member("free_bytes", freeBytes)
        writer.key("pending")
        writer.beginObject()
        for (priority, lane) in zip(PriorityClass.allCases, lanes) {
            writer.key(priority.name)
            writer.beginObject()
            writer.member("frames", lane.pending)
            writer.member("segments", lane.segments)
            writer.endObject()
        }
        writer.endObject()
        writer.endObject()
    }
}
