/// What a command can be given: how it is written, and how its texts become a value.
///
/// A parameter without a value has none of its texts in the arguments; `Value` is optional where that is allowed and nothing stands
/// in for it.
package struct Parameter<Value: Sendable>: Sendable {
    package let form: ParameterForm
    /// The value of all texts that were given for it, none included; nil when they are no value.
    let read: @Sendable ([String]) -> Value?
}

/// A parameter without the type of its value: what parsing and help need to know.
package struct ParameterForm: Sendable {
    package enum Kind: Hashable, Sendable {
        /// `--name VALUE` or `--name=VALUE`; of several the last counts.
        case option
        /// `--name`.
        case flag
        /// A word without a name.
        case argument
        /// An argument that takes all words that are left.
        case remaining
    }

    let kind: Kind
    /// Without the leading `--`.
    let name: String
    let help: String
    var isRequired = false
    /// What stands in when it is not given, as help shows it.
    var fallback: String?
    /// All values there are, when there are few.
    var choices: [String] = []
    /// Whether the value is the name of a file, which shells complete.
    var isFile = false
    var isValid: @Sendable ([String]) -> Bool = { _ in true }

    /// As help names it: `--name <name>`, `--name` or `<name>`.
    var label: String {
        switch kind {
        case .option: "--\(name) <\(name)>"
        case .flag: "--\(name)"
        case .argument, .remaining: "<\(name)>"
        }
    }

    /// As it stands in the usage line.
    var usage: String {
        let label = kind == .remaining ? "\(label) ..." : label
        return isRequired ? label : "[\(label)]"
    }

    /// The help with what can be given and what stands in, in parentheses.
    var fullHelp: String {
        var notes: [String] = []
        if !choices.isEmpty { notes.append("values: \(choices.joined(separator: ", "))") }
        if let fallback { notes.append("default: \(fallback)") }
        return notes.isEmpty ? help : "\(help) (\(notes.joined(separator: "; ")))"
    }
}

extension Parameter {
    /// The same, with a value that is the name of a file or a directory.
    package var file: Parameter {
        var form = form
        form.isFile = true
        return Parameter(form: form, read: read)
    }

    private init(_ form: ParameterForm, read: @escaping @Sendable ([String]) -> Value?) {
        var form = form
        form.isValid = { read($0) != nil }
        self.form = form
        self.read = read
    }

    /// `--name TEXT`.
    package static func option(_ name: String, _ help: String, default fallback: String) -> Parameter<String> {
        Parameter<String>(ParameterForm(kind: .option, name: name, help: help, fallback: fallback)) {
            $0.last ?? fallback
        }
    }

    /// `--name TEXT`, which may be left out.
    package static func option(_ name: String, _ help: String) -> Parameter<String?> {
        Parameter<String?>(ParameterForm(kind: .option, name: name, help: help)) { .some($0.last) }
    }

    /// `--name NUMBER`.
    package static func option(_ name: String, _ help: String, default fallback: Int) -> Parameter<Int> {
        Parameter<Int>(ParameterForm(kind: .option, name: name, help: help, fallback: String(fallback))) {
            $0.isEmpty ? fallback : $0.last.flatMap { Int($0) }
        }
    }

    /// `--name WORD`, one of the words of a type.
    package static func option<Choice: RawRepresentable<String> & CaseIterable & Sendable>(
        _ name: String, _ help: String, default fallback: Choice
    ) -> Parameter<Choice> {
        let form = ParameterForm(
            kind: .option, name: name, help: help, fallback: fallback.rawValue, choices: Choice.allCases.map(\.rawValue)
        )
        return Parameter<Choice>(form) { $0.isEmpty ? fallback : $0.last.flatMap { Choice(rawValue: $0) } }
    }

    /// `--name`, which is false when it is left out.
    package static func flag(_ name: String, _ help: String) -> Parameter<Bool> {
        Parameter<Bool>(ParameterForm(kind: .flag, name: name, help: help)) { !$0.isEmpty }
    }

    /// A word that must be there.
    package static func argument(_ name: String, _ help: String) -> Parameter<String> {
        Parameter<String>(ParameterForm(kind: .argument, name: name, help: help, isRequired: true)) { $0.last }
    }

    /// A word that may be left out.
    package static func optionalArgument(_ name: String, _ help: String) -> Parameter<String?> {
        Parameter<String?>(ParameterForm(kind: .argument, name: name, help: help)) { .some($0.last) }
    }

    /// All words behind the other arguments.
    package static func remaining(_ name: String, _ help: String) -> Parameter<[String]> {
        Parameter<[String]>(ParameterForm(kind: .remaining, name: name, help: help)) { $0 }
    }
}
