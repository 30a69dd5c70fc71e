import Agent
import ArgumentParser
import JSON
import Telemetry

extension FieldproofAgent {
    struct SpoolCommand: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "spool", abstract: "Looks at what waits on disk.",
            subcommands: [Status.self, Verify.self, Dump.self])

        struct Status: ParsableCommand {
            static let configuration = CommandConfiguration(
                abstract: "Says what is pending and how old it is, of a running agent or of a stopped one.")

            @OptionGroup var options: ConfigOption

            @Flag(name: .long, help: "Print JSON.")
            var json = false

            func run() throws {
                do {
                    let settings = try options.load()
                    let status: JSONValue
                    do throws(AgentError) {
                        status = try ControlClient(path: settings.controlSocket).status()
                    } catch {
                        guard error.code == .unavailable else { throw error }
                        status = try SpoolInspection(settings.spool).json
                    }
                    print(json ? String(decoding: status.pretty(), as: UTF8.self) : SpoolTable(status).text)
                } catch {
                    throw failure(error)
                }
            }
        }

        struct Verify: ParsableCommand {
            static let configuration = CommandConfiguration(
                abstract: "Reads everything on disk and checks every checksum, number and link; changes nothing.",
                discussion:
                    "Exit status 0 when all is well, 65 when something is damaged. Beside a running agent the newest "
                    + "records may be missing from the count.")

            @OptionGroup var options: ConfigOption

            @Flag(name: .long, help: "Print JSON.")
            var json = false

            func run() throws {
                do {
                    let look = try SpoolInspection(try options.load().spool)
                    print(
                        json ? String(decoding: try look.json.pretty(), as: UTF8.self) : SpoolTable(try look.json).text)
                    if !json {
                        for fault in look.faults { print("FAULT  \(fault)") }
                        print(look.isSound ? "every checksum, number and link is good" : "the spool is damaged")
                    }
                    if !look.isSound { throw ExitStatus.badData }
                } catch {
                    throw failure(error)
                }
            }
        }

        struct Dump: ParsableCommand {
            static let configuration = CommandConfiguration(
                abstract:
                    "Writes the frames that wait, one after another, as 'fieldproof decode' reads them; changes nothing."
            )

            @OptionGroup var options: ConfigOption

            @Option(name: .customLong("class"), help: "Only event, metric or bulk.")
            var priority: String?

            @Option(name: .long, help: "A file, which must not exist yet, instead of standard output.")
            var output: String?

            func validate() throws {
                guard let priority, PriorityClass.allCases.allSatisfy({ $0.name != priority }) else { return }
                throw ValidationError("--class must be event, metric or bulk")
            }

            func run() throws {
                do {
                    let settings = try options.load()
                    let sink = try FrameSink(path: output)
                    var count = 0
                    _ = try SpoolInspection(settings.spool) { found, frame in
                        guard priority == nil || found.name == priority else { return }
                        count += 1
                        sink.write(frame)
                    }
                    try sink.finish()
                    complain(count == 1 ? "1 frame" : "\(count) frames")
                } catch {
                    throw failure(error)
                }
            }
        }
    }
}
