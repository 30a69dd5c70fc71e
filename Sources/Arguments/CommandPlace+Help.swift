extension CommandPlace {
    /// How the command is called, in one line.
    var usage: String {
        if !command.subcommands.isEmpty { return "\(call) <subcommand>" }
        let arguments = command.parameters.filter { $0.kind == .argument || $0.kind == .remaining }
        let options = command.parameters.filter { $0.kind == .option || $0.kind == .flag }
        return ([call] + (arguments + options).map(\.usage)).joined(separator: " ")
    }

    /// The whole help, at most 80 columns wide.
    var help: String {
        var sections = [wrap("OVERVIEW: \(command.abstract)")]
        if !command.discussion.isEmpty { sections.append(wrap(command.discussion)) }
        sections.append("USAGE: \(usage)")
        let arguments = command.parameters.filter { $0.kind == .argument || $0.kind == .remaining }
        if !arguments.isEmpty { sections.append(table("ARGUMENTS", arguments.map { ($0.label, $0.fullHelp) })) }
        let options = command.parameters.filter { $0.kind == .option || $0.kind == .flag }
        sections.append(
            table(
                "OPTIONS",
                options.map { ($0.label, $0.fullHelp) }
                    + [("--version", "Show the version."), ("-h, --help", "Show help information.")]))
        if !command.subcommands.isEmpty {
            sections.append(table("SUBCOMMANDS", command.subcommands.map { ($0.name, $0.abstract) }))
            let groups = path.dropFirst().map(\.name) + ["<subcommand>"]
            sections.append("  See '\(path[0].name) help \(groups.joined(separator: " "))' for detailed help.")
        }
        return sections.joined(separator: "\n\n")
    }

    private func table(_ title: String, _ rows: [(label: String, text: String)]) -> String {
        let indent = 26
        var lines = ["\(title):"]
        for row in rows {
            let texts = wrap(row.text, width: 80 - indent).split(separator: "\n")
            let margin = String(repeating: " ", count: indent)
            let label = "  \(row.label)"
            if label.count < indent {
                lines.append(label + margin.dropFirst(label.count) + (texts.first ?? ""))
            } else {
                lines.append(label)
                lines.append(margin + (texts.first ?? ""))
            }
            lines += texts.dropFirst().map { margin + $0 }
        }
        return lines.joined(separator: "\n")
    }
}

/// Breaks lines at spaces so that none is wider than `width` characters; a line that begins with a space, and a word that is wider,
/// stay whole.
func wrap(_ text: String, width: Int = 80) -> String {
    text.split(separator: "\n", omittingEmptySubsequences: false).map { line in
        guard !line.hasPrefix(" ") else { return String(line) }
        var lines: [String] = [""]
        for word in line.split(separator: " ") {
            let last = lines[lines.count - 1]
            if last.isEmpty {
                lines[lines.count - 1] = String(word)
            } else if last.count + 1 + word.count <= width {
                lines[lines.count - 1] = "\(last) \(word)"
            } else {
                lines.append(String(word))
            }
        }
        return lines.joined(separator: "\n")
    }.joined(separator: "\n")
}
