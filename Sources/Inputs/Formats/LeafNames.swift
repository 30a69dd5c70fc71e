import Telemetry

/// Makes series names of what records call their values: `ENERGY.Power` becomes `energy.power`.
///
/// Letters become small, and what no series name may hold becomes `_`. Two values never run together unseen: where two
/// spellings would make one name, the one that came later is refused.
struct LeafNames {
    /// More names than this are a sender that makes up names, not a device.
    private static let limit = 65_536

    private let prefix: String?
    private var sources: [String: [UInt8]] = [:]

    init(prefix: String?) { self.prefix = prefix }

    /// - Throws: `RecordProblem` when the name cannot be made, or is another value's already.
    mutating func series(_ name: UnsafeRawBufferPointer) throws(RecordProblem) -> String {
        let made = Self.name(of: name, prefix: prefix)
        guard Series.isValidName(made) else {
            throw RecordProblem("'\(name.prefix(64).shownText)' makes no series name; name it in 'fields'", .badValue)
        }
        if let known = sources[made] {
            guard name.isEqual(known) else {
                throw RecordProblem(
                    "'\(name.prefix(64).shownText)' and '\(String(decoding: known.prefix(64), as: UTF8.self))' would both "
                        + "be the series '\(made)'; name them in 'fields'", .badValue)
            }
            return made
        }
        guard sources.count < Self.limit else {
            throw RecordProblem("more than \(Self.limit) names; name what matters in 'fields'", .badValue)
        }
        sources[made] = Array(name)
        return made
    }

    /// The name that a text makes, if it makes one.
    static func name(of text: UnsafeRawBufferPointer, prefix: String?) -> String {
        var bytes: [UInt8] = prefix.map { Array($0.utf8) + [UInt8(ascii: ".")] } ?? []
        bytes.reserveCapacity(bytes.count + text.count)
        var isWordStart = true
        for byte in text {
            switch byte {
            case UInt8(ascii: "A")...UInt8(ascii: "Z"):
                bytes.append(byte | 0x20)
                isWordStart = false
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"):
                bytes.append(byte)
                isWordStart = false
            case UInt8(ascii: "."), UInt8(ascii: "/"):
                if !isWordStart { bytes.append(UInt8(ascii: ".")) }
                isWordStart = true
            case UInt8(ascii: "-") where !isWordStart:
                bytes.append(byte)
            default:
                if !isWordStart { bytes.append(UInt8(ascii: "_")) }
            }
        }
        while let last = bytes.last, last == UInt8(ascii: ".") || last == UInt8(ascii: "_") { bytes.removeLast() }
        return String(decoding: bytes, as: UTF8.self)
    }
}

extension Sequence where Element == UInt8 {
    /// As text for a message, without control characters.
    var shownText: String {
        String(decoding: map { $0 < 0x20 || $0 == 0x7F ? UInt8(ascii: "?") : $0 }, as: UTF8.self)
    }
}
