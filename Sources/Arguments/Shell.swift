/// A shell that completes what one types.
package enum Shell: String, CaseIterable, Sendable {
    case bash, zsh, fish
}

extension Command {
    /// A script that a shell reads to complete the words of this program: its commands, their options, and the values of those that have
    /// few, or are files.
    package func completions(for shell: Shell) -> String {
        let places = CommandPlace([self]).all
        return switch shell {
        case .bash: BashCompletions(program: self, places: places).script
        case .zsh: ZshCompletions(program: self, places: places).script
        case .fish: FishCompletions(program: self, places: places).script
        }
    }
}

extension CommandPlace {
    /// This place and all below it, each before what is below it.
    fileprivate var all: [CommandPlace] {
        [self] + command.subcommands.flatMap { CommandPlace(path + [$0]).all }
    }

    /// The words behind the program's name that lead here.
    var words: [String] { path.dropFirst().map(\.name) }
    /// Options and flags with those that every command has.
    var named: [ParameterForm] {
        command.parameters.filter { $0.kind == .option || $0.kind == .flag } + [.version, .help]
    }
    /// What has no name, in its order.
    var unnamed: [ParameterForm] { command.parameters.filter { $0.kind == .argument || $0.kind == .remaining } }
}

extension String {
    /// As a name of a shell's function.
    var identifier: String { String(map { $0 == "-" ? "_" : $0 }) }

    /// In single quotes, as bash and zsh read them.
    var quoted: String {
        "'" + split(separator: "'", omittingEmptySubsequences: false).joined(separator: #"'\''"#) + "'"
    }
}
