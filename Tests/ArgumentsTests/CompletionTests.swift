import JSON
import Testing

@testable import Arguments

/// A program with a group, an option of each kind, and places of each kind.
private let program: Command = {
    enum Colour: String, CaseIterable, Sendable { case red, green }
    let file: Parameter<String> = .option("file", "Where it's kept.", default: "/etc/file").file
    let colour: Parameter<Colour> = .option("colour", "Of which [colour]: one.", default: .red)
    let loud: Parameter<Bool> = .flag("loud", "Make noise.")
    let name: Parameter<String> = .argument("name", "Whose it is.")
    let rest: Parameter<[String]> = .remaining("rest", "What else there is.")
    let make = Command(
        "make", "Makes it.", discussion: "So.", [file.form, colour.form, loud.form, name.form, rest.form]
    ) {
        _ in
    }
    return Command(
        "some-program", "Does things.", [make, Command("show", "Shows.", [Command("list", "Lists.") { _ in }])])
}()

private func output(_ words: String...) -> String {
    do {
        if case .help(let text) = try program.parse(words) { return text }
        return "nothing was printed"
    } catch {
        return error.message
    }
}

@Suite("Completions and descriptions")
struct CompletionTests {
    @Test(
        "each shell gets a script with the commands, the options and their values",
        arguments: [
            (
                Shell.bash,
                [
                    "complete -F _some_program some-program", "    '') words='make show --version --help' ;;",
                    "    'make') words='--file --colour --loud --version --help' ;;",
                    "    'make --colour') COMPREPLY=($(compgen -W 'red green' -- \"$current\")); return ;;",
                    "    'show list') words='--version --help' ;;",
                ]
            ),
            (
                .zsh,
                [
                    "#compdef some-program", #"'--file=[Where it'\''s kept.]:file:_files'"#,
                    #"'--colour=[Of which \[colour\]\: one.]:colour:(red green)'"#, "'*:rest: '",
                    "list) _some-program_show_list ;;",
                ]
            ),
            (
                .fish,
                [
                    "complete -c some-program -n '__some_program_at' -a make -d 'Makes it.'",
                    #"complete -c some-program -n '__some_program_below make' -l file -rF -d 'Where it\'s kept.'"#,
                    "complete -c some-program -n '__some_program_below make' -l colour -x -a 'red green'",
                    "complete -c some-program -n '__some_program_at show' -a list -d 'Lists.'",
                ]
            ),
        ])
    func scripts(shell: Shell, lines: [String]) {
        let script = output("--generate-completion-script", shell.rawValue)
        #expect(output("--generate-completion-script=\(shell.rawValue)") == script)
        for line in lines { #expect(script.contains(line), "\(line) is not in\n\(script)") }
    }

    @Test("a shell that is not known is named with those that are", arguments: [["tcsh"], [], ["bash", "zsh"]])
    func unknownShell(words: [String]) throws {
        #expect {
            _ = try program.parse(["--generate-completion-script"] + words)
        } throws: {
            ($0 as? UsageError)?.message == "'--generate-completion-script' takes one of bash, zsh, fish"
        }
    }

    @Test("the description is what swift-argument-parser would say of the same commands")
    func description() throws {
        let description = try JSONParser.parse(output("--experimental-dump-help"))
        let command = try #require(description["command"])
        #expect(description["serializationVersion"] == 0)
        #expect(command["commandName"] == "some-program")
        let make = try #require(command["subcommands"]?[0])
        #expect(make["superCommands"] == ["some-program"])
        #expect(make["discussion"] == "So.")
        #expect(
            make["arguments"]?[1] == [
                "kind": "option", "shouldDisplay": true, "isOptional": true, "isRepeating": false,
                "valueName": "colour",
                "abstract": "Of which [colour]: one.", "names": [["kind": "long", "name": "colour"]],
                "defaultValue": "red",
                "allValues": ["red", "green"],
            ])
        #expect(
            make["arguments"]?[4] == [
                "kind": "positional", "shouldDisplay": true, "isOptional": true, "isRepeating": true,
                "valueName": "rest",
                "abstract": "What else there is.",
            ])
        #expect(command["subcommands"]?[1]?["subcommands"]?[0]?["superCommands"] == ["some-program", "show"])
    }

    @Test("help shows neither")
    func hidden() {
        #expect(!output("--help").contains("generate-completion-script"))
        #expect(!output("--help").contains("dump-help"))
    }
}
