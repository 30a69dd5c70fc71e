/// The completions of a program for bash, without the package bash-completion.
struct BashCompletions {
    let program: Command
    let places: [CommandPlace]

    var script: String {
        let function = "_" + program.name.identifier
        return """
            # bash completion of \(program.name). Made by '\(program.name) --generate-completion-script bash'.

            \(function)() {
                local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]} place='' word words='' index
                # Words that name commands lead to a place; what comes behind are its parameters.
                for ((index = 1; index < COMP_CWORD; index++)); do
                    word=${COMP_WORDS[index]}
                    case "$place${place:+ }$word" in
            \(leading.joined(separator: "\n"))
                    *) break ;;
                    esac
                done
                COMPREPLY=()
                # --name=value is three words.
                if [ "$current" = '=' ]; then current=''; fi
                if [ "$previous" = '=' ]; then previous=${COMP_WORDS[COMP_CWORD - 2]}; fi
                case "$place $previous" in
            \(values.joined(separator: "\n"))
                esac
                case "$place" in
            \(words.joined(separator: "\n"))
                esac
                COMPREPLY=($(compgen -W "$words" -- "$current"))
            }

            complete -F \(function) \(program.name)

            """
    }

    private var leading: [String] {
        let known = places.dropFirst().map { $0.words.joined(separator: " ").quoted }
        return ["        \(known.joined(separator: " | "))) place=\"$place${place:+ }$word\" ;;"]
    }

    /// For each option with a value, what it can be.
    private var values: [String] {
        places.flatMap { place in
            place.named.filter { $0.kind == .option }.map { form in
                let pattern = (place.words + ["--\(form.name)"]).joined(separator: " ").quoted
                let reply =
                    if form.isFile {
                        "compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -f -- \"$current\")); "
                    } else if !form.choices.isEmpty {
                        "COMPREPLY=($(compgen -W \(form.choices.joined(separator: " ").quoted) -- \"$current\")); "
                    } else {
                        ""
                    }
                return "    \(pattern)) \(reply)return ;;"
            }
        }
    }

    private var words: [String] {
        places.map { place in
            let words =
                place.command.subcommands.map(\.name) + place.unnamed.flatMap(\.choices)
                + place.named.map { "--\($0.name)" }
            return "    \(place.words.joined(separator: " ").quoted)) words=\(words.joined(separator: " ").quoted) ;;"
        }
    }
}
