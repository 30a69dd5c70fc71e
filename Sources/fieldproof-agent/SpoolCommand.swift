import Agent
import Arguments
import JSON
import Telemetry

extension FieldproofAgent {
    static let spoolCommand = Command("spool", "Looks at what waits on disk.", [spoolStatus, spoolVerify, spoolDump])

    private static let spoolStatus = Command(
        "status", "Says what is pending and how old it is, of a running agent or of a stopped one.",
        [configOption.form, jsonFlag.form]
    ) { values in
        let settings = try values.settings()
        let status: JSONValue
        do throws(AgentError) {
            status = try ControlClient(path: settings.controlSocket).status()
        } catch {
            guard error.code == .unavailable else { throw error }
            status = try SpoolInspection(settings.spool).json
        }
        print(values[jsonFlag] ? String(decoding: status.pretty(), as: UTF8.self) : SpoolTable(status).text)
    }

    private static let spoolVerify = Command(
        "verify", "Reads everything on disk and checks every checksum, number and link; changes nothing.",
        discussion:
            "Exit status 0 when all is well, 65 when something is damaged. Beside a running agent the newest "
            + "records may be missing from the count.",
        [configOption.form, jsonFlag.form]
    ) { values in
        let look = try SpoolInspection(try values.settings().spool)
        if values[jsonFlag] {
            print(String(decoding: try look.json.pretty(), as: UTF8.self))
        } else {
            print(SpoolTable(try look.json).text)
            for fault in look.faults { print("FAULT  \(fault)") }
            print(look.isSound ? "every checksum, number and link is good" : "the spool is damaged")
        }
        if !look.isSound { throw ExitStatus.badData }
    }

    private static let priority: Parameter<String?> = .option("class", "Only event, metric or bulk.")
    private static let output: Parameter<String?> = .option(
        "output", "A file, which must not exist yet, instead of standard output."
    ).file

    private static let spoolDump = Command(
        "dump", "Writes the frames that wait, one after another, as 'fieldproof decode' reads them; changes nothing.",
        [configOption.form, priority.form, output.form]
    ) { values in
        let priority = values[priority]
        if let priority, PriorityClass.allCases.allSatisfy({ $0.name != priority }) {
            throw UsageError("--class must be event, metric or bulk")
        }
        let settings = try values.settings()
        let sink = try FrameSink(path: values[output])
        var count = 0
        _ = try SpoolInspection(settings.spool) { found, frame in
            guard priority == nil || found.name == priority else { return }
            count += 1
            sink.write(frame)
        }
        try sink.finish()
        complain(count == 1 ? "1 frame" : "\(count) frames")
    }
}
