import Telemetry

/// Names of series as SenML allows them (RFC 8428, section 4.5.1): letters, digits, `-`, `:`, `.`, `/` and `_`.
struct SenMLName: Hashable {
    /// The device that the series belongs to: its `device` tag, else the agent itself.
    let device: String
    /// The series' name and its other tags: `cpu.usage/core:0`.
    let series: String

    /// `<device>/<series>`, unique below one agent.
    var full: String { "\(device)/\(series)" }

    init(_ series: Series, agent: Identifier) {
        device = Self.escaped(series[tag: "device"] ?? agent.text)
        self.series = series.tags.reduce(into: series.name) { name, tag in
            if tag.key != "device" { name += "/\(Self.escaped(tag.key)):\(Self.escaped(tag.value))" }
        }
    }

    /// Bytes that SenML or our own separators cannot have become `_` and two hexadecimal digits, so that two different tags
    /// never get one name.
    private static func escaped(_ text: String) -> String {
        if text.utf8.allSatisfy(isPlain) { return text }
        return text.utf8.reduce(into: "") { escaped, byte in
            if isPlain(byte) {
                escaped.unicodeScalars.append(Unicode.Scalar(byte))
            } else {
                escaped += "_" + (byte < 16 ? "0" : "") + String(byte, radix: 16)
            }
        }
    }

    private static func isPlain(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."):
            true
        default:
            false
        }
    }
}
