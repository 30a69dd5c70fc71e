/// Textual encodings of keys (RFC 7468).
enum PEM {
    /// The bytes of a block called `label`, in lines of 64 characters.
    static func text(_ bytes: [UInt8], label: String) -> String {
        var text = "-----BEGIN \(label)-----\n"
        var rest = Base64.text(bytes)[...]
        while !rest.isEmpty {
            text += rest.prefix(64) + "\n"
            rest = rest.dropFirst(64)
        }
        return text + "-----END \(label)-----\n"
    }

    /// The first block of a text, with its label; nil where there is none. What stands outside of it is for people.
    static func block(in text: String) -> (label: String, bytes: [UInt8])? {
        var label: String?
        var body = ""
        for line in text.split(whereSeparator: \.isNewline) {
            let line = line.drop { $0 == " " || $0 == "\t" }
            if let known = label {
                guard line != "-----END \(known)-----" else { return Base64.bytes(body).map { (known, $0) } }
                body += line.filter { !$0.isWhitespace }
            } else if line.hasPrefix("-----BEGIN "), line.hasSuffix("-----") {
                label = String(line.dropFirst("-----BEGIN ".count).dropLast("-----".count))
            }
        }
        return nil
    }
}
