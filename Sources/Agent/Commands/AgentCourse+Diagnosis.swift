import Connection
import Delivery
import Inputs
import JSON
import Mosquitto
import Platform
import SegmentLog
import Telemetry

/// How a box is, for whoever has no shell on it. Every list is bounded, and so is the whole: ``Answer/reportLimit``.
///
/// Of the configuration it has names and a digest, never a value: what is in a file that the configuration names (a key, a password) is
/// read by others than this, and a url with a password in it is refused by the configuration.
extension AgentCourse {
    static var mostRejections: Int { 50 }

    mutating func diagnosis() -> JSONValue {
        var lines = attendance.recent.lines[...]
        while true {
            let report = diagnosis(lines)
            if report.count <= Answer.reportLimit || lines.isEmpty {
                return (try? JSONParser.parse(report)) ?? .object(["error": "the report cannot be written"])
            }
            lines = lines.dropFirst(max(1, lines.count / 2))
        }
    }

    private mutating func diagnosis(_ lines: ArraySlice<RecentLog.Line>) -> [UInt8] {
        let reading = clock.reading
        let now = clock.monotonic
        var writer = JSONWriter(capacity: 8192)
        writer.beginObject()
        writer.member("site", settings.identity.site.text)
        writer.member("agent", settings.identity.agent.text)
        writer.member("time", reading.wall.description)
        writer.member("started", attendance.startedAt.description)
        writer.member("uptime_s", Double((now - attendance.started) / 1_000_000) / 1000)
        writer.member("boot", reading.boot.description)
        writer.member("configuration", ConfigurationDigest.of(settings.written))
        writer.key("clock")
        writer.beginObject()
        writer.member("synchronised", reading.state.isSynchronised)
        writer.member("error_s", Double(reading.state.maximumError) / 1e9)
        writer.member("since_boot_s", Double(reading.sinceBoot / 1_000_000) / 1000)
        writer.endObject()
        var status = status()
        status.rejected = Dictionary(
            uniqueKeysWithValues: status.rejected.sorted { $0.value > $1.value }.prefix(Self.mostRejections).map { $0 })
        status.write(to: &writer)
        writeConnection(to: &writer)
        writeInputs(to: &writer)
        writer.key("resources")
        ProcessResources.now.write(to: &writer)
        writer.key("log")
        writer.beginArray()
        for line in lines { write(line, to: &writer) }
        writer.endArray()
        writer.endObject()
        return writer.bytes
    }

    private func writeConnection(to writer: inout JSONWriter) {
        writer.key("connection")
        writer.beginObject()
        writer.member("broker", "\(settings.broker.address)")
        writer.member("tls", settings.broker.address.usesTLS)
        if link.isUp, let since = link.since { writer.member("since", since.description) }
        writer.key("history")
        writer.beginArray()
        for change in attendance.connections.changes {
            writer.beginObject()
            writer.member("time", change.time.description)
            writer.member("connected", change.reason == nil)
            if let reason = change.reason { writer.member("reason", String(reason.utf8Prefix(200))) }
            writer.endObject()
        }
        writer.endArray()
        writer.endObject()
    }

    private func writeInputs(to writer: inout JSONWriter) {
        writer.key("inputs")
        writer.beginArray()
        for input in settings.inputs.prefix(RecentLog.mostInputs) {
            let remarks = attendance.recent.remarks(of: input.name)
            writer.beginObject()
            writer.member("name", input.name)
            writer.member("kind", input.kind)
            writer.member("state", remarks.silent.isEmpty ? "running" : "silent")
            if !remarks.silent.isEmpty {
                writer.key("silent")
                writer.beginArray()
                for (_, line) in remarks.silent.sorted(by: { $0.key < $1.key }) { write(line, to: &writer) }
                writer.endArray()
            }
            if let last = remarks.last {
                writer.key("last_warning")
                write(last, to: &writer)
            }
            writer.endObject()
        }
        writer.endArray()
    }

    private func write(_ line: RecentLog.Line, to writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("time", line.time.description)
        writer.member("level", line.level)
        writer.member("text", line.text)
        writer.endObject()
    }
}
