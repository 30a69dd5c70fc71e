import ArgumentParser
import Reports

struct SchemaCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "schema", abstract: "Prints the JSON Schema (2020-12) of what this program writes.",
        discussion: "'summary' is what 'fieldproof report --format json' writes, fieldproof/summary/v1.")

    enum Document: String, CaseIterable, ExpressibleByArgument {
        case summary
    }

    @Argument(help: "summary.")
    var document = Document.summary

    @Option(name: .long, help: "A file; standard output without it.")
    var output: String?

    func run() throws {
        let text =
            switch document {
            case .summary: SummarySchema.text
            }
        if let output {
            try OutputFile.write(text, to: output)
        } else {
            print(text, terminator: "")
        }
    }
}
