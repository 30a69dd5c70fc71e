/// One field of a table by RFC 4180.
enum CSVField {
    /// A row of fields, its end included.
    static func row(_ fields: [String]) -> String { fields.map(quoted).joined(separator: ",") + "\r\n" }

    /// A field in quotes where it holds a quote, a comma or a line break; quotes within are doubled.
    static func quoted(_ field: String) -> String {
        let needsQuotes = field.unicodeScalars.contains { $0 == "\"" || $0 == "," || $0 == "\r" || $0 == "\n" }
        guard needsQuotes else { return field }
        var quoted = "\""
        for scalar in field.unicodeScalars {
            if scalar == "\"" { quoted += "\"" }
            quoted.unicodeScalars.append(scalar)
        }
        return quoted + "\""
    }

    /// A text that no spreadsheet takes for a formula: one that begins like a formula gets an apostrophe before it
    /// (OWASP, "CSV Injection"), and so does one that begins with an apostrophe, so that a reader gets back every text
    /// by taking away one leading apostrophe.
    static func inert(_ text: String) -> String {
        guard let first = text.unicodeScalars.first, dangerous.contains(first) else { return text }
        return "'" + text
    }

    /// The signs that begin a formula, narrow and wide, and the breaks behind which spreadsheets look for one.
    private static let dangerous: Set<Unicode.Scalar> = [
        "=", "+", "-", "@", "\t", "\r", "\n", "'", "\u{FF1D}", "\u{FF0B}", "\u{FF0D}", "\u{FF20}",
    ]
}
