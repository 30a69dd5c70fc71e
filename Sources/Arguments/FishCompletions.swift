/// The completions of a program for fish.
struct FishCompletions {
    let program: Command
    let places: [CommandPlace]

    var script: String {
        """
        # fish completion of \(program.name). Made by '\(program.name) --generate-completion-script fish'.

        # Whether the words that name commands begin with these.
        function \(below)
            set -l words (string match --invert -- '-*' (commandline -opc)[2..])
            set -l length (count $argv)
            test "$words[1..$length]" = "$argv"
        end

        # Whether they are these and no more.
        function \(at)
            set -l words (string match --invert -- '-*' (commandline -opc)[2..])
            test "$words" = "$argv"
        end

        complete -c \(program.name) -f
        \(places.flatMap(lines).joined(separator: "\n"))

        """
    }

    private var below: String { "__\(program.name.identifier)_below" }
    private var at: String { "__\(program.name.identifier)_at" }

    private func lines(_ place: CommandPlace) -> [String] {
        let isGroup = !place.command.subcommands.isEmpty
        let condition = ([isGroup ? at : below] + place.words).joined(separator: " ")
        let complete = "complete -c \(program.name) -n '\(condition)'"
        let commands = place.command.subcommands.map { "\(complete) -a \($0.name) -d \($0.abstract.fishQuoted)" }
        let unnamed = place.unnamed.compactMap { form in
            form.isFile
                ? "\(complete) -F"
                : form.choices.isEmpty ? nil : "\(complete) -a '\(form.choices.joined(separator: " "))'"
        }
        let named = place.named.map { form in
            var line = "\(complete) -l \(form.name)"
            if form.kind == .option {
                line += form.isFile ? " -rF" : " -x"
                if !form.choices.isEmpty { line += " -a '\(form.choices.joined(separator: " "))'" }
            }
            return "\(line) -d \(form.help.fishQuoted)"
        }
        return commands + unnamed + named
    }
}

extension String {
    /// In single quotes, in which fish reads a backslash before a quote and before a backslash.
    fileprivate var fishQuoted: String {
        let text = reduce(into: "") { text, character in
            if character == "'" || character == "\\" { text.append("\\") }
            text.append(character)
        }
        return "'\(text)'"
    }
}
