import JSON

/// The state of a spool for people: a name and a value a line.
struct SpoolTable {
    private var lines: [(name: String, value: String)]

    init(_ status: JSONValue) {
        lines = [("agent", status["running"]?.bool == false ? "not asked" : "running")]
        for name in ["version", "install", "epoch", "connected", "connections", "accepted", "unacknowledged", "resent"]
        {
            add(name, status[name])
        }
        add("spool used, bytes", status["spool"]?["used_bytes"])
        add("spool free, bytes", status["spool"]?["free_bytes"])
        for (name, lane) in status["spool"]?["pending"]?.object ?? JSONObject() {
            var text = Self.count(lane["frames"]?.int64 ?? 0, "frame")
            if let samples = lane["samples"]?.int64 { text += ", \(Self.count(samples, "sample"))" }
            if let oldest = lane["oldest"]?.string { text += ", since \(oldest)" }
            lines.append(("pending \(name)", text))
        }
        if let evicted = status["evicted"], let frames = evicted["frames"]?.int64, frames > 0 {
            let samples = Self.count(evicted["samples"]?.int64 ?? 0, "sample")
            lines.append(("given up for want of room", "\(Self.count(frames, "frame")), \(samples) since the start"))
        }
        for loss in status["lost"]?.array ?? [] {
            let frames = Self.count(loss["frames"]?.int64 ?? 0, "frame")
            let samples = Self.count(loss["samples"]?.int64 ?? 0, "sample")
            lines.append(("declared lost", "\(frames), \(samples): \(loss["reason"]?.string ?? "")"))
        }
        for rejection in status["rejected"]?.array ?? [] {
            let what = "\(rejection["input"]?.string ?? ""): \(rejection["reason"]?.string ?? "")"
            lines.append(("rejected", "\(rejection["count"]?.int64 ?? 0) × \(what)"))
        }
    }

    private static func count(_ number: Int64, _ noun: String) -> String {
        "\(number) \(noun)\(number == 1 ? "" : "s")"
    }

    private mutating func add(_ name: String, _ value: JSONValue?) {
        switch value {
        case .string(let text)?: lines.append((name, text))
        case .integer(let number)?: lines.append((name, String(number)))
        case .bool(let flag)?: lines.append((name, flag ? "yes" : "no"))
        default: break
        }
    }

    var text: String {
        let width = lines.map(\.name.count).max() ?? 0
        return lines.map { $0.name + String(repeating: " ", count: width - $0.name.count + 2) + $0.value }.joined(
            separator: "\n")
    }
}
