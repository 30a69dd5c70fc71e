import Arguments
import Inputs

extension FieldproofAgent {
    private static let kind: Parameter<String?> = .optionalArgument("kind", "A kind of input.")

    static let inputsCommand = Command(
        "inputs", "Lists the kinds of input, or prints a commented sample configuration of one.", [kind.form]
    ) { values in
        let registry = InputRegistry.standard
        guard let kind = values[kind] else {
            let width = registry.kinds.map(\.kind.count).max() ?? 0
            for known in registry.kinds {
                print(known.kind + String(repeating: " ", count: width - known.kind.count + 2) + known.summary)
            }
            return
        }
        guard let known = registry[kind] else {
            complain("there is no input '\(kind)'; use one of \(registry.kinds.map(\.kind).joined(separator: ", "))")
            throw ExitStatus.usage
        }
        print(known.sample)
    }
}
