import Aggregation
import ArgumentParser
import Collector
import Configuration
import JSON
import Reports
import Scenarios
import Storage
import Telemetry

#if canImport(Glibc)
import Glibc
#else
import Musl
#endif

struct PlanCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "plan", abstract: "Says how many runs and hours each criterion of a scenario needs.",
        discussion: """
            Before the first run, and again after some: then the spread of values, the length of runs and what is still missing \
            are taken from the collector's store.
            """)

    @OptionGroup var options: ConfigOption

    @Argument(help: "A scenario of the collector, or a definition's file (a path that ends in .yaml or .yml).")
    var scenario: String

    @Option(name: .long, help: "How likely a subject that is as good as assumed shall pass each criterion: 0.8 or 80%.")
    var power: Share = Share(0.8)

    @Option(name: .long, help: "How long a run takes, such as 90s; else as the runs so far, or at most the timeout.")
    var runTime: RunLength?

    @Option(
        name: .long, help: "What is true of a criterion, in its unit: success-rate=0.98. May be given several times.")
    var assume: [Assumption] = []

    @Option(name: .long, help: "en or zh.")
    var language = ReportLanguage.english

    @Flag(name: .long, help: "JSON, for programs.")
    var json = false

    func run() throws {
        do {
            let (definition, summary) = try subject()
            var assumptions = ScenarioPlan.Assumptions()
            assumptions.power = power.value
            assumptions.runTime = runTime?.seconds
            for assumption in assume {
                guard definition.criteria.contains(where: { $0.id == assumption.criterion }) else {
                    let known = definition.criteria.map(\.id).joined(separator: ", ")
                    throw ValidationError(
                        "'\(definition.id)' has no criterion '\(assumption.criterion)'; use one of \(known)")
                }
                assumptions.truths[assumption.criterion] = assumption.value
            }
            let plan = try ScenarioPlan(definition, assumptions, summary: summary)
            print(
                json ? String(decoding: plan.json.pretty(), as: UTF8.self) : PlanText(plan, language: language).text,
                terminator: "")
        } catch let error as ValidationError {
            throw error
        } catch {
            throw failure(error)
        }
    }

    /// The definition, and what its runs say so far; nil without a store, or while runs are still to be folded.
    private func subject() throws -> (ScenarioDefinition, Summary?) {
        if scenario.hasSuffix(".yaml") || scenario.hasSuffix(".yml") {
            return (try ScenarioDefinition(ConfigurationFile.load(scenario)), nil)
        }
        guard let id = Identifier(scenario) else {
            throw ValidationError("'\(scenario)' is no scenario's id and no file")
        }
        let settings = try options.load()
        let entry = try ScenarioLibrary.load(settings.scenarios).entry(id, in: settings.scenarios)
        guard access(settings.store, F_OK) == 0 else { return (entry.definition, nil) }
        do {
            let summary = try StoredEvidence(settings).summary(of: entry, .init())
            return (entry.definition, summary.runs.total != 0 ? summary : nil)
        } catch let error as CollectorError where error.code == .notReady {
            complain("planning without the runs so far: \(error.message)")
            return (entry.definition, nil)
        }
    }
}

/// `0.8` or `80%`, between 0 and 1.
struct Share: ExpressibleByArgument {
    let value: Double

    init(_ value: Double) { self.value = value }

    init?(argument: String) {
        let isPercent = argument.hasSuffix("%")
        guard let number = Double(isPercent ? String(argument.dropLast()) : argument) else { return nil }
        value = isPercent ? number / 100 : number
        guard value > 0, value < 1 else { return nil }
    }
}

/// `90s`, `12m`, `1h`, above 0.
struct RunLength: ExpressibleByArgument {
    let seconds: Double

    init?(argument: String) {
        guard let nanoseconds = DurationText.nanoseconds(argument), nanoseconds > 0 else { return nil }
        seconds = Double(nanoseconds) / 1e9
    }
}

/// `success-rate=0.98`.
struct Assumption: ExpressibleByArgument {
    let criterion: String
    let value: Double

    init?(argument: String) {
        let parts = argument.split(separator: "=", maxSplits: 1)
        guard parts.count == 2 else { return nil }
        let isPercent = parts[1].hasSuffix("%")
        guard let number = Double(isPercent ? parts[1].dropLast() : parts[1]), number.isFinite else { return nil }
        criterion = String(parts[0])
        value = isPercent ? number / 100 : number
    }
}
