import JSON
import Reports

/// An agent's report on itself for people: a name and a value a line, then its inputs and its last warnings.
///
/// Everything in it comes from the box: nothing of it may give a terminal orders.
struct DiagnosisText {
    private var rows: [(name: String, value: String)] = []
    private var sections: [String] = []

    init(_ report: JSONValue) {
        add("agent", "\(text(report["site"]))/\(text(report["agent"])), version \(text(report["version"]))")
        add("install", "\(text(report["install"])), start \(text(report["epoch"]))")
        add("box's time", text(report["time"]))
        add("running since", "\(text(report["started"])) (\(duration(report["uptime_s"])))")
        add("configuration", text(report["configuration"]))
        clock(report["clock"])
        connection(report)
        spool(report)
        resources(report["resources"])
        if let left = report["left_out"] {
            add(
                "left out",
                "\(text(left["log"])) warnings, \(text(left["silent"])) reasons for silence, \(text(left["inputs"])) inputs: the whole was too large"
            )
        }
        section("inputs", (report["inputs"]?.array ?? []).flatMap(input))
        section(
            "refused by the intake",
            (report["rejected"]?.array ?? []).map {
                "\(text($0["count"])) × \(text($0["input"])): \(text($0["reason"]))"
            })
        section(
            "connection of late",
            (report["connection"]?["history"]?.array ?? []).map {
                "\(text($0["time"]))  \($0["connected"]?.bool == true ? "connected" : text($0["reason"]))"
            })
        section("last warnings", (report["log"]?.array ?? []).map(line))
    }

    var text: String {
        let width = rows.map(\.name.count).max() ?? 0
        let lines = rows.map { $0.name + String(repeating: " ", count: width - $0.name.count + 2) + $0.value }
        return (lines + sections).map { "\($0)\n" }.joined()
    }

    private mutating func add(_ name: String, _ value: String) { rows.append((name, value)) }

    private mutating func section(_ name: String, _ lines: [String]) {
        guard !lines.isEmpty else { return }
        sections += ["", name] + lines.map { "  \($0)" }
    }

    private func text(_ value: JSONValue?) -> String {
        let text =
            switch value {
            case .string(let text)?: text
            case .integer(let number)?: "\(number)"
            case .double(let number)?: "\(number)"
            case .bool(let flag)?: flag ? "yes" : "no"
            default: "-"
            }
        return VisibleText.of(text).split(whereSeparator: \.isNewline).joined(separator: " ")
    }

    private func line(_ value: JSONValue) -> String {
        "\(text(value["time"]))  \(text(value["level"]))  \(text(value["text"]))"
    }

    private func duration(_ value: JSONValue?) -> String {
        guard let seconds = value?.double, seconds >= 0, seconds < 1e12 else { return "-" }
        let whole = Int(seconds)
        return whole < 7200 ? "\(whole) s" : whole < 172_800 ? "\(whole / 3600) h" : "\(whole / 86_400) d"
    }

    private func size(_ value: JSONValue?) -> String {
        guard let bytes = value?.double, bytes >= 0 else { return "-" }
        // No disk is as large; it is shown as it was said.
        guard bytes < 1e15 else { return text(value) }
        return bytes < 10_000 ? "\(Int(bytes)) B" : "\(Double(Int(bytes / 104_857.6)) / 10) MiB"
    }

    private mutating func clock(_ clock: JSONValue?) {
        let isSet = clock?["synchronised"]?.bool == true
        add("clock", isSet ? "synchronised, to \(text(clock?["error_s"])) s" : "not synchronised")
    }

    private mutating func connection(_ report: JSONValue) {
        let connection = report["connection"]
        let tls = connection?["tls"]?.bool == true ? "TLS" : "no TLS"
        add(
            "broker",
            "\(text(connection?["broker"])), \(tls), since \(text(connection?["since"])), \(text(report["connections"])) connections"
        )
        add(
            "frames",
            "\(text(report["sent"])) sent, \(text(report["resent"])) of them again, \(text(report["unacknowledged"])) unacknowledged"
        )
    }

    private mutating func spool(_ report: JSONValue) {
        let spool = report["spool"]
        add("spool", "\(size(spool?["used_bytes"])) used, \(size(spool?["free_bytes"])) free")
        for (name, lane) in spool?["pending"]?.object ?? JSONObject() {
            let oldest = lane["oldest"].map { ", the oldest of \(text($0))" } ?? ""
            add("pending \(VisibleText.of(name))", "\(text(lane["frames"])) frames\(oldest)")
        }
        add(
            "given up",
            "\(text(report["evicted"]?["frames"])) frames, \(text(report["evicted"]?["samples"])) samples, for want of room"
        )
    }

    private mutating func resources(_ resources: JSONValue?) {
        add(
            "resources",
            "\(size(resources?["resident_bytes"])) resident, \(text(resources?["threads"])) threads, \(text(resources?["descriptors"])) descriptors, "
                + "\(text(resources?["processor_s"])) s of processor")
    }

    private func input(_ input: JSONValue) -> [String] {
        var lines = ["\(text(input["name"])) (\(text(input["kind"]))): \(text(input["state"]))"]
        for silent in input["silent"]?.array ?? [] { lines.append("  \(line(silent))") }
        if let last = input["last_warning"] { lines.append("  last warning: \(line(last))") }
        return lines
    }
}
