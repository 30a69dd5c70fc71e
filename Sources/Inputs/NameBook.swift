import Telemetry

/// Makes ids and series names of names that others chose, and never lets two of them run together unseen.
///
/// The first spelling that comes has the name; another one that would come to the same is refused, so that what an archive holds under one
/// name is from one source. What was made is remembered, up to a limit.
struct NameBook {
    /// The longest name that is looked at, in bytes: whoever remembers names remembers at most so much of each.
    static let longest = 1024

    /// What is made of a name.
    enum Form {
        /// An id: `Living Room/Lamp` becomes `living-room-lamp`.
        case identifier
        /// A series name: `Boiler/Flow:Rate` becomes `boiler.flow.rate`.
        case series
    }

    /// What became of a name.
    enum Entry: Hashable {
        case name(String)
        /// Another name has become the same one.
        case taken(by: String)
        /// Nothing is left of it, or it is too long.
        case unusable
        /// The limit is reached.
        case full
    }

    private let form: Form
    private let limit: Int
    private let byteLimit: Int
    private var bytes = 0
    private var entries: [String: Entry] = [:]
    private var owners: [String: String] = [:]

    /// - Parameters:
    ///   - form: what is made of names.
    ///   - limit: how many are remembered at most.
    ///   - bytes: how many bytes all names that are remembered have at most, as they were written and as they were made.
    init(_ form: Form, limit: Int, bytes: Int = 4 << 20) {
        self.form = form
        self.limit = limit
        byteLimit = bytes
    }

    /// How many names are remembered.
    var count: Int { entries.count }

    /// The name for `written`; the same every time.
    mutating func entry(for written: String) -> Entry {
        guard written.utf8.count <= Self.longest else { return .unusable }
        if let known = entries[written] { return known }
        guard entries.count < limit else { return .full }
        let made = form == .identifier ? Self.identifier(of: written) : Self.seriesName(of: written)
        let size = written.utf8.count + (made?.utf8.count ?? 0)
        guard bytes + size <= byteLimit else { return .full }
        bytes += size
        let entry: Entry
        if let made {
            if let owner = owners[made] {
                entry = .taken(by: owner)
            } else {
                owners[made] = written
                entry = .name(made)
            }
        } else {
            entry = .unusable
        }
        entries[written] = entry
        return entry
    }

    /// An id made of a text: lower case, with `-` for any run of other characters; nil when nothing is left.
    static func identifier(of text: some StringProtocol) -> String? {
        var bytes: [UInt8] = []
        for byte in text.utf8 {
            let lowered = lowered(byte)
            if isLetterOrDigit(lowered) {
                bytes.append(lowered)
            } else if let last = bytes.last, last != UInt8(ascii: "-") {
                bytes.append(UInt8(ascii: "-"))
            }
        }
        if bytes.count > 63 { bytes.removeSubrange(63...) }
        while bytes.last == UInt8(ascii: "-") { bytes.removeLast() }
        return bytes.isEmpty ? nil : String(decoding: bytes, as: UTF8.self)
    }

    /// A series name made of a text: lower case, `.` for `/` and `:`, `_` for any other character that no name has; nil when nothing is
    /// left or it is longer than a name may be.
    static func seriesName(of text: some StringProtocol) -> String? {
        var bytes: [UInt8] = []
        let dot = UInt8(ascii: ".")
        for byte in text.utf8 {
            let lowered = lowered(byte)
            let atWordStart = bytes.isEmpty || bytes.last == dot
            switch lowered {
            case _ where isLetterOrDigit(lowered): bytes.append(lowered)
            case dot, UInt8(ascii: "/"), UInt8(ascii: ":"): if !atWordStart { bytes.append(dot) }
            case UInt8(ascii: "-"): if !atWordStart { bytes.append(lowered) }
            default: if !atWordStart, bytes.last != UInt8(ascii: "_") { bytes.append(UInt8(ascii: "_")) }
            }
        }
        while bytes.last == dot || bytes.last == UInt8(ascii: "_") { bytes.removeLast() }
        return (1...255).contains(bytes.count) ? String(decoding: bytes, as: UTF8.self) : nil
    }

    private static func lowered(_ byte: UInt8) -> UInt8 {
        (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) ? byte | 0x20 : byte
    }

    private static func isLetterOrDigit(_ byte: UInt8) -> Bool {
        byte.isDigit || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
    }
}

extension Tag {
    /// Whether a text may be the value of a tag: 1 to 255 bytes without control characters, as in the input `line`.
    static func isValidValue(_ text: some StringProtocol) -> Bool {
        (1...255).contains(text.utf8.count) && !text.utf8.contains { $0 < 0x20 || $0 == 0x7F }
    }
}
