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
        let lines = attendance.recent.lines
        var room = DiagnosisRoom(lines: lines.count, inputs: settings.inputs.count)
        while true {
            let report = diagnosis(lines, room)
            if report.count <= Answer.reportLimit {
                return (try? JSONParser.parse(report)) ?? .object(["error": "the report cannot be written"])
            }
            guard room.shrink() else { return .object(["error": "the report is too large"]) }
        }
    }

    private mutating func diagnosis(_ lines: [RecentLog.Line], _ room: DiagnosisRoom) -> [UInt8] {
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
        let silent = writeInputs(room, to: &writer)
        writer.key("resources")
        ProcessResources.now.write(to: &writer)
        writer.key("log")
        writer.beginArray()
        for line in lines.suffix(room.lines) { write(line, to: &writer) }
        writer.endArray()
        let (log, inputs) = (lines.count - room.lines, settings.inputs.count - room.inputs)
        if log > 0 || silent > 0 || inputs > 0 {
            writer.key("left_out")
            writer.beginObject()
            writer.member("log", log)
            writer.member("silent", silent)
            writer.member("inputs", inputs)
            writer.endObject()
        }
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

    /// Tells how many reasons for silence of these inputs are left out.
    private func writeInputs(_ room: DiagnosisRoom, to writer: inout JSONWriter) -> Int {
        var leftOut = 0
        writer.key("inputs")
        writer.beginArray()
        for input in settings.inputs.prefix(room.inputs) {
            let remarks = attendance.recent.remarks(of: input.name)
            writer.beginObject()
            writer.member("name", input.name)
            writer.member("kind", input.kind)
            writer.member("state", remarks.silent.isEmpty ? "running" : "silent")
            leftOut += max(0, remarks.silent.count - room.silent)
            if !remarks.silent.isEmpty, room.silent > 0 {
                writer.key("silent")
                writer.beginArray()
                for (_, line) in remarks.silent.sorted(by: { $0.key < $1.key }).prefix(room.silent) {
                    write(line, to: &writer)
                }
                writer.endArray()
            }
            if let last = remarks.last {
                writer.key("last_warning")
                write(last, to: &writer)
            }
            writer.endObject()
        }
        writer.endArray()
        return leftOut
    }

    private func write(_ line: RecentLog.Line, to writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("time", line.time.description)
        writer.member("level", line.level)
        writer.member("text", line.text)
        writer.endObject()
    }
}

/// How much of its lists a report has.
struct DiagnosisRoom: Hashable {
    /// Lines of the log, the last ones.
    private(set) var lines: Int
    /// Reasons for silence of each input.
    private(set) var silent = RecentLog.mostSources
    private(set) var inputs: Int

    init(lines: Int, inputs: Int) {
        self.lines = lines
        self.inputs = min(inputs, RecentLog.mostInputs)
    }

    /// Leaves out half of what can be missed most; false where nothing is left.
    mutating func shrink() -> Bool {
        if lines > 0 {
            lines /= 2
        } else if silent > 0 {
            silent /= 2
        } else if inputs > 0 {
            inputs /= 2
        } else {
            return false
        }
        return true
    }
}
