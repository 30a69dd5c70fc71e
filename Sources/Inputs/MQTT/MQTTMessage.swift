import JSON
import Telemetry

/// A message that came, with its topic split into levels.
struct MQTTMessage {
    let topic: String
    let levels: [Substring]
    let payload: [UInt8]
    /// Whether the broker had kept it from before the subscription.
    let isRetained: Bool

    init(topic: String, payload: [UInt8], isRetained: Bool = false) {
        self.topic = topic
        self.payload = payload
        self.isRetained = isRetained
        levels = topic.split(separator: "/", omittingEmptySubsequences: false)
    }

    /// The payload as text without blanks at its ends; nil when it is not UTF-8 or longer than a value may be.
    var text: Substring? {
        guard payload.count <= 4096, let text = String(validating: payload, as: UTF8.self) else { return nil }
        return text.trimmed
    }

    /// - Throws: `PayloadProblem` when it is no JSON, or nested deeper than any device does.
    func json() throws(PayloadProblem) -> JSONValue {
        do throws(JSONError) {
            return try JSONParser.parse(payload, limits: JSONParser.Limits(bytes: payload.count, depth: 32))
        } catch {
            throw PayloadProblem("it is no JSON: \(error)")
        }
    }

    /// - Throws: `PayloadProblem` when it is no JSON object.
    func object() throws(PayloadProblem) -> JSONObject {
        guard let object = try json().object else { throw PayloadProblem("it is JSON, but no object") }
        return object
    }
}

/// Why nothing could be taken from a payload.
struct PayloadProblem: Error, Hashable {
    let message: String

    init(_ message: String) { self.message = message }
}

extension Substring {
    fileprivate var trimmed: Substring {
        var rest = self
        while let first = rest.unicodeScalars.first, first.value <= 0x20 { rest.unicodeScalars.removeFirst() }
        while let last = rest.unicodeScalars.last, last.value <= 0x20 { rest.unicodeScalars.removeLast() }
        return rest
    }
}

extension String {
    fileprivate var trimmed: Substring { self[...].trimmed }
}

/// A number as devices write it: decimal, with or without exponent; nil for anything else, also for `nan` and `inf`.
func plainNumber(_ text: some StringProtocol) -> Double? {
    guard (1...64).contains(text.utf8.count), text.utf8.contains(where: \.isDigit),
        text.utf8.allSatisfy({ $0.isDigit || "+-.eE".utf8.contains($0) })
    else { return nil }
    return Double(text)
}

/// A state of two as devices write it; nil for anything else.
func plainBoolean(_ text: some StringProtocol) -> Bool? {
    switch text.lowercased() {
    case "on", "true", "1", "yes", "open", "online", "active": true
    case "off", "false", "0", "no", "closed", "offline", "inactive": false
    default: nil
    }
}

extension JSONValue {
    /// What a sample can hold of it: a number, a truth value, a text of at most 255 bytes. Nil for anything else, null too.
    var telemetryValue: Telemetry.Value? {
        switch self {
        case .bool(let flag): .boolean(flag)
        case .integer(let number): .double(Double(number))
        case .double(let number): .double(number)
        case .string(let text): text.utf8.count <= 255 ? .text(text) : nil
        case .null, .array, .object: nil
        }
    }
}
