/// Texts inside GitHub-flavoured Markdown, where they mean themselves.
enum MarkdownText {
    /// A text in a paragraph, a list or a table cell: one line, no markup, no HTML, no link, no mention.
    static func escaped(_ text: String) -> String {
        var escaped = ""
        var previous: Unicode.Scalar = " "
        let scalars = Array(VisibleText.of(text).unicodeScalars)
        for (index, scalar) in scalars.enumerated() {
            let next = index + 1 < scalars.count ? scalars[index + 1] : " "
            switch scalar {
            case "\n", "\t": escaped += " "
            case "&": escaped += "&amp;"
            case "<": escaped += "&lt;"
            case ">": escaped += "&gt;"
            case "\\", "`", "*", "[", "]", "|", "~", "#", "$": escaped += "\\\(scalar)"
            // Within a word an underline is no markup, and most names have some.
            case "_": escaped += isWordPart(previous) ? "_" : "\\_"
            // An empty comment keeps GitHub from sending someone a notification; it does not show.
            case "@": escaped += "@<!-- -->"
            // As an entity a colon or a dot starts no automatic link and no emoji; before a space or within a time it
            // never does.
            case ":" where next != " " && !(isDigit(previous) && isDigit(next)): escaped += "&#58;"
            case "." where previous == "w" || previous == "W": escaped += "&#46;"
            default: escaped.unicodeScalars.append(scalar)
            }
            previous = scalar
        }
        return escaped
    }

    /// A text in code style, also within a table.
    static func code(_ text: String) -> String {
        let line = VisibleText.of(text).split(whereSeparator: \.isNewline).joined(separator: " ")
        let longest = line.split(omittingEmptySubsequences: true) { $0 != "`" }.map(\.count).max() ?? 0
        let fence = String(repeating: "`", count: longest + 1)
        let room = longest > 0 ? " " : ""
        let cells = line.split(separator: "|", omittingEmptySubsequences: false).joined(separator: "\\|")
        return fence + room + cells + room + fence
    }

    /// A row of a table; its cells are Markdown already.
    static func row(_ cells: [String]) -> String {
        "| " + cells.joined(separator: " | ") + " |\n"
    }

    enum Alignment: String {
        case text = "---"
        case number = "---:"
    }

    /// The two rows above the cells of a table.
    static func header(_ columns: [(heading: String, alignment: Alignment)]) -> String {
        row(columns.map { escaped($0.heading) }) + row(columns.map(\.alignment.rawValue))
    }

    private static func isDigit(_ scalar: Unicode.Scalar) -> Bool {
        (0x30...0x39).contains(scalar.value)
    }

    private static func isWordPart(_ scalar: Unicode.Scalar) -> Bool {
        scalar.properties.isAlphabetic || scalar.properties.numericType != nil
    }
}
