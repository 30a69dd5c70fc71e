import Frames
import Synchronization
package import Telemetry

/// What the intake knows of consent, beside the samples it guards.
struct IntakeConsent: Sendable {
    /// What a series needs before anything of it is kept.
    struct Gate: Sendable {
        /// The rule, and the slot of who must have consented; nil for a series that does not say whom it is about.
        var demands: [(rule: Int, slot: Int?)] = []
    }

    var standings = ConsentStandings()
    var tallies: [ConsentTally]
    /// What these counted before they were put on record last, rule by rule.
    var recorded: [UInt64]
    /// By id of frames.
    var gates: [SeriesID: Gate] = [:]
    /// Grants that are not on disk yet, and so have no effect.
    var waitingGrants: [Event] = []
    /// Who withdrew since the grants were last fetched.
    var withdrawnSince: Set<String> = []
    /// A withdrawal is not on disk yet.
    var isUnsaved = false
    /// Withdrawals since the start.
    var withdrawals = 0
    /// Before it, this start knows of nothing.
    var begun = Timestamp(nanoseconds: .min)

    init(rules: Int) {
        tallies = Array(repeating: ConsentTally(), count: rules)
        recorded = Array(repeating: 0, count: rules)
    }

    /// How much was held back since the start, rule by rule.
    var withheld: [UInt64] { zip(recorded, tallies).map { $0 + $1.count } }

    /// The rule that holds something back that was taken at `time`; nil when it may be kept.
    func obstacle(_ gate: Gate, at time: Timestamp) -> Int? {
        for (rule, slot) in gate.demands {
            guard let slot, standings.allows(slot, at: time) else { return rule }
        }
        return nil
    }

    /// Whether something that was kept when it was taken in may still be: nobody has withdrawn from before `time` since.
    func stillHolds(_ gate: Gate, at time: Timestamp) -> Bool {
        gate.demands.allSatisfy { $0.slot.map { standings.hadConsent($0, at: time) } ?? false }
    }

    mutating func gate(_ demands: [(rule: Int, subject: String?)]) -> Gate {
        Gate(demands: demands.map { ($0.rule, $0.subject.map { standings.slot(of: $0) }) })
    }
}

extension SampleIntake {
    /// Consent that stands from an earlier start. Call it before any input runs.
    package func adopt(_ granted: [(subject: String, since: Timestamp)]) {
        let now = now()
        state.withLock { state in
            for (subject, since) in granted { state.consent.standings.grant(subject, from: since) }
            state.consent.standings.clockStepped(to: now)
        }
    }

    /// Puts the rules and whose consent stands on record, for the start that is `epoch`. Nil without rules, else how many.
    func beginConsent(epoch: UInt64) -> Int? {
        let now = now()
        return state.withLock { state in
            state.consent.begun = now
            let granted = state.consent.standings.granted.map(\.subject)
            guard let record = consent.record(epoch: epoch, granted: granted) else { return nil }
            state.events.append(record.event(at: now))
            state.accepted += 1
            return record.rules.count
        }
    }

    /// Takes consent that is withdrawn into effect at once; one that is granted waits for ``grant(_:)``.
    func offerConsent(_ event: Event) -> Rejection? {
        guard let change = ConsentChange(event) else {
            return reject("a change of consent needs subject=…, \(ConsentGiver.subjectRule)")
        }
        let now = now()
        let refusal: String? = state.withLock { state in
            guard event.fitsFrame else { return "too many attributes, or too long ones" }
            let isFull = state.events.count >= Self.waitingEvents
            if change.isGrant {
                guard !isFull, state.consent.waitingGrants.count < ConsentRecord.mostGranted else {
                    return "more events than the disk can take"
                }
                state.consent.waitingGrants.append(event)
                return nil
            }
            let wasGranted = state.consent.standings.isGranted(change.subject)
            let time = min(max(change.time, state.consent.begun), now)
            state.consent.waitingGrants.removeAll { $0.text("subject") == change.subject }
            state.consent.withdrawnSince.insert(change.subject)
            state.consent.standings.withdraw(change.subject, from: time)
            state.consent.isUnsaved = true
            state.consent.withdrawals += 1
            state.dropWithdrawn(consent)
            guard wasGranted || !isFull else { return "more events than the disk can take" }
            return state.record(event, at: time, redaction)
        }
        guard let refusal else {
            wake()
            return nil
        }
        return reject(refusal)
    }

    private func reject(_ reason: String) -> Rejection {
        reject(1, from: "consent", reason: reason)
        return Rejection(input: "consent", reason: reason)
    }

    /// Grants that wait to be put on disk.
    func takeGrants() -> [Event] {
        state.withLock { state in
            state.consent.withdrawnSince.removeAll()
            defer { state.consent.waitingGrants.removeAll() }
            return state.consent.waitingGrants
        }
    }

    var hasConsentNews: Bool { state.withLock { !$0.consent.waitingGrants.isEmpty || $0.consent.isUnsaved } }

    /// Whose consent would stand with these grants; nil when that is more than there is room for.
    func standing(with grants: [Event] = []) -> [(subject: String, since: Timestamp)]? {
        let now = now()
        return state.withLock { state in
            var standings = state.consent.standings
            for change in grants.compactMap(ConsentChange.init) {
                standings.grant(change.subject, from: max(change.time, now))
            }
            let granted = standings.granted
            return granted.count <= ConsentRecord.mostGranted ? granted : nil
        }
    }

