import Synchronization
import Testing

@testable import Arguments

/// A small program; what it was asked for is in `asked`.
private struct Sample {
    enum Colour: String, CaseIterable, Sendable { case red, green }

    let asked = Asked()
    let program: Command

    final class Asked: Sendable {
        let text = Mutex("")
    }

    init() {
        let file: Parameter<String> = .option("file", "Where it is.", default: "/etc/file")
        let note: Parameter<String?> = .option("note", "What is said about it.")
        let count: Parameter<Int> = .option("count", "How many.", default: 3)
        let colour: Parameter<Colour> = .option("colour", "Of which colour it is to be.", default: Colour.red)
        let loud: Parameter<Bool> = .flag("loud", "Make noise.")
        let name: Parameter<String> = .argument("name", "Whose it is.")
        let rest: Parameter<[String]> = .remaining("rest", "What else there is.")
        let kind: Parameter<String?> = .optionalArgument("kind", "Which kind.")
        let asked = asked
        let make = Command(
            "make", "Makes what is wanted.", discussion: "It is done so:\n\n  program make it",
            [name.form, rest.form, file.form, note.form, count.form, colour.form, loud.form]
        ) { values in
            if values[count] < 0 { throw UsageError("--count must not be negative") }
            let text =
                "\(values[name]) \(values[rest]) \(values[file]) \(values[note] ?? "nil") \(values[count]) "
                + "\(values[colour]) \(values[loud])"
            asked.text.withLock { $0 = text }
        }
        let list = Command("list", "Lists the kinds.", [kind.form]) { values in
            let text = "list \(values[kind] ?? "nil")"
            asked.text.withLock { $0 = text }
        }
        program = Command("program", "Does things.", [make, Command("show", "Shows things.", [list])])
    }

    /// What comes of some words: what was done, what is shown, or what is wrong.
    func outcome(_ words: String) -> String {
        do {
            switch try program.parse(words.split(separator: " ").map(String.init)) {
            case .action(let act):
                try act()
                return asked.text.withLock { $0 }
            case .help(let text): return text
            case .version: return "version"
            }
        } catch {
            return "\(error)"
        }
    }
}

@Suite("Command lines")
struct CommandTests {
    private let sample = Sample()

    @Test(
        "words find their parameters",
        arguments: [
            ("make it", "it [] /etc/file nil 3 red false"),
            ("make it --file f --note n --count 4 --colour green --loud", "it [] f n 4 green true"),
            ("make --file=f --loud it a b=c", #"it ["a", "b=c"] f nil 3 red true"#),
            ("make --file= it --file=a=b", "it [] a=b nil 3 red false"),
            ("make --count 1 --count 2 it", "it [] /etc/file nil 2 red false"),
            ("make it --note=-x - -- --loud -- -h", #"it ["-", "--loud", "--", "-h"] /etc/file -x 3 red false"#),
            ("make it --", "it [] /etc/file nil 3 red false"),
            ("make it --note -", "it [] /etc/file - 3 red false"),
            ("show list", "list nil"), ("show list a", "list a"),
            ("--version", "version"), ("make --bogus --version", "version"), ("show --version", "version"),
        ])
    func values(words: String, expected: String) {
        #expect(sample.outcome(words) == expected)
    }

    @Test(
        "what is wrong is told in one line, with what may be meant",
        arguments: [
            ("mkae it", "Unknown command 'mkae'. Did you mean 'make'?"),
            ("nothing", "Unknown command 'nothing'"), ("show lits", "Unknown command 'lits'. Did you mean 'list'?"),
            ("--file x make", "Unknown option '--file'"), ("--hlep", "Unknown option '--hlep'. Did you mean '--help'?"),
            ("make it --fiel x", "Unknown option '--fiel'. Did you mean '--file'?"),
            ("make it -x", "Unknown option '-x'"),
            ("make it --flie=x", "Unknown option '--flie'. Did you mean '--file'?"),
            ("make", "Missing expected argument '<name>'"),
            ("make it --file", "Missing value for '--file <file>'"),
            ("make it --file --loud", "Missing value for '--file <file>'"),
            ("make it --loud=1", "'--loud' takes no value"),
            ("make it --count x", "The value 'x' is invalid for '--count <count>'"),
            (
                "make it --count=99999999999999999999",
                "The value '99999999999999999999' is invalid for '--count <count>'"
            ),
            ("make it --colour blue", "The value 'blue' is invalid for '--colour <colour>'; use one of red, green"),
            ("make it --count=-1", "--count must not be negative"),
            ("show list a b", "Unexpected argument 'b'"), ("help mkae", "Unknown command 'mkae'. Did you mean 'make'?"),
            ("help make it", "Unexpected argument 'it'"),
        ])
    func faults(words: String, expected: String) {
        let first = sample.outcome(words).split(separator: "\n").first ?? ""
        #expect(first == "Error: \(expected)")
    }

    @Test("a fault comes with the parameter's help, the usage and where to read on")
    func advice() {
        let usage =
            "Usage: program make <name> [<rest> ...] [--file <file>] [--note <note>] [--count <count>] "
            + "[--colour <colour>] [--loud]\n  See 'program make --help' for more information."
        #expect(
            sample.outcome("make it --count x")
                == "Error: The value 'x' is invalid for '--count <count>'\nHelp:  --count <count>  How many.\n\(usage)")
        #expect(sample.outcome("make it --count=-1") == "Error: --count must not be negative\n\(usage)")
        #expect(
            sample.outcome("show lits").hasSuffix(
                "Usage: program show <subcommand>\n  See 'program show --help' for more information."))
    }

    @Test("help is asked for in many ways, and whatever else is said")
    func help() {
        let make = """
            OVERVIEW: Makes what is wanted.

            It is done so:

              program make it

            USAGE: program make <name> [<rest> ...] [--file <file>] [--note <note>] [--count <count>] [--colour <colour>] [--loud]

            ARGUMENTS:
              <name>                  Whose it is.
              <rest>                  What else there is.

            OPTIONS:
              --file <file>           Where it is. (default: /etc/file)
              --note <note>           What is said about it.
              --count <count>         How many. (default: 3)
              --colour <colour>       Of which colour it is to be. (values: red, green;
                                      default: red)
              --loud                  Make noise.
              --version               Show the version.
              -h, --help              Show help information.
            """
        for words in ["make --help", "make -h", "help make", "make --bogus -h x", "make --file --help", "help make -h"]
        {
            #expect(sample.outcome(words) == make, "\(words)")
        }
        let show = """
            OVERVIEW: Shows things.

            USAGE: program show <subcommand>

            OPTIONS:
              --version               Show the version.
              -h, --help              Show help information.

            SUBCOMMANDS:
              list                    Lists the kinds.

              See 'program help show <subcommand>' for detailed help.
            """
        for words in ["show", "show --help", "help show", "show -h list"] {
            #expect(sample.outcome(words) == show, "\(words)")
        }
        #expect(sample.outcome("") == sample.outcome("help"))
        #expect(sample.outcome("").hasSuffix("  See 'program help <subcommand>' for detailed help."))
    }

    @Test("lines are broken at spaces; words that are too wide and examples are not")
    func wrapping() {
        #expect(wrap("one two three", width: 7) == "one two\nthree")
        #expect(wrap("one two", width: 3) == "one\ntwo")
        #expect(wrap("extraordinary one", width: 5) == "extraordinary\none")
        #expect(wrap("a b\n\n  an example that stays\nc d", width: 3) == "a b\n\n  an example that stays\nc d")
    }
}
