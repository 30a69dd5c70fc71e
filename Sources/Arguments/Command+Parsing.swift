extension Command {
    /// Makes out what the words behind the program's name ask for. Does nothing of it.
    ///
    /// - Throws: ``UsageError``.
    package func parse(_ words: [String]) throws(UsageError) -> Request {
        if words.first == "help", !subcommands.isEmpty {
            var place = CommandPlace([self])
            for word in words.dropFirst() where !Self.asksForHelp(word) { try place.descend(word) }
            return .help(place.help)
        }
        // Under the names that swift-argument-parser has for them, and as little shown by help.
        if words == ["--experimental-dump-help"] { return .help(description) }
        if let word = words.first, word.hasPrefix("--generate-completion-script") {
            let named = word.split(separator: "=", maxSplits: 1).dropFirst().map(String.init) + words.dropFirst()
            guard named.count == 1, let shell = Shell(rawValue: named[0]) else {
                let shells = Shell.allCases.map(\.rawValue).joined(separator: ", ")
                throw CommandPlace([self]).usageError("'--generate-completion-script' takes one of \(shells)")
            }
            return .help(completions(for: shell))
        }
        return try CommandPlace([self]).parse(words[...])
    }

    static func asksForHelp(_ word: String) -> Bool { word == "--help" || word == "-h" }
}

/// A command with the commands above it, from the program down.
struct CommandPlace: Sendable {
    private(set) var path: [Command]

    init(_ path: [Command]) { self.path = path }

    var command: Command { path[path.count - 1] }
    /// As one types it.
    var call: String { path.map(\.name).joined(separator: " ") }

    mutating func descend(_ word: String) throws(UsageError) {
        guard let next = command.subcommands.first(where: { $0.name == word }) else {
            let similar = closest(to: word, among: command.subcommands.map(\.name))
            let suggestion = similar.map { ". Did you mean '\($0)'?" } ?? ""
            throw usageError(
                command.subcommands.isEmpty || word.hasPrefix("-")
                    ? "Unexpected argument '\(word)'" : "Unknown command '\(word)'\(suggestion)")
        }
        path.append(next)
    }

    consuming func parse(_ words: ArraySlice<String>) throws(UsageError) -> Request {
        var words = words
        while !command.subcommands.isEmpty {
            guard let word = words.popFirst() else { return .help(help) }
            if Command.asksForHelp(word) { return .help(help) }
            if word == "--version" { return .version }
            if word.hasPrefix("-") { throw unknownOption(word) }
            try descend(word)
        }
        let named = words.prefix { $0 != "--" }
        if named.contains(where: Command.asksForHelp) { return .help(help) }
        if named.contains("--version") { return .version }
        let values = try read(words)
        let place = self
        return .action {
            do {
                try place.command.body?(values)
            } catch let error as UsageError {
                throw place.usageError(error.message)
            }
        }
    }

    /// Gives each word to its parameter.
    private func read(_ words: ArraySlice<String>) throws(UsageError) -> Values {
        var words = words
        var texts: [String: [String]] = [:]
        var places = command.parameters.filter { $0.kind == .argument || $0.kind == .remaining }[...]
        var isNamed = true
        while let word = words.popFirst() {
            if isNamed, word == "--" {
                isNamed = false
            } else if isNamed, word.hasPrefix("-"), word != "-" {
                let (form, text) = try option(word, &words)
                texts[form.name, default: []].append(text)
            } else if let place = places.first {
                texts[place.name, default: []].append(word)
                if place.kind == .argument { places = places.dropFirst() }
            } else {
                throw usageError("Unexpected argument '\(word)'")
            }
        }
        for form in command.parameters { try check(form, texts[form.name] ?? []) }
        return Values(texts: texts)
    }

    /// The parameter that a word names, and its text, which may be the next word.
    private func option(
        _ word: String, _ words: inout ArraySlice<String>
    ) throws(UsageError) -> (ParameterForm, String) {
        let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        let form = command.parameters.first {
            ($0.kind == .option || $0.kind == .flag) && "--\($0.name)" == parts[0]
        }
        guard let form else { throw unknownOption(String(parts[0])) }
        if form.kind == .flag {
            guard parts.count == 1 else { throw usageError("'\(form.label)' takes no value", about: form) }
            return (form, "")
        }
        if parts.count == 2 { return (form, String(parts[1])) }
        // A value that begins with a dash is more often a forgotten value; '--name=-value' says that it is meant.
        guard let next = words.first, next == "-" || !next.hasPrefix("-") else {
            throw usageError("Missing value for '\(form.label)'", about: form)
        }
        words = words.dropFirst()
        return (form, next)
    }

    private func check(_ form: ParameterForm, _ texts: [String]) throws(UsageError) {
        guard !form.isValid(texts) else { return }
        guard let text = texts.last else { throw usageError("Missing expected argument '\(form.label)'", about: form) }
        let choices = form.choices.isEmpty ? "" : "; use one of \(form.choices.joined(separator: ", "))"
        throw usageError("The value '\(text)' is invalid for '\(form.label)'\(choices)", about: form)
    }

    private func unknownOption(_ word: String) -> UsageError {
        let names = command.parameters.filter { $0.kind == .option || $0.kind == .flag }.map { "--\($0.name)" }
        let similar = closest(to: word, among: names + ["--help", "--version"])
        return usageError("Unknown option '\(word)'" + (similar.map { ". Did you mean '\($0)'?" } ?? ""))
    }

    func usageError(_ message: String, about form: ParameterForm? = nil) -> UsageError {
        var advice = ["Usage: \(usage)", "  See '\(call) --help' for more information."]
        if let form { advice.insert("Help:  \(form.label)  \(form.help)", at: 0) }
        return UsageError(message, advice: advice)
    }
}
