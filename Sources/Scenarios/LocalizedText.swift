import Configuration

/// A text in one or several languages.
package struct LocalizedText: Hashable, Sendable {
    /// The text in one language.
    package struct Entry: Hashable, Sendable {
        /// A language tag (BCP 47) such as `en` or `zh-Hans`; `und` where the file does not say.
        package let language: String
        package let text: String
    }

    /// In the order of the file; at least one, languages unique.
    package let entries: [Entry]

    /// A text in a language that is not told.
    package init(_ text: String) {
        entries = [Entry(language: "und", text: text)]
    }

    init(entries: [Entry]) {
        self.entries = entries
    }

    /// The text for a reader of `language`: in it, else in its primary language, else in English, else in the first.
    package subscript(_ language: String) -> String {
        let primary = String(language.prefix { $0 != "-" })
        let found = [language, primary, "en"].lazy.compactMap { wanted in entries.first { $0.language == wanted } }
            .first
        return (found ?? entries.first)?.text ?? ""
    }
}

extension ValueFormat where Value == LocalizedText {
    static var localizedText: ValueFormat {
        let language = ValueFormat<String>.string.matching("a language tag such as 'en' or 'zh-Hans' (BCP 47)") { tag in
            let parts = tag.split(separator: "-", omittingEmptySubsequences: false)
            return (2...8).contains(parts[0].utf8.count) && parts[0].utf8.allSatisfy { (0x61...0x7A).contains($0) }
                && parts.dropFirst().allSatisfy { part in
                    (1...8).contains(part.utf8.count) && part.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber) }
                }
        }
        let translations = ValueFormat.converting(.entries(keys: language, of: .nonEmptyString)) { entries in
            LocalizedText(entries: entries.map { LocalizedText.Entry(language: $0.key, text: $0.value) })
        }
        return .scalar(
            .converting(.nonEmptyString) { LocalizedText($0) },
            orMapping: translations.check("must have a text in at least one language") { !$0.entries.isEmpty })
    }
}
