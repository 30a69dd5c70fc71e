/// One command of a program, with what it can be given, or a group of commands.
package struct Command: Sendable {
    package let name: String
    /// One sentence.
    let abstract: String
    /// Paragraphs for help; a line that begins with a space is shown as it is.
    let discussion: String
    let parameters: [ParameterForm]
    let subcommands: [Command]
    let body: (@Sendable (Values) throws -> Void)?

    /// A command that does something.
    ///
    /// - Parameters:
    ///   - name: the word that calls it.
    ///   - abstract: what it does, in one sentence.
    ///   - discussion: what else help says.
    ///   - parameters: what it can be given; those without a name in the order in which they come.
    ///   - body: does it; may throw ``UsageError`` for values that do not go together.
    package init(
        _ name: String, _ abstract: String, discussion: String = "", _ parameters: [ParameterForm] = [],
        body: @escaping @Sendable (Values) throws -> Void
    ) {
        self.name = name
        self.abstract = abstract
        self.discussion = discussion
        self.parameters = parameters
        subcommands = []
        self.body = body
    }

    /// A group of commands, or the whole program; called alone, it shows its help.
    package init(_ name: String, _ abstract: String, _ subcommands: [Command]) {
        self.name = name
        self.abstract = abstract
        discussion = ""
        parameters = []
        self.subcommands = subcommands
        body = nil
    }
}

/// What a command was given, checked.
package struct Values: Sendable {
    /// The texts of each parameter by its name.
    let texts: [String: [String]]

    /// The value of a parameter, which must be one of the command's.
    package subscript<Value>(_ parameter: Parameter<Value>) -> Value {
        guard let value = parameter.read(texts[parameter.form.name] ?? []) else {
            preconditionFailure("'\(parameter.form.name)' is not a parameter of this command")
        }
        return value
    }
}

/// What the words of a command line ask for.
package enum Request: Sendable {
    /// To do something; throws what the command throws, and ``UsageError`` in full.
    case action(@Sendable () throws -> Void)
    /// To be told this.
    case help(String)
    case version
}

/// The words of a command line are not what the command takes.
package struct UsageError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What is wrong.
    package let message: String
    /// What follows it: the help of the parameter, how the command is used, where more is said.
    let advice: [String]

    package init(_ message: String) { self.init(message, advice: []) }

    init(_ message: String, advice: [String]) {
        self.message = message
        self.advice = advice
    }

    package var description: String { (["Error: \(message)"] + advice).joined(separator: "\n") }
}
