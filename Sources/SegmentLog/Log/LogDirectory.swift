/// The names in a log's directory.
struct LogDirectory: Hashable, Sendable {
    let path: String
    private static let suffix = ".segment"

    var lock: String { path + "/lock" }
    var cursor: String { path + "/cursor" }

    /// The file of segment `id`: sixteen hexadecimal digits, so that names sort by age.
    func segment(_ id: UInt64) -> String { path + "/" + Self.name(ofSegment: id) }

    static func name(ofSegment id: UInt64) -> String {
        let digits = String(id, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits + suffix
    }

    /// What a name in the directory stands for.
    enum Role: Equatable {
        case lock, cursor, foreign
        case segment(UInt64)
    }

    static func role(of name: String) -> Role {
        switch name {
        case "lock": return .lock
        case "cursor": return .cursor
        default:
            guard name.hasSuffix(suffix), let id = UInt64(name.dropLast(suffix.count), radix: 16),
                id <= SegmentHeader.greatestNumber, Self.name(ofSegment: id) == name
            else { return .foreign }
            return .segment(id)
        }
    }
}
