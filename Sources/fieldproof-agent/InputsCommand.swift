import ArgumentParser
import Inputs

extension FieldproofAgent {
    struct InputsCommand: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "inputs",
            abstract: "Lists the kinds of input, or prints a commented sample configuration of one.")

        @Argument(help: "A kind of input.")
        var kind: String?

        func run() throws {
            let registry = InputRegistry.standard
            guard let kind else {
                let width = registry.kinds.map(\.kind.count).max() ?? 0
                for known in registry.kinds {
                    print(known.kind + String(repeating: " ", count: width - known.kind.count + 2) + known.summary)
                }
                return
            }
            guard let known = registry[kind] else {
                complain(
                    "there is no input '\(kind)'; use one of \(registry.kinds.map(\.kind).joined(separator: ", "))")
                throw ExitStatus.usage
            }
            print(known.sample)
        }
    }
}
