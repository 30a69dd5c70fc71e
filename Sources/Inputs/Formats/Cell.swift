/// One value of a record, before it is known what it is a value of.
enum Cell {
    /// Absent, empty or null.
    case absent
    /// As it stands in the record; valid as long as the record is.
    case bytes(UnsafeRawBufferPointer)
    /// What a format that has types says it is.
    case number(Double)
    case integer(Int64)
    case boolean(Bool)
    case text(String)
    /// An object or a list, which is no value.
    case container

    /// Bytes without the blanks around them; absent when nothing is left.
    init(trimming bytes: UnsafeRawBufferPointer) {
        var (start, end) = (0, bytes.count)
        while start < end, bytes[start].isBlank { start += 1 }
        while end > start, bytes[end - 1].isBlank { end -= 1 }
        self = start == end ? .absent : .bytes(UnsafeRawBufferPointer(rebasing: bytes[start..<end]))
    }

    var isAbsent: Bool { if case .absent = self { true } else { false } }

    /// The cell as text; nil when it is absent or a container.
    ///
    /// - Throws: `RecordProblem` when its bytes are not UTF-8.
    func string() throws(RecordProblem) -> String? {
        switch self {
        case .absent, .container: return nil
        case .bytes(let bytes):
            guard let text = String(validating: bytes, as: UTF8.self) else {
                throw RecordProblem("the text is not UTF-8", .badValue)
            }
            return text
        case .number(let number): return "\(number)"
        case .integer(let number): return "\(number)"
        case .boolean(let flag): return flag ? "true" : "false"
        case .text(let text): return text
        }
    }

    /// The cell as it goes into messages, at most 40 characters.
    var shown: String {
        switch self {
        case .absent: return "nothing"
        case .container: return "an object or a list"
        case .bytes(let bytes): return Self.quoted(String(decoding: bytes.prefix(160), as: UTF8.self))
        case .text(let text): return Self.quoted(text)
        case .number(let number): return "\(number)"
        case .integer(let number): return "\(number)"
        case .boolean(let flag): return "\(flag)"
        }
    }

    /// Control characters of a sender have no business in a log.
    private static func quoted(_ text: String) -> String {
        let plain = text.unicodeScalars.prefix(40).map { $0.value < 0x20 || $0.value == 0x7F ? "·" : Character($0) }
        return "'\(String(plain))\(text.unicodeScalars.count > 40 ? "…" : "")'"
    }

    /// Appends what tells the cell from others, as part of a key.
    func append(to key: inout [UInt8]) {
        switch self {
        case .absent, .container: key.append(0x1E)
        case .bytes(let bytes): key.append(contentsOf: bytes)
        case .text(let text): key.append(contentsOf: text.utf8)
        case .number, .integer, .boolean: key.append(contentsOf: shown.utf8)
        }
        key.append(0x1F)
    }
}
