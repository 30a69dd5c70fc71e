extension Series {
    /// Whether `name` is a series name: dotted lower-case words of `a-z`, `0-9`, `_` and `-`, at most 255 bytes.
    package static func isValidName(_ name: some StringProtocol) -> Bool {
        let bytes = name.utf8
        guard (1...255).contains(bytes.count) else { return false }
        var atWordStart = true
        for byte in bytes {
            switch byte {
            case UInt8(ascii: "."):
                if atWordStart { return false }
                atWordStart = true
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"):
                atWordStart = false
            case UInt8(ascii: "_"), UInt8(ascii: "-"):
                if atWordStart { return false }
            default:
                return false
            }
        }
        return !atWordStart
    }

    /// What a series name may look like, for messages to people.
    package static let nameRule = "dotted lower-case words of a-z, 0-9, '_' and '-', such as joint.temperature"
}