    /// Grants that are on disk take effect, from now on or later, unless they were withdrawn meanwhile.
    func grant(_ events: [Event]) {
        let now = now()
        state.withLock { state in
            for event in events {
                guard let change = ConsentChange(event), !state.consent.withdrawnSince.contains(change.subject) else {
                    continue
                }
                let time = max(change.time, now)
                state.consent.standings.grant(change.subject, from: time)
                _ = state.record(event, at: time, redaction)
            }
        }
        wake()
    }

    /// Whose consent stands, where a withdrawal is not on disk yet; nil where all is.
    func takeUnsaved() -> [(subject: String, since: Timestamp)]? {
        state.withLock { state in
            guard state.consent.isUnsaved else { return nil }
            state.consent.isUnsaved = false
            return state.consent.standings.granted
        }
    }

    /// Records of what was held back since the last time.
    func takeSuppressed() -> [Event] {
        let now = now()
        return state.withLock { state in
            let events = state.consent.tallies.enumerated().compactMap { rule, tally in
                tally.event(of: rule, consent.rules[rule].pattern, at: now)
            }
            state.consent.recorded = state.consent.withheld
            for rule in state.consent.tallies.indices { state.consent.tallies[rule] = ConsentTally() }
            return events
        }
    }

    /// Series that frames know and of which nothing may be kept now.
    var heldBack: [SeriesID] {
        state.withLock { state in
            state.consent.gates.filter { _, gate in
                !gate.demands.allSatisfy { $0.slot.map { state.consent.standings.isGranted(slot: $0) } ?? false }
            }.map(\.key)
        }
    }

    var withdrawals: Int { state.withLock { $0.consent.withdrawals } }

    func clockStepped(to time: Timestamp) { state.withLock { $0.consent.standings.clockStepped(to: time) } }

    /// Takes out of a harvest what must not be stored, for a withdrawal came after it was fetched.
    func review(_ harvest: inout Harvest) {
        state.withLock { state in
            for index in harvest.batches.indices {
                if let left = state.withoutWithdrawn(harvest.batches[index].batch) {
                    harvest.batches[index].batch = left
                }
            }
            harvest.batches.removeAll { $0.batch.isEmpty }
            harvest.events.removeAll { state.mustDrop($0, consent) }
            harvest.earlierEvents.removeAll { state.mustDrop($0.event, consent) }
        }
    }
}

extension SampleIntake.State {
    /// Whether an event may be kept; it is counted where it may not.
    mutating func isHeldBack(_ event: Event, _ rules: Consent) -> Bool {
        let demands = rules.demands(of: event)
        guard !demands.isEmpty else { return false }
        let gate = consent.gate(demands)
        guard let rule = consent.obstacle(gate, at: event.timestamp) else { return false }
        consent.tallies[rule].add(event.timestamp)
        return true
    }

    /// Whether a sample may be kept; it is counted where it may not.
    mutating func isHeldBack(_ sample: Sample, by gate: IntakeConsent.Gate) -> Bool {
        guard let rule = consent.obstacle(gate, at: sample.timestamp) else { return false }
        consent.tallies[rule].add(sample.timestamp)
        return true
    }

    /// Stores a change of consent with the time from which it holds.
    fileprivate mutating func record(_ event: Event, at time: Timestamp, _ redaction: Redaction) -> String? {
        let timed = Event(event.name, at: time, attributes: event.attributes)
        guard let left = redaction.redacted(timed, &tally) else { return "a rule of the pipeline drops such events" }
        events.append(left)
        accepted += 1
        return nil
    }

    /// Takes out of all that waits here what a withdrawal reaches.
    fileprivate mutating func dropWithdrawn(_ rules: Consent) {
        guard !rules.isEmpty else { return }
        dropHeld()
        for slot in open.indices {
            if let left = withoutWithdrawn(open[slot]) { open[slot] = left }
        }
        for index in full.indices {
            if let left = withoutWithdrawn(full[index].batch) { full[index].batch = left }
        }
        full.removeAll { $0.batch.isEmpty }
        events = events.filter { !mustDrop($0, rules) }
    }

    /// What is left of a batch; nil when that is all of it. The rest is counted as held back.
    fileprivate mutating func withoutWithdrawn(_ batch: SampleBatch) -> SampleBatch? {
        var left = SampleBatch()
        var dropped: [(rule: Int, time: Timestamp)] = []
        batch.forEach { sample in
            if let gate = consent.gates[sample.series], !consent.stillHolds(gate, at: sample.timestamp) {
                dropped.append((gate.demands.first?.rule ?? 0, sample.timestamp))
                return
            }
            do throws(FrameError) {
                try left.append(sample)
            } catch {
                preconditionFailure("a part of a batch is larger than the batch: \(error)")
            }
        }
        guard !dropped.isEmpty else { return nil }
        for (rule, time) in dropped { consent.tallies[rule].add(time) }
        accepted -= UInt64(dropped.count)
        return left
    }

    /// Whether a withdrawal reaches an event that was taken in; it is counted as held back then.
    fileprivate mutating func mustDrop(_ event: Event, _ rules: Consent) -> Bool {
        let demands = rules.demands(of: event)
        guard !demands.isEmpty else { return false }
        let gate = consent.gate(demands)
        guard !consent.stillHolds(gate, at: event.timestamp) else { return false }
        consent.tallies[demands[0].rule].add(event.timestamp)
        accepted -= 1
        return true
    }
}
