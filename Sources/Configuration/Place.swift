/// Where a value stands: its position in the file and its path of keys, such as `inputs[1].every`.
///
/// Keep one to report a semantic error later, when the rest of the file is known; see
/// ``MappingReader/report(_:at:)``.
package struct Place: Sendable, Hashable {
    /// The position in the file.
    package let position: SourcePosition
    /// The keys that lead there; empty for the whole document.
    package let path: String
    /// Whether the value is a placeholder for one that was already reported, so that nothing more is said about it.
    let isMuted: Bool

    init(position: SourcePosition, path: String, isMuted: Bool = false) {
        self.position = position
        self.path = path
        self.isMuted = isMuted
    }

    /// The place of every placeholder.
    static let nowhere = Place(position: .start, path: "", isMuted: true)

    func member(_ key: String, at position: SourcePosition) -> Place {
        Place(position: position, path: path + Self.step(key: key, first: path.isEmpty), isMuted: isMuted)
    }

    func element(_ index: Int, at position: SourcePosition) -> Place {
        Place(position: position, path: path + "[\(index)]", isMuted: isMuted)
    }

    /// `every` or `.every`; keys that would blur the path are written `["a.b"]`.
    static func step(key: String, first: Bool) -> String {
        let isPlain = !key.isEmpty && key.utf8.count <= 64 && key.utf8.allSatisfy(\.isKeyByte)
        return isPlain ? (first ? key : "." + key) : "[" + quoted(key, mark: "\"") + "]"
    }
}

/// A value together with the place it was written, from ``ValueFormat/located(_:)``.
package struct Located<Value> {
    /// The value.
    package let value: Value
    /// Where it was written.
    package let place: Place

    /// A value with the place it is about; for defaults, ``MappingReader/place(of:)``.
    package init(value: Value, place: Place) {
        self.value = value
        self.place = place
    }
}

extension Located: Sendable where Value: Sendable {}
extension Located: Equatable where Value: Equatable {}
extension Located: Hashable where Value: Hashable {}

/// Text of a user's file made safe to print: cut to 40 characters, with control and text-direction characters escaped.
func quoted(_ text: some StringProtocol, mark: String = "'") -> String {
    var result = mark
    for (index, character) in text.enumerated() {
        guard index < 40 else {
            result += "…"
            break
        }
        // One "character" can carry any number of combining scalars.
        for scalar in character.unicodeScalars.prefix(8) {
            switch scalar.value {
            case 0x0A: result += "\\n"
            case 0x0D: result += "\\r"
            case 0x09: result += "\\t"
            case 0..<0x20, 0x7F..<0xA0, 0x200E...0x200F, 0x2028...0x202E, 0x2066...0x2069, 0xFEFF:
                result += "\\u{" + String(scalar.value, radix: 16, uppercase: true) + "}"
            default: result.unicodeScalars.append(scalar)
            }
        }
    }
    return result + mark
}

extension UInt8 {
    var isDigit: Bool { self >= 0x30 && self <= 0x39 }

    fileprivate var isKeyByte: Bool {
        isDigit || (self >= 0x61 && self <= 0x7A) || (self >= 0x41 && self <= 0x5A) || self == 0x2D || self == 0x5F
    }
}
