/// Texts that came from outside, made safe to show to a person.
package enum VisibleText {
    /// The text with what cannot be seen, or makes other characters be seen elsewhere, replaced by U+FFFD: control
    /// characters but tab and line feed, and the bidirectional embeddings, overrides and isolates (Unicode TR 36, 2.6).
    package static func of(_ text: String) -> String {
        guard text.unicodeScalars.contains(where: isDeceptive) else { return text }
        var visible = String.UnicodeScalarView()
        for scalar in text.unicodeScalars { visible.append(isDeceptive(scalar) ? "\u{FFFD}" : scalar) }
        return String(visible)
    }

    private static func isDeceptive(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x09, 0x0A: false
        case 0x00...0x1F, 0x7F...0x9F, 0x202A...0x202E, 0x2066...0x2069, 0xFFFE, 0xFFFF: true
        default: false
        }
    }

    /// How many columns of a terminal the text takes: two for each Chinese character, none for a mark on another one (Unicode TR 11).
    static func columns(_ text: String) -> Int {
        text.reduce(0) { columns, character in
            switch character.unicodeScalars.first?.value ?? 0 {
            case 0x1100...0x115F, 0x2E80...0x303E, 0x3041...0xA4CF, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE30...0xFE6F,
                0xFF00...0xFF60, 0xFFE0...0xFFE6, 0x1F300...0x1FAFF, 0x20000...0x3FFFD:
                columns + 2
            default: columns + 1
            }
        }
    }

    /// The text, or as much of it as fits a width with an ellipsis behind it.
    static func shortened(_ text: String, to width: Double, size: Double) -> String {
        guard Self.width(text, size: size) > width else { return text }
        var short = text
        while Self.width(short + "…", size: size) > width, !short.isEmpty { short.removeLast() }
        return short + "…"
    }

    /// About how wide the text is at a font size, in the same unit; Chinese characters are one em, others a little over
    /// a half.
    static func width(_ text: String, size: Double) -> Double {
        text.unicodeScalars.reduce(0) { width, scalar in
            switch scalar.value {
            case 0x2190...0x2193, 0x2E80...0xFFDC: width + size
            case 0x20, 0x2C, 0x2E, 0x3A, 0x69, 0x6A, 0x6C, 0x74, 0xA0, 0x202F: width + size * 0.33
            case 0x41...0x5A, 0x6D, 0x77, 0x25: width + size * 0.82
            default: width + size * 0.58
            }
        }
    }
}
