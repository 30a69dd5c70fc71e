import Frames
package import Inputs
package import Logging
import Pipeline
import Platform
import Synchronization
package import Telemetry

/// One look at what inputs give, without spool or network: for the person who wires sensors.
package struct InputLook: Sendable {
    /// One sample with what it is a sample of, or an event.
    package enum Finding: Sendable {
        case sample(Sample, Series)
        case event(Event)
        /// An input dropped something, or failed.
        case trouble(String)
    }

    private let inputs: [(name: String, input: any RunnableInput)]
    private let intake: LookIntake

    /// `redaction`, `consent`: what the box would do to what inputs give, before anybody sees it. `granted`: whose consent stands.
    /// `logger`: gets what inputs say of themselves, as in the daemon.
    ///
    /// - Throws: `InputError` when an input cannot be made from its settings.
    package init(
        _ settings: AgentSettings, only name: String?, redaction: Redaction, consent: Consent = .none,
        granted: [(subject: String, since: Timestamp)] = [], logger: Logger,
        now: @escaping @Sendable () -> Timestamp
    ) throws(InputError) {
        var inputs: [(String, any RunnableInput)] = []
        for definition in settings.inputs where name == nil || definition.name == name {
            var logger = logger
            logger[metadataKey: "input"] = "\(definition.name)"
            let environment = InputEnvironment(
                name: definition.name, device: settings.identity.agent.text, now: now, logger: logger)
            inputs.append((definition.name, try definition.make(environment)))
        }
        self.inputs = inputs
        intake = LookIntake(
            shaping: Shaping(settings.shaping), redaction: redaction, consent: consent, granted: granted)
    }

    package var isEmpty: Bool { inputs.isEmpty }

    /// Calls `show` for each finding until it returns false or `limit` has passed, then stops the inputs.
    ///
    /// An input that has not ended two seconds after that, since its device does not answer, is left to the end of the process.
    ///
    /// - Parameters:
    ///   - limit: seconds.
    ///   - show: gets one finding after another, on the calling thread.
    /// - Throws: `InputError` when the system has no descriptor to stop them with.
    package func run(for limit: Int, show: (Finding) -> Bool) throws(InputError) {
        guard let stop = Waker() else {
            throw InputError(
                .system, input: inputs.first?.name ?? "", "cannot make a pair of sockets; raise the limit on open files"
            )
        }
        let clock = SystemClock()
        let deadline = clock.monotonic + Int64(limit) * 1_000_000_000
        let findings = Mailbox<Finding>(capacity: 100_000)
        let sink = LookSink(findings, intake)
        let ends = Mailbox<String>(capacity: inputs.count)
        var running = 0
        for (name, input) in inputs {
            do throws(ThreadError) {
                _ = try OwnThread(name) {
                    do throws(InputError) {
                        try input.run(into: sink, until: stop)
                    } catch {
                        _ = findings.post(.trouble("\(name): \(error)"))
                    }
                    ends.insist(name)
                }
                running += 1
            } catch {
                _ = findings.post(.trouble("\(name): \(error)"))
            }
        }
        var found: [Finding] = []
        showing: while clock.monotonic < deadline {
            findings.take(into: &found, until: deadline)
            for finding in found where !show(finding) { break showing }
            found.removeAll(keepingCapacity: true)
        }
        stop.wake()
        let patience = clock.monotonic + 2_000_000_000
        var ended: [String] = []
        while ended.count < running, clock.monotonic < patience { ends.take(into: &ended, until: patience) }
    }
}

/// What becomes of what inputs give.
private struct LookIntake {
    let shaping: Shaping
    let redaction: Redaction
    let consent: Consent
    let granted: [(subject: String, since: Timestamp)]
}

/// Passes on what is left of what inputs give, with the series beside each sample.
private final class LookSink: SampleSink, Sendable {
    private struct State {
        var identifiers: [Series: SeriesID] = [:]
        var treatments: [(ways: [(branch: Branch, redaction: SeriesTreatment)], gate: IntakeConsent.Gate)] = []
        var shaped = ShapingTally()
        var buffer: [Sample] = []
        var spare: [Sample] = []
        var tally: RedactionTally
        var consent: IntakeConsent
        /// Rules of consent of which it was told that they hold something back.
        var told: Set<Int> = []
    }

    private let state: Mutex<State>
    private let shaping: Shaping
    private let redaction: Redaction
    private let consent: Consent
    private let findings: Mailbox<InputLook.Finding>

    init(_ findings: Mailbox<InputLook.Finding>, _ intake: LookIntake) {
        self.findings = findings
        shaping = intake.shaping
        redaction = intake.redaction
        consent = intake.consent
        var known = IntakeConsent(rules: intake.consent.rules.count)
        for (subject, since) in intake.granted { known.standings.grant(subject, from: since) }
        state = Mutex(State(tally: RedactionTally(rules: intake.redaction.rules.count), consent: known))
    }

    func register(_ series: Series) -> SeriesID? {
        state.withLock { state in
            if let known = state.identifiers[series] { return known }
            let id = SeriesID(rawValue: UInt32(state.treatments.count))
            state.identifiers[series] = id
            let (branches, complaints) = shaping.branches(of: series)
            for complaint in complaints { _ = findings.post(.trouble("pipeline: \(complaint)")) }
            let ways = branches.map { branch in
                (branch: branch, redaction: redaction.treatment(of: branch.series, names: branch.names))
            }
            state.treatments.append((ways, state.consent.gate(consent.demands(of: series, branches))))
            return id
        }
    }

    func accept(_ samples: [Sample], priority: PriorityClass) {
        state.withLock { state in
            for sample in samples {
                let index = Int(sample.series.rawValue)
                guard !isHeldBack(state.treatments[index].gate, at: sample.timestamp, &state) else { continue }
                for way in state.treatments[index].ways.indices {
                    state.treatments[index].ways[way].branch.push(
                        sample, class: priority, &state.buffer, &state.spare, &state.shaped)
                    show(state.treatments[index].ways[way].redaction, &state)
                }
            }
        }
    }

    /// Shows what has come out of a way of a series.
    private func show(_ treatment: SeriesTreatment, _ state: inout State) {
        for sample in state.buffer {
            let (value, complaint) = treatment.apply(to: sample.value, &state.tally)
            if let complaint { _ = findings.post(.trouble("pipeline: \(complaint)")) }
            guard let value, let series = treatment.series else { continue }
            var left = sample
            left.value = value
            _ = findings.post(.sample(left, series))
        }
    }

    func accept(_ event: Event) {
        let left = state.withLock { state -> Event? in
            let gate = state.consent.gate(consent.demands(of: event))
            guard !isHeldBack(gate, at: event.timestamp, &state) else { return nil }
            return redaction.redacted(event, &state.tally)
        }
        if let left { _ = findings.post(.event(left)) }
    }

    /// Tells once of each rule that it holds something back.
    private func isHeldBack(_ gate: IntakeConsent.Gate, at time: Timestamp, _ state: inout State) -> Bool {
        guard let rule = state.consent.obstacle(gate, at: time) else { return false }
        if state.told.insert(rule).inserted {
            _ = findings.post(.trouble("pipeline: '\(consent.rules[rule].pattern)' is held back without consent"))
        }
        return true
    }

    func reject(_ count: Int, from input: String, reason: String) {
        _ = findings.post(.trouble("\(input): \(count) × \(reason)"))
    }
}
