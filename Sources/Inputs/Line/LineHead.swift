import Telemetry

/// The measurement and the tags of a line, unescaped and checked.
struct LineHead {
    /// More tags than this in a line are a mistake.
    static let maximumTags = 32
    /// The longest tag value, in bytes.
    static let maximumTagValue = 255

    let measurement: String
    /// Where the measurement stands, for complaints.
    let offset: Int
    private(set) var tags: [Tag] = []

    /// Reads `measurement[,key=value…]`.
    ///
    /// - Parameters:
    ///   - bytes: a line.
    ///   - range: where measurement and tags stand in it.
    /// - Throws: `RecordProblem` when one of them breaks a rule.
    init(_ bytes: UnsafeRawBufferPointer, in range: Range<Int>) throws(RecordProblem) {
        offset = range.lowerBound
        var index = range.lowerBound
        measurement = try Self.text(
            bytes, from: &index, to: range.upperBound, stop: UInt8(ascii: ","), named: "measurement")
        if measurement.isEmpty { throw RecordProblem("the measurement is missing before the ','", at: offset) }
        while index < range.upperBound {
            index += 1
            try readTag(bytes, from: &index, to: range.upperBound)
        }
    }

    private mutating func readTag(
        _ bytes: UnsafeRawBufferPointer, from index: inout Int, to end: Int
    ) throws(RecordProblem) {
        let start = index
        guard tags.count < Self.maximumTags else {
            throw RecordProblem("more than \(Self.maximumTags) tags; keep those that tell series apart", at: start)
        }
        let key = try Self.text(bytes, from: &index, to: end, stop: UInt8(ascii: "="), named: "tag key")
        guard index < end else { throw RecordProblem("the tag has no '='; write 'key=value'", at: start) }
        guard Series.isValidName(key) else {
            throw RecordProblem(Self.refusal("tag key", key), at: start)
        }
        index += 1
        let valueStart = index
        let value = try Self.text(bytes, from: &index, to: end, stop: UInt8(ascii: ","), named: "tag value")
        if value.isEmpty {
            throw RecordProblem("the tag has no value; leave the tag out when there is none", at: valueStart)
        }
        if value.utf8.count > Self.maximumTagValue {
            throw RecordProblem(
                "the tag value is longer than \(Self.maximumTagValue) bytes; send it as a text field", at: valueStart)
        }
        if value.utf8.contains(where: { $0 < 0x20 || $0 == 0x7F }) {
            throw RecordProblem("the tag value has a control character; send it as a text field", at: valueStart)
        }
        if key == "device", Identifier(value) == nil {
            throw RecordProblem("the tag 'device' must be \(Identifier.rule)", at: valueStart)
        }
        if tags.contains(where: { $0.key == key }) {
            throw RecordProblem("the tag '\(key)' comes twice; keep one", at: start)
        }
        tags.append(Tag(key, value))
    }

    /// The name of the series that the field `key` of this line belongs to.
    func seriesName(field key: String, at fieldOffset: Int) throws(RecordProblem) -> String {
        guard Series.isValidName(measurement) else {
            throw RecordProblem(Self.refusal("measurement", measurement), at: offset)
        }
        if key == "value" { return measurement }
        guard Series.isValidName(key) else {
            throw RecordProblem(Self.refusal("field key", key), at: fieldOffset)
        }
        let name = "\(measurement).\(key)"
        guard Series.isValidName(name) else {
            throw RecordProblem("the series name '\(name.prefix(24))…' is longer than 255 bytes", at: fieldOffset)
        }
        return name
    }

    /// Names are not changed on the way in: what an archive holds must be what the sender wrote and a scenario names.
    private static func refusal(_ part: String, _ name: String) -> String {
        let lowered = String(name.lowercased().map { $0 == "/" ? "." : $0 == " " ? "_" : $0 })
        let advice = Series.isValidName(lowered) ? "; write '\(lowered)'" : ""
        return "the \(part) '\(name.prefix(64))' must be \(Series.nameRule)\(advice)"
    }

    /// Reads text up to an unescaped `stop`; `\` before `,`, `=` or a space takes its meaning away.
    private static func text(
        _ bytes: UnsafeRawBufferPointer, from index: inout Int, to end: Int, stop: UInt8, named part: String
    ) throws(RecordProblem) -> String {
        let start = index
        while index < end, bytes[index] != stop {
            if bytes[index] == UInt8(ascii: "\\") { index += 1 }
            index += 1
        }
        index = min(index, end)
        return try bytes.unescaped(start..<index, named: part)
    }
}

extension UnsafeRawBufferPointer {
    /// A name without the backslashes before `,`, `=` and spaces; other backslashes are kept.
    func unescaped(_ range: Range<Int>, named part: String) throws(RecordProblem) -> String {
        try text(range, named: part) { $0 == UInt8(ascii: ",") || $0 == UInt8(ascii: "=") || $0 == UInt8(ascii: " ") }
    }

    /// What stands between quotes, without the backslashes before `"` and `\`.
    func unquoted(_ range: Range<Int>, hasEscapes: Bool) throws(RecordProblem) -> String {
        try text(range, named: "text") { hasEscapes && ($0 == UInt8(ascii: "\"") || $0 == UInt8(ascii: "\\")) }
    }

    private func text(
        _ range: Range<Int>, named part: String, isEscapable: (UInt8) -> Bool
    ) throws(RecordProblem) -> String {
        var plain: [UInt8] = []
        plain.reserveCapacity(range.count)
        var index = range.lowerBound
        while index < range.upperBound {
            if self[index] == UInt8(ascii: "\\"), index + 1 < range.upperBound, isEscapable(self[index + 1]) {
                index += 1
            }
            plain.append(self[index])
            index += 1
        }
        guard let text = String(validating: plain, as: UTF8.self) else {
            throw RecordProblem("the \(part) is not UTF-8", at: range.lowerBound)
        }
        return text
    }
}
