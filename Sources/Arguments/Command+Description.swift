import JSON

extension Command {
    /// The commands and their parameters as JSON, in the form that swift-argument-parser gives its own (`ToolInfoV0`), so that whatever
    /// makes manuals of those makes them of these.
    var description: String {
        let whole: JSONValue = .object(["serializationVersion": .integer(0), "command": describe(below: [])])
        return String(decoding: whole.pretty(), as: UTF8.self)
    }

    private func describe(below path: [String]) -> JSONValue {
        var members: JSONObject = [
            "commandName": .string(name), "abstract": .string(abstract), "shouldDisplay": .bool(true),
            "arguments": .array((parameters + [.version, .help]).map(\.description)),
        ]
        if !path.isEmpty { members["superCommands"] = .array(path.map { .string($0) }) }
        if !discussion.isEmpty { members["discussion"] = .string(discussion) }
        if !subcommands.isEmpty {
            members["subcommands"] = .array(subcommands.map { $0.describe(below: path + [name]) })
        }
        return .object(members)
    }
}

extension ParameterForm {
    static let version = ParameterForm(kind: .flag, name: "version", help: "Show the version.")
    static let help = ParameterForm(kind: .flag, name: "help", help: "Show help information.")

    fileprivate var description: JSONValue {
        let word =
            switch kind {
            case .option: "option"
            case .flag: "flag"
            case .argument, .remaining: "positional"
            }
        var members: JSONObject = [
            "kind": .string(word), "shouldDisplay": .bool(true), "isOptional": .bool(!isRequired),
            "isRepeating": .bool(kind == .remaining), "valueName": .string(name), "abstract": .string(help),
        ]
        if kind == .option || kind == .flag {
            members["names"] = .array([.object(["kind": .string("long"), "name": .string(name)])])
        }
        if let fallback { members["defaultValue"] = .string(fallback) }
        if !choices.isEmpty { members["allValues"] = .array(choices.map { .string($0) }) }
        return .object(members)
    }
}
