import Delivery
import Foundation
import Frames
import GRDB
import JSON
import Telemetry

/// How values of the vocabulary stand in columns of a database.
extension IntervalSet {
    /// `1-5,7-7,…`.
    var stored: String {
        ranges.map { "\($0.lowerBound)-\($0.upperBound)" }.joined(separator: ",")
    }

    init?(stored text: String) {
        var ranges: [ClosedRange<UInt64>] = []
        for part in text.split(separator: ",") {
            let ends = part.split(separator: "-")
            guard ends.count == 2, let first = UInt64(ends[0]), let last = UInt64(ends[1]), first <= last else {
                return nil
            }
            ranges.append(first...last)
        }
        self.init(ranges)
    }
}

extension FrameSpans {
    /// `1-5:1-120,…`: frames, and the number of their first sample and the one after their last.
    var stored: String {
        spans.map {
            "\($0.sequences.lowerBound)-\($0.sequences.upperBound):\($0.firstOrdinal)-\($0.nextOrdinal)"
        }.joined(separator: ",")
    }

    init?(stored text: String) {
        var spans: [FrameSpan] = []
        for part in text.split(separator: ",") {
            let numbers = part.split { $0 == "-" || $0 == ":" }.compactMap { UInt64($0) }
            guard numbers.count == 4, numbers[0] <= numbers[1], numbers[2] <= numbers[3] else { return nil }
            spans.append(
                FrameSpan(sequences: numbers[0]...numbers[1], firstOrdinal: numbers[2], nextOrdinal: numbers[3]))
        }
        self.init(spans)
    }
}

extension Frames.Stream {
    /// Reads the columns `site`, `agent`, `install`, `epoch`, `class`.
    init?(_ row: Row) {
        guard let site = Identifier(row["site"] as String), let agent = Identifier(row["agent"] as String),
            let install = UUIDBytes(hexadecimal: row["install"] as String),
            let priority = UInt8(exactly: row["class"] as Int64).flatMap({ PriorityClass(rawValue: $0) })
        else { return nil }
        self.init(
            site: site, agent: agent, install: install, epoch: UInt64(bitPattern: row["epoch"] as Int64),
            priority: priority)
    }
}

extension Series {
    /// The series as a JSON object.
    var stored: String {
        var writer = JSONWriter()
        writer.beginObject()
        writer.member("name", name)
        writer.key("tags")
        writer.beginArray()
        for tag in tags { writer.value([tag.key, tag.value]) }
        writer.endArray()
        writer.member("unit", unit.code)
        writer.member("kind", Int(kind.rawValue))
        if let serial = provenance.serial { writer.member("serial", serial) }
        if let range = provenance.range {
            writer.member("range", [range.lowerBound.storedBits, range.upperBound.storedBits])
        }
        if let expiry = provenance.calibrationExpiry { writer.member("calibration", expiry.nanoseconds) }
        writer.endObject()
        return String(decoding: writer.bytes, as: UTF8.self)
    }

    init?(stored text: String) {
        guard let value = try? JSONParser.parse(text, limits: .stored), let name = value["name"]?.string,
            let unit = value["unit"]?.string.flatMap({ Unit($0) }),
            let kind = value["kind"]?.int64.flatMap({ UInt8(exactly: $0) }).flatMap({ Kind(rawValue: $0) })
        else { return nil }
        var tags: [Tag] = []
        for pair in value["tags"]?.array ?? [] {
            guard let key = pair[0]?.string, let text = pair[1]?.string else { return nil }
            tags.append(Tag(key, text))
        }
        var range: ClosedRange<Double>?
        if let bounds = value["range"] {
            guard let low = bounds[0]?.string.flatMap(Double.init(storedBits:)),
                let high = bounds[1]?.string.flatMap(Double.init(storedBits:)), low <= high
            else { return nil }
            range = low...high
        }
        self.init(
            name, tags: tags, unit: unit, kind: kind,
            provenance: Provenance(
                serial: value["serial"]?.string, range: range,
                calibrationExpiry: value["calibration"]?.int64.map { Timestamp(nanoseconds: $0) }))
    }
}

extension Event {
    /// The attributes as a JSON array of `[key, type, value]`; types and bits of numbers survive.
    var storedAttributes: String {
        var writer = JSONWriter()
        writer.beginArray()
        for attribute in attributes {
            writer.beginArray()
            writer.string(attribute.key)
            switch attribute.value {
            case .text(let text): writer.value(["t", text])
            case .boolean(let flag): writer.value(["b", flag ? "1" : "0"])
            case .integer(let number): writer.value(["i", String(number)])
            case .double(let number): writer.value(["d", number.storedBits])
            }
            writer.endArray()
        }
        writer.endArray()
        return String(decoding: writer.bytes, as: UTF8.self)
    }

    init?(storedName: String, at time: Timestamp, storedAttributes text: String) {
        guard let list = try? JSONParser.parse(text, limits: .stored).array,
            let name = Self.name(stored: storedName)
        else { return nil }
        var attributes: [Attribute] = []
        for item in list {
            guard let key = item[0]?.string, let type = item[1]?[0]?.string, let text = item[1]?[1]?.string else {
                return nil
            }
            let value: Value?
            switch type {
            case "t": value = .text(text)
            case "b": value = .boolean(text == "1")
            case "i": value = Int64(text).map { .integer($0) }
            case "d": value = Double(storedBits: text).map { .double($0) }
            default: value = nil
            }
            guard let value else { return nil }
            attributes.append(Attribute(key, value))
        }
        self.init(name, at: time, attributes: attributes)
    }
}

extension Event {
    var storedName: String { Self.stored(name: name) }

    /// A name as text without NUL, at which SQLite's text ends: `\` becomes `\\`, NUL becomes `\0`.
    static func stored(name: String) -> String {
        guard name.utf8.contains(where: { $0 == 0 || $0 == UInt8(ascii: "\\") }) else { return name }
        return name.unicodeScalars.reduce(into: "") { stored, scalar in
            switch scalar {
            case "\\": stored += "\\\\"
            case "\0": stored += "\\0"
            default: stored.unicodeScalars.append(scalar)
            }
        }
    }

    fileprivate static func name(stored: String) -> String? {
        var name = ""
        var isEscaped = false
        for scalar in stored.unicodeScalars {
            if isEscaped {
                guard scalar == "\\" || scalar == "0" else { return nil }
                name.unicodeScalars.append(scalar == "0" ? "\0" : scalar)
                isEscaped = false
            } else if scalar == "\\" {
                isEscaped = true
            } else {
                name.unicodeScalars.append(scalar)
            }
        }
        return isEscaped ? nil : name
    }
}

extension Double {
    /// The bits as hexadecimal digits: NaN and the infinities survive, which JSON has not.
    fileprivate var storedBits: String { String(bitPattern, radix: 16) }

    fileprivate init?(storedBits text: String) {
        guard let bits = UInt64(text, radix: 16) else { return nil }
        self.init(bitPattern: bits)
    }
}

extension JSONParser.Limits {
    /// For what this program wrote itself: a frame's largest texts, each of their bytes escaped, are six times as long as the frame.
    fileprivate static let stored = JSONParser.Limits(bytes: 6 * FrameLimits.bytes + (1 << 20), depth: 8)
}
