package import Configuration

/// A kind of input, without its type.
package struct InputKind: Sendable {
    /// The name in `type:`.
    package let kind: String
    /// One line that says what it gives.
    package let summary: String
    /// A commented item of `inputs:` in YAML.
    package let sample: String
    fileprivate let decode: @Sendable (inout MappingReader) -> (maker: InputDefinition.Maker, borrowed: [CoreValue])

    package init<Kind: Input>(_ type: Kind.Type) {
        kind = type.kind
        summary = type.summary
        sample = type.sample
        decode = { reader in
            let settings = Kind.Settings(from: &reader)
            let maker: InputDefinition.Maker = { environment throws(InputError) in
                try Kind(settings, environment: environment)
            }
            return (maker, Kind.borrowed(by: settings))
        }
    }
}

/// One item of `inputs:`, read and checked, not yet running.
package struct InputDefinition: Sendable {
    typealias Maker = @Sendable (InputEnvironment) throws(InputError) -> any RunnableInput

    /// The instance's name: `name:`, by default the kind. Unique in a configuration.
    package let name: String
    package let kind: String
    /// Where the item stands, for what is found wrong later.
    package let place: Place
    /// The item as it is written, and behind it what it takes from other files, without places and the order of keys: two that are written alike
    /// make inputs that do the same.
    package let written: CoreValue
    private let maker: Maker

    init(name: String, kind: String, place: Place, written: CoreValue, maker: @escaping Maker) {
        self.name = name
        self.kind = kind
        self.place = place
        self.written = written
        self.maker = maker
    }

    /// The input itself. Does no I/O.
    ///
    /// - Throws: `InputError` when the settings contradict each other.
    package func make(_ environment: InputEnvironment) throws(InputError) -> any RunnableInput {
        try maker(environment)
    }
}

/// The kinds of inputs that a build has.
package struct InputRegistry: Sendable {
    /// In alphabetical order.
    package let kinds: [InputKind]
    /// Kinds that this build was made without, each with what to do about it.
    let absent: [String: String]

    /// - Parameters:
    ///   - kinds: of two with one name the later wins.
    ///   - absent: kinds that this build was made without, each with what to do about it.
    package init(_ kinds: [InputKind], absent: [String: String] = [:]) {
        self.absent = absent
        var unique: [String: InputKind] = [:]
        for kind in kinds { unique[kind.kind] = kind }
        self.kinds = unique.values.sorted { $0.kind < $1.kind }
    }

    /// What every agent has.
    package static let standard = InputRegistry(
        [
            InputKind(ExecInput.self),
            InputKind(HostInput.self),
            InputKind(HwmonInput.self),
            InputKind(IIOInput.self),
            InputKind(LineInput.self),
            InputKind(MQTTInput.self),
            InputKind(PrometheusInput.self),
            InputKind(SerialInput.self),
            InputKind(StatsdInput.self),
            InputKind(StdinInput.self),
            InputKind(TailInput.self),
            InputKind(W1Input.self),
        ] + optional.present, absent: optional.absent)

    /// The kinds that need a library of the system, each behind a trait of the package.
    private static let optional: (present: [InputKind], absent: [String: String]) = {
        var present: [InputKind] = []
        var absent: [String: String] = [:]
        #if Modbus
        present.append(InputKind(ModbusInput.self))
        #else
        absent["modbus"] =
            "this agent was built without Modbus; build it with the trait 'Modbus', which is on by default"
        #endif
        #if ROS2
        present.append(InputKind(ROS2Input.self))
        #else
        absent["ros2"] = "this agent was built without ROS 2; build it with the trait 'ROS2'"
        #endif
        return (present, absent)
    }()

    package func adding(_ kind: InputKind) -> InputRegistry {
        InputRegistry(kinds + [kind], absent: absent)
    }

    /// The kind of a name.
    package subscript(_ kind: String) -> InputKind? {
        kinds.first { $0.kind == kind }
    }

    /// One item of `inputs:`. The keys `type` and `name` are the registry's, all others the input's own.
    package var definition: ValueFormat<InputDefinition> {
        typealias Case = (String, (inout MappingReader) -> InputDefinition)
        let known = kinds.map { kind -> Case in
            let read: (inout MappingReader) -> InputDefinition = { reader in
                let name = reader.value("name", as: .identifier, default: kind.kind)
                let (maker, borrowed) = kind.decode(&reader)
                let written = CoreValue.sequence([reader.node.coreValue] + borrowed)
                return InputDefinition(
                    name: name, kind: kind.kind, place: reader.place, written: written.unordered, maker: maker)
            }
            return (kind.kind, read)
        }
        let missing = absent.map { kind, advice -> Case in
            let refuse: (inout MappingReader) -> InputDefinition = { reader in
                reader.report(advice, key: "type")
                reader.ignoreUnknownKeys()
                return InputDefinition(
                    name: kind, kind: kind, place: reader.place, written: reader.node.coreValue.unordered
                ) { environment throws(InputError) in
                    throw InputError(.settings, input: environment.name, advice)
                }
            }
            return (kind, refuse)
        }
        return .union(by: "type", Dictionary(uniqueKeysWithValues: known + missing))
    }

    /// The list `inputs:`; refuses two items with one name, because counters and logs go by name.
    package var definitions: ValueFormat<[InputDefinition]> {
        let list = ValueFormat<[InputDefinition]>.sequence(of: definition)
        return ValueFormat(expected: list.expected, placeholder: []) { reader in
            guard let definitions = reader.read(as: list) else { return nil }
            var first: [String: InputDefinition] = [:]
            for definition in definitions {
                if let taken = first[definition.name] {
                    reader.report(
                        "has the name '\(definition.name)' of \(taken.place.path); give it a 'name' of its own",
                        at: definition.place)
                } else {
                    first[definition.name] = definition
                }
            }
            return definitions
        }
    }
}
