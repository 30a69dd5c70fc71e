/// Writes metrics in Prometheus' text format, version 0.0.4.
///
/// A family is begun with its name, kind and help, and its samples follow. One without samples is shown by name all the same: what a program can tell
/// is then the same whatever has happened.
///
/// <https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format>
package struct MetricsText: Sendable {
    package enum Kind: String, Sendable {
        case counter
        case gauge
    }

    package static let contentType = "text/plain; version=0.0.4; charset=utf-8"

    package private(set) var bytes: [UInt8] = []
    private var name = ""

    package init() {}

    /// The samples that follow are of this family.
    package mutating func begin(_ name: String, _ kind: Kind, _ help: String) {
        self.name = name
        put("# HELP \(name) ")
        putEscaped(help, quotes: false)
        put("\n# TYPE \(name) \(kind.rawValue)\n")
    }

    /// A family of one sample without labels; of none where there is no value.
    package mutating func single(_ name: String, _ kind: Kind, _ help: String, _ value: Double?) {
        begin(name, kind, help)
        if let value { sample(value) }
    }

    package mutating func single(_ name: String, _ kind: Kind, _ help: String, _ value: some BinaryInteger) {
        begin(name, kind, help)
        sample(value)
    }

    package mutating func single(_ name: String, _ help: String, _ isTrue: Bool) {
        begin(name, .gauge, help)
        sample(isTrue ? 1 : 0)
    }

    package mutating func sample(_ value: some BinaryInteger, _ labels: (String, String)...) {
        put(labels, "\(value)")
    }

    package mutating func sample(_ value: Double, _ labels: (String, String)...) {
        put(labels, Self.text(of: value))
    }

    private static func text(of value: Double) -> String {
        if value.isNaN { return "NaN" }
        if value.isInfinite { return value < 0 ? "-Inf" : "+Inf" }
        return value.magnitude < 1e15 && value == value.rounded() ? "\(Int64(value))" : "\(value)"
    }

    private mutating func put(_ labels: [(String, String)], _ value: String) {
        put(name)
        var separator = "{"
        for (label, text) in labels {
            put("\(separator)\(label)=\"")
            putEscaped(text, quotes: true)
            put("\"")
            separator = ","
        }
        put(labels.isEmpty ? " \(value)\n" : "} \(value)\n")
    }

    private mutating func put(_ text: String) { bytes.append(contentsOf: text.utf8) }

    private mutating func putEscaped(_ text: String, quotes: Bool) {
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\\"): put("\\\\")
            case UInt8(ascii: "\n"): put("\\n")
            case UInt8(ascii: "\"") where quotes: put("\\\"")
            default: bytes.append(byte)
            }
        }
    }
}
