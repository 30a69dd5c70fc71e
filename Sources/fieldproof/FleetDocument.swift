import Collector
import Delivery
import Frames
import JSON
import Telemetry

/// The fleet for programs: `fieldproof/fleet/v1`.
enum FleetDocument {
    static func json(_ view: FleetView) -> [UInt8] {
        var writer = JSONWriter(layout: .indented)
        writer.beginObject()
        writer.member("schema", "fieldproof/fleet/v1")
        writer.member("time", view.time.description)
        writer.key("collector")
        writer.beginObject()
        writer.member("current", view.isCurrent)
        if let beat = view.beat {
            writer.member("time", beat.time.description)
            writer.member("connected", beat.isConnected)
            writer.member("version", beat.version)
        }
        writer.endObject()
        writer.key("agents")
        writer.beginArray()
        for row in view.rows { write(row, to: &writer) }
        writer.endArray()
        writer.endObject()
        writer.endLine()
        return writer.bytes
    }

    private static func write(_ row: FleetView.Row, to writer: inout JSONWriter) {
        let known = row.known
        writer.beginObject()
        writer.member("site", row.agent.site.text)
        writer.member("agent", row.agent.agent.text)
        writer.member("state", row.standing.rawValue)
        writer.member("status", known.isOnline.map { $0 ? "online" : "offline" })
        writer.member("status_since", known.since?.description)
        writer.member("seen", row.seen?.description)
        writer.member("version", known.version)
        writer.member("install", known.install?.description)
        writer.member("epoch", known.epoch)
        writer.member("commands", known.commands)
        writer.member("certificate_expires", known.certificateExpires?.description)
        writer.key("clock")
        if let clock = known.clock {
            writer.beginObject()
            writer.member("synchronised", clock.isSynchronised)
            writer.member("error_s", Double(clock.maximumError) / 1e9)
            writer.endObject()
        } else {
            writer.null()
        }
        writer.key("spool")
        if let pulse = known.pulse { write(pulse, to: &writer) } else { writer.null() }
        writer.key("lost")
        writer.beginObject()
        writer.member("frames", row.lost.total.frames)
        writer.member("samples", row.lost.total.samples)
        writer.key("reasons")
        writer.beginArray()
        for (reason, figure) in row.lost.reasons.sorted(by: { $0.key?.rawValue ?? .max < $1.key?.rawValue ?? .max }) {
            writer.beginObject()
            writer.member("reason", reason?.name ?? "unknown")
            writer.member("frames", figure.frames)
            writer.member("samples", figure.samples)
            writer.endObject()
        }
        writer.endArray()
        writer.endObject()
        writer.key("holes")
        writer.beginObject()
        writer.member("frames", row.holes.frames)
        writer.member("samples", row.holes.samples)
        writer.endObject()
        writer.endObject()
    }

    private static func write(_ pulse: Pulse, to writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("time", pulse.time.description)
        writer.member("uptime_s", pulse.uptime)
        writer.key("pending")
        writer.beginObject()
        for (priority, waiting) in zip(PriorityClass.allCases, pulse.pending) {
            writer.key(priority.name)
            writer.beginObject()
            writer.member("frames", waiting.frames)
            writer.member("oldest", waiting.oldest?.description)
            writer.endObject()
        }
        writer.endObject()
        writer.member("used_bytes", pulse.usedBytes)
        writer.member("free_bytes", pulse.freeBytes)
        writer.member("evicted_frames", pulse.evictedFrames)
        writer.member("evicted_samples", pulse.evictedSamples)
        writer.member("rejected", pulse.rejected)
        writer.endObject()
    }

    /// One request on one line.
    static func json(_ entry: FleetLog.Entry) -> [UInt8] {
        var writer = JSONWriter()
        writer.beginObject()
        writer.member("time", entry.time.description)
        writer.member("site", entry.agent.site.text)
        writer.member("agent", entry.agent.agent.text)
        writer.member("command", entry.command)
        writer.member("request", entry.request)
        writer.member("by", entry.by)
        writer.member("details", entry.details)
        writer.member("outcome", entry.outcome)
        writer.member("text", entry.text)
        writer.endObject()
        return writer.bytes
    }
}
