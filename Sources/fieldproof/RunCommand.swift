import ArgumentParser
import Collector
import Platform
import Scenarios
import Storage
import Telemetry

struct RunCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run", abstract: "Starts, stops and lists runs.", subcommands: [Start.self, Stop.self, List.self])

    struct Start: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Marks the start of a run, at every agent of the site and at the collector.")

        @OptionGroup var options: ConfigOption

        @Argument(help: "The scenario.")
        var scenario: Identifier

        @Option(name: .long, help: "The site.")
        var site: Identifier

        @Option(name: .long, help: "The run's id; the default is made of the time.")
        var id: Identifier?

        @Option(name: .long, help: "The system under test.")
        var subject: String?

        func run() throws {
            keepMemoryPrivate()
            do {
                let settings = try options.load()
                _ = try ScenarioLibrary.load(settings.scenarios).entry(scenario, in: settings.scenarios)
                let now = SystemClock().now
                let run = id ?? Identifier("r\(now.nanoseconds / 1_000_000_000)") ?? scenario
                try RunMarkerPublisher(settings).publish(
                    RunEvent(.start, scenario: scenario, run: run, at: now, subject: subject), at: site)
                print(run)
            } catch {
                throw failure(error)
            }
        }
    }

    struct Stop: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Marks the stop of a run, with its outcome.")

        @OptionGroup var options: ConfigOption

        @Option(name: .long, help: "The scenario; needed when runs of two scenarios have the same id.")
        var scenario: Identifier?

        @Option(name: .long, help: "The site; the default is the run's.")
        var site: Identifier?

        @Option(name: .long, help: "The run's id.")
        var id: Identifier

        @Option(name: .long, help: "How it ended, in the words of the scenario's outcomes.")
        var outcome: String

        @Option(name: .long, help: "Why it failed.")
        var failureMode: String?

        @Flag(name: .long, help: "A person had to step in.")
        var intervention = false

        func run() throws {
            keepMemoryPrivate()
            do {
                let settings = try options.load()
                let library = try ScenarioLibrary.load(settings.scenarios)
                let (entry, run) = try openRun(settings, library)
                let outcomes = entry.definition.runs.outcomes
                guard outcomes.contains(outcome) else {
                    complain(
                        "'\(outcome)' is no outcome of \(entry.definition.id); use one of \(outcomes.joined(separator: ", "))"
                    )
                    throw ExitStatus.usage
                }
                let marker = RunEvent(
                    .stop, scenario: entry.definition.id, run: id, at: SystemClock().now, outcome: outcome,
                    failureMode: failureMode, intervention: intervention)
                try RunMarkerPublisher(settings).publish(marker, at: run.site)
            } catch {
                throw failure(error)
            }
        }

        /// The run of this id that is open; the operator need not repeat what its start said.
        private func openRun(
            _ settings: CollectorSettings, _ library: ScenarioLibrary
        ) throws -> (ScenarioLibrary.Entry, (site: Identifier, id: Identifier)) {
            if let scenario, let site { return (try library.entry(scenario, in: settings.scenarios), (site, id)) }
            let store = try SQLiteStore(path: settings.store, mustExist: true)
            let ledgers = try store.load()
            for entry in library.entries where scenario == nil || entry.definition.id == scenario {
                let runs = try EvidenceRoom.runs(of: entry.definition, in: store, ledgers)
                if let run = runs.last(where: { $0.id == id && (site == nil || $0.site == site) && $0.stop == nil }) {
                    return (entry, (run.site, run.id))
                }
            }
            throw CollectorError(
                .notReady,
                "no open run '\(id)' has reached the collector; see 'fieldproof run list', or give --scenario and --site"
            )
        }
    }

    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Lists runs as the collector has them.")

        @OptionGroup var options: ConfigOption

        @Argument(help: "Only this scenario.")
        var scenario: Identifier?

        @Flag(name: .long, help: "Print JSON, one run a line.")
        var json = false

        func run() throws {
            do {
                let settings = try options.load()
                let library = try ScenarioLibrary.load(settings.scenarios)
                let store = try SQLiteStore(path: settings.store, mustExist: true)
                let ledgers = try store.load()
                var listing = RunListing(asJSON: json)
                for entry in library.entries where scenario == nil || entry.definition.id == scenario {
                    for run in try EvidenceRoom.runs(of: entry.definition, in: store, ledgers) {
                        listing.add(run, of: entry.definition.id)
                    }
                }
                listing.end()
            } catch {
                throw failure(error)
            }
        }
    }
}
