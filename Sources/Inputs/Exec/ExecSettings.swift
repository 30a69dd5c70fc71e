package import Configuration

/// What can be set of an input `exec`.
package struct ExecSettings: ConfigurationDecodable, Sendable {
    /// How the program runs.
    enum Mode: Hashable, Sendable {
        /// Anew at each tick; so many nanoseconds between ticks, and at most so many for one run.
        case poll(every: Int64, timeout: Int64)
        /// All the time, started again when it ends.
        case stream(Restart)
    }

    /// What becomes of a program that was to run all the time and ended.
    struct Restart: Hashable, Sendable {
        enum When: String, CaseIterable, Sendable {
            case always
            /// When it ended with a status other than 0.
            case onFailure = "on-failure"
            case never
        }

        var when = When.always
        /// The pause before the first restart, nanoseconds; it doubles with each that follows soon.
        var first: Int64 = 1_000_000_000
        /// The longest pause, nanoseconds.
        var longest: Int64 = 60_000_000_000
    }

    /// The program and its arguments.
    var command: [String]
    var mode: Mode
    /// Whether all that one run writes is one record; if not, every line is.
    var isOutputOneRecord = false
    /// Variables of the program's environment.
    var variables: [(name: String, value: String)] = []
    /// Where it runs; nil for the agent's own directory.
    var directory: String?
    var records: RecordSettings

    init(_ command: [String], _ mode: Mode, _ records: RecordSettings) {
        self.command = command
        self.mode = mode
        self.records = records
    }

    package init(from reader: inout MappingReader) {
        let argument = ValueFormat<String>.word("text").check("must be without NUL") { !$0.utf8.contains(0) }
        command = reader.required("command", as: .sequence(of: argument, count: 1...256))
        let isStream = reader.value("mode", as: .name(among: ["poll", "stream"]), default: "poll") == "stream"
        let every = reader.value(
            "every", as: .nanoseconds(in: 100_000_000...86_400_000_000_000), default: 10_000_000_000)
        let timeout = reader.optional("timeout", as: .nanoseconds(in: 100_000_000...3_600_000_000_000))
        let restart = reader.value("restart", as: .mapping { Restart(from: &$0) }, default: Restart())
        mode = isStream ? .stream(restart) : .poll(every: every, timeout: timeout ?? min(every, 30_000_000_000))
        for key in ["every", "timeout"] where isStream && reader.contains(key) {
            reader.report("is only for 'mode: poll'; remove it", key: key)
        }
        if !isStream, reader.contains("restart") {
            reader.report("is only for 'mode: stream'; what is polled runs again at the next tick", key: "restart")
        }
        records = RecordSettings(from: &reader)
        isOutputOneRecord =
            reader.value("records", as: .name(among: ["lines", "output"]), default: "lines") == "output"
        if isOutputOneRecord, isStream {
            reader.report("a program that never ends has no whole output; write 'lines'", key: "records")
        }
        let name = ValueFormat<String>.string.check("must be a name without '='") { !$0.isEmpty && !$0.contains("=") }
        let value = ValueFormat<String>.word("text").check("must be without NUL") { !$0.utf8.contains(0) }
        variables = reader.value("environment", as: .entries(keys: name, of: value), default: []).map {
            ($0.key, $0.value)
        }
        directory = reader.optional("directory", as: .absolutePath)
    }
}

extension ExecSettings.Restart: ConfigurationDecodable {
    package init(from reader: inout MappingReader) {
        when = reader.value("when", as: .enumeration, default: .always)
        first = reader.value("first", as: .nanoseconds(in: 100_000_000...3_600_000_000_000), default: 1_000_000_000)
        longest = reader.value(
            "longest", as: .nanoseconds(in: 100_000_000...86_400_000_000_000), default: 60_000_000_000)
        if longest < first { reader.report("must not be shorter than 'first'", key: "longest") }
    }
}
