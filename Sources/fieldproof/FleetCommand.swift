import ArgumentParser
import Collector
import Delivery
import JSON
import Platform
import Storage
import Telemetry

struct FleetCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "fleet",
        abstract: "Shows every agent that the collector knows, and asks one for something from afar.",
        discussion: """
            'fleet' alone lists agents, from the collector's store, while the collector runs or not. The other commands go to the agent \
            by the broker, under the collector's name there; the agent puts each on record before it carries it out.
            """,
        subcommands: [List.self, Resend.self, Drain.self, Diagnose.self, Log.self], defaultSubcommand: List.self)

    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Lists agents: whether they are there, what waits in their spools, what is lost or missing.",
            discussion: """
                An agent is 'silent' when the broker calls it online and it has said nothing for three minutes, and 'gone' when nothing was \
                heard of it for 30 days. What waits in a spool is what the agent said last.
                """)

        @OptionGroup var options: ConfigOption

        @Option(name: .long, help: "Only this site.")
        var site: Identifier?

        @Flag(name: .long, help: "Print JSON.")
        var json = false

        @Flag(
            name: .long,
            help:
                "Exit 1 if any agent is not online, has lost something, lacks something, or has a certificate that expires soon."
        )
        var strict = false

        @Option(name: .long, help: "How many days 'soon' is for a certificate.")
        var expiryDays = 14

        func validate() throws {
            guard (0...3650).contains(expiryDays) else { throw ValidationError("--expiry-days must be 0 to 3650") }
        }

        func run() throws {
            do {
                let settings = try options.load()
                let store = try SQLiteStore(path: settings.store, mustExist: true)
                let view = try FleetView(store, site: site, at: SystemClock().now)
                if json {
                    print(String(decoding: FleetDocument.json(view), as: UTF8.self), terminator: "")
                } else {
                    print(FleetTable(view).text, terminator: "")
                }
                let soon = Int64(expiryDays) * 86_400_000_000_000
                let isTroubled =
                    !view.isCurrent || view.rows.contains { $0.isTroubled(at: view.time, expiringWithin: soon) }
                if strict, isTroubled { throw ExitStatus.negative }
            } catch {
                throw failure(error)
            }
        }
    }

    struct Drain: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract:
                "Has an agent store what is open and send all that waits, and returns when everything was acknowledged.",
            discussion: """
                For a box that is moved or repaired. Inputs go on meanwhile: what they give after the request is no part of it. With --stop \
                the agent ends then, as 'systemctl stop' ends it, and stays ended unless its service starts it again (Restart=always does); \
                nobody can start it from afar.
                """)

        @OptionGroup var target: FleetTarget

        @Flag(name: .long, help: "End the agent when its spool is empty.")
        var stop = false

        func run() throws {
            do {
                let answer = try target.ask(.drain(stop: stop))
                let text = stop ? "everything is delivered, and the agent has ended" : answer.text ?? "done"
                print("\(text) (\(answer.of ?? 0) frames waited)")
            } catch {
                throw failure(error)
            }
        }
    }

    struct Diagnose: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Asks an agent how it is: inputs, spool, clock, connection, resources, its last warnings.",
            discussion: "Of the configuration it tells names and a digest, and never a secret.")

        @OptionGroup var target: FleetTarget

        @Flag(name: .long, help: "Print JSON.")
        var json = false

        func run() throws {
            do {
                let report = try target.ask(.diagnose).report ?? .object([:])
                if json {
                    print(String(decoding: report.pretty(), as: UTF8.self), terminator: "")
                } else {
                    print(DiagnosisText(report).text, terminator: "")
                }
            } catch {
                throw failure(error)
            }
        }
    }

    struct Log: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Lists what agents were asked from afar, as they put it on record.",
            discussion:
                "'by' is what whoever asked called themselves; nobody has checked it but the broker, by its ACL.")

        @OptionGroup var options: ConfigOption

        @Argument(help: "Only this agent.")
        var agent: Identifier?

        @Option(name: .long, help: "Only this site.")
        var site: Identifier?

        @Flag(name: .long, help: "Print JSON, one request a line.")
        var json = false

        func run() throws {
            do {
                let settings = try options.load()
                let store = try SQLiteStore(path: settings.store, mustExist: true)
                let log = try FleetLog(store, site: site, agent: agent)
                if json {
                    for entry in log.entries { print(String(decoding: FleetDocument.json(entry), as: UTF8.self)) }
                } else {
                    print(FleetTable.text(of: log), terminator: "")
                }
            } catch {
                throw failure(error)
            }
        }
    }
}

/// Whom a request goes to, and who asks.
struct FleetTarget: ParsableArguments {
    @OptionGroup var options: ConfigOption

    @Argument(help: "The agent.")
    var agent: Identifier

    @Option(name: .long, help: "Its site; needed where the collector knows the agent at none, or at several.")
    var site: Identifier?

    @Option(name: .long, help: "Who asks, for the record; by default the user and the machine.")
    var by: String?

    func ask(_ task: OperatorRequest.Task) throws -> Answer {
        let settings = try options.load()
        return try ask(task, of: try place(settings), settings)
    }

    func ask(
        _ task: OperatorRequest.Task, of place: AgentWatch.Agent, _ settings: CollectorSettings
    ) throws -> Answer {
        keepMemoryPrivate()
        let bar = ProgressBar()
        defer { bar.end() }
        return try FleetClient(settings).ask(task, of: place, by: by ?? Requester.name) { answer in
            guard let left = answer.left, let whole = answer.of, whole > 0 else { return }
            bar.show("\(answer.command)", Double(whole - min(left, whole)) / Double(whole), Int(clamping: left), "left")
        }
    }

    /// Where the agent is.
    func place(_ settings: CollectorSettings) throws -> AgentWatch.Agent {
        if let site { return AgentWatch.Agent(site: site, agent: agent) }
        let view = try FleetView(SQLiteStore(path: settings.store, mustExist: true), at: SystemClock().now)
        let sites = view.rows.filter { $0.agent.agent == agent }.map(\.agent.site)
        guard let only = sites.first, sites.count == 1 else {
            let known =
                sites.isEmpty
                ? "the collector knows no agent '\(agent)'"
                : "there is an agent '\(agent)' at \(sites.map(\.text).joined(separator: ", "))"
            complain("\(known); name its site by --site")
            throw ExitStatus.usage
        }
        return AgentWatch.Agent(site: only, agent: agent)
    }
}
