import Agent
import Arguments
import Inputs
import Logging
import Platform
import Telemetry

extension FieldproofAgent {
    private static let input: Parameter<String?> = .option("input", "Only the input of this name.")
    private static let count: Parameter<Int> = .option("count", "How many samples and events to show.", default: 50)
    private static let seconds: Parameter<Int> = .option("seconds", "How long to wait for them, seconds.", default: 10)
    private static let format: Parameter<FindingForm> = .option(
        "format", "table, senml or line.", default: FindingForm.table)

    static let sampleCommand = Command(
        "sample", "Shows what inputs give, without storing or sending it.",
        [configOption.form, input.form, count.form, seconds.form, format.form]
    ) { values in
        let (count, seconds, format) = (values[count], values[seconds], values[format])
        guard count > 0, (1...3600).contains(seconds) else {
            throw UsageError("--count must be 1 or more, --seconds from 1 to 3600")
        }
        // An input 'mqtt' may have a key and a password.
        keepMemoryPrivate()
        let settings = try values.settings()
        let clock = SystemClock()
        let redaction = try Redaction(settings.pipeline)
        let granted = try ConsentFile(settings).read()
        let look = try InputLook(
            settings, only: values[input], redaction: redaction,
            consent: Consent(settings.pipeline, redaction: redaction), granted: granted,
            // Why a source gives nothing: standard output is for what it gives.
            logger: Logger(label: "fieldproof-agent") { _ in LineLogHandler() }
        ) { clock.now }
        guard !look.isEmpty else {
            complain(
                "there is no input '\(values[input] ?? "")'; "
                    + "use one of \(settings.inputs.map(\.name).joined(separator: ", "))")
            throw ExitStatus.usage
        }
        var shown = 0
        let identity = settings.identity
        try look.run(for: seconds) { finding in
            if case .trouble(let message) = finding, format != .table { complain(message) }
            if let text = finding.text(format, site: identity.site, agent: identity.agent) {
                print(text)
                if case .trouble = finding { return true }
                shown += 1
            }
            return shown < count
        }
        if shown == 0 {
            complain("nothing came within \(seconds) s")
            throw ExitStatus.unavailable
        }
    }
}
