/// The completions of a program for zsh: a function that `compinit` finds in `fpath`.
struct ZshCompletions {
    let program: Command
    let places: [CommandPlace]

    var script: String {
        """
        #compdef \(program.name)
        # zsh completion of \(program.name). Made by '\(program.name) --generate-completion-script zsh'.

        \(places.map(function).joined(separator: "\n\n"))

        if [ "${funcstack[1]}" = \(name(places[0]).quoted) ]; then
            \(name(places[0])) "$@"
        else
            compdef \(name(places[0])) \(program.name)
        fi

        """
    }

    private func name(_ place: CommandPlace) -> String {
        "_" + place.path.map(\.name).joined(separator: "_")
    }

    private func function(_ place: CommandPlace) -> String {
        let options = place.named.map(option)
        guard !place.command.subcommands.isEmpty else {
            let unnamed = place.unnamed.enumerated().map { index, form in
                let position = form.kind == .remaining ? "*" : "\(index + 1)"
                return "\(position):\(form.name.described):\(action(form))".quoted
            }
            return """
                \(name(place))() {
                    _arguments \(((options + unnamed).map { "\\\n        " + $0 }).joined(separator: " "))
                }
                """
        }
        let described = place.command.subcommands.map { "\($0.name):\($0.abstract.described)".quoted }
        let branches = place.command.subcommands.map { command in
            "        \(command.name)) \(name(CommandPlace(place.path + [command]))) ;;"
        }
        return """
            \(name(place))() {
                local context state state_descr line
                typeset -A opt_args
                _arguments -C \(options.map { "\\\n        " + $0 }.joined(separator: " ")) \\
                    '1: :->command' '*:: :->arguments' && return
                case $state in
                command)
                    local -a commands
                    commands=(\(described.joined(separator: " ")))
                    _describe command commands
                    ;;
                arguments)
                    case ${words[1]} in
            \(branches.joined(separator: "\n"))
                    esac
                    ;;
                esac
            }
            """
    }

    private func option(_ form: ParameterForm) -> String {
        let text = "--\(form.name)\(form.kind == .option ? "=" : "")[\(form.help.described)]"
        return (form.kind == .option ? "\(text):\(form.name):\(action(form))" : text).quoted
    }

    private func action(_ form: ParameterForm) -> String {
        if form.isFile { return "_files" }
        return form.choices.isEmpty ? " " : "(\(form.choices.joined(separator: " ")))"
    }
}

extension String {
    /// Without what `_arguments` and `_describe` give a meaning to.
    fileprivate var described: String {
        reduce(into: "") { text, character in
            if "[]:\\".contains(character) { text.append("\\") }
            text.append(character)
        }
    }
}
