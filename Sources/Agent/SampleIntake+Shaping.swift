import Frames
package import Pipeline
import Synchronization
import Telemetry

/// What the intake knows of shaping, beside the series it is done to.
struct IntakeShaping: Sendable {
    var rules: Shaping
    /// The rings of rules that capture, with the number of the rule that each belongs to.
    var rings: [(rule: Int, ring: CaptureRing)]
    var tally = ShapingTally()
    /// Series with samples that wait for those that follow.
    var holding: [Int] = []
    /// What no rule could do with a series, not yet told.
    var complaints: [String] = []
    /// Memory to work in.
    var buffer: [Sample] = []
    var spare: [Sample] = []

    init(_ rules: Shaping) {
        self.rules = rules
        rings = rules.captures.map { ($0.rule, CaptureRing($0.capture)) }
    }

    mutating func trigger(_ event: Event) {
        for index in rings.indices { _ = rings[index].ring.trigger(event) }
    }
}

extension SampleIntake {
    /// What becomes of one series.
    struct Treatment: Sendable {
        /// One of the ways that its samples take.
        struct Way: Sendable {
            var branch: Branch
            let redaction: SeriesTreatment
            /// What frames call what comes out. A series that needs consent has none before the first sample that may be kept: that it is
            /// there tells something already.
            var id: SeriesID?
            /// The ring that its samples wait in; nil for those that go on.
            let ring: Int?
        }

        /// Nil for a series that needs no consent.
        let gate: IntakeConsent.Gate?
        /// None where samples pass as they are, and where there would be too many series.
        var ways: [Way]
        /// The id under which samples pass as they are; nil where something is done to them.
        let plain: SeriesID?
        /// The class of the samples that came last: what waits for those that follow is of it.
        var kind = PriorityClass.metric

        init(gate: IntakeConsent.Gate?, ways: [Way], plain: SeriesID?) {
            self.gate = gate
            self.ways = ways
            self.plain = plain
        }
    }

    /// Takes other rules up. What waits for samples that follow is given now, and series begin anew under the new rules.
    package func reshape(_ rules: Shaping) {
        let now = now()
        state.withLock { state in
            guard rules.rules != state.shaping.rules.rules else { return }
            state.flushShaping(before: nil, limit: seriesLimit)
            state.saveCaptures(at: now, all: true)
            var shaping = IntakeShaping(rules)
            shaping.tally = state.shaping.tally
            shaping.complaints = state.shaping.complaints
            state.shaping = shaping
            for index in state.treatments.indices {
                let series = state.given.series[index]
                // Where the rules make too many series of it now, nothing of it goes on, and that is counted.
                state.treatments[index] =
                    state.treatment(of: series, redaction, consent, limit: seriesLimit, at: index)
                    ?? Treatment(gate: nil, ways: [], plain: nil)
            }
        }
        wake()
    }

    /// Gives what waits for samples that follow: none do.
    func endShaping() {
        let now = now()
        state.withLock { state in
            state.flushShaping(before: nil, limit: seriesLimit)
            state.saveCaptures(at: now, all: true)
        }
    }

    /// What rules could not do since the last time, for a person to read.
    func takeComplaints() -> [String] {
        state.withLock { state in
            defer { state.shaping.complaints.removeAll() }
            return state.shaping.complaints
        }
    }

    /// What the rules have let go on purpose, since the start.
    package var shaped: ShapingTally { state.withLock { $0.shaping.tally } }
}

extension SampleIntake.State {
    private typealias Treatment = SampleIntake.Treatment

    /// Works out what becomes of a series.
    ///
    /// - Parameters:
    ///   - series: as the input gave it.
    ///   - redaction: what hides.
    ///   - rules: what needs consent.
    ///   - limit: how many series a box may have.
    ///   - index: the number of the series, where it is not a new one.
    /// - Returns: nil when the box has too many.
    mutating func treatment(
        of series: Series, _ redaction: Redaction, _ rules: Consent, limit: Int, at index: Int? = nil
    ) -> SampleIntake.Treatment? {
        let (branches, complaints) = shaping.rules.branches(of: series)
        if shaping.complaints.count < 100 { shaping.complaints += complaints }
        let demands = rules.demands(of: series, branches)
        var ways: [Treatment.Way] = []
        for branch in branches {
            let left = redaction.treatment(of: branch.series, names: branch.names)
            var id: SeriesID?
            if demands.isEmpty, let series = left.series {
                guard let defined = define(series, limit: limit) else { return nil }
                id = defined
            }
            let ring = branch.capture.flatMap { rule in shaping.rings.firstIndex { $0.rule == rule } }
            ways.append(Treatment.Way(branch: branch, redaction: left, id: id, ring: ring))
        }
        let index = index ?? treatments.count
        if ways.contains(where: \.branch.holds) { shaping.holding.append(index) }
        var plain: SeriesID?
        if demands.isEmpty, ways.count == 1, ways[0].branch.isEmpty, ways[0].ring == nil,
            ways[0].redaction.steps.isEmpty
        {
            plain = ways[0].id
        }
        if plain != nil { ways = [] }
        let gate = demands.isEmpty ? nil : consent.gate(demands)
        return Treatment(gate: gate, ways: ways, plain: plain)
    }

    /// Takes a sample that an input gives.
    mutating func take(_ sample: Sample, _ kind: PriorityClass, limit: Int) {
        let index = Int(sample.series.rawValue)
        guard index < treatments.count else {
            rejected[.init(input: "pipeline", reason: "unknown series"), default: 0] += 1
            return
        }
        if let id = treatments[index].plain {
            var sample = sample
            sample.series = id
            return add(sample, kind)
        }
        if let gate = treatments[index].gate, isHeldBack(sample, by: gate) { return }
        treatments[index].kind = kind
        if treatments[index].ways.isEmpty { refuse(Self.tooManySeries) }
        for way in treatments[index].ways.indices {
            treatments[index].ways[way].branch.push(
                sample, class: kind, &shaping.buffer, &shaping.spare, &shaping.tally)
            give(index, way, kind, limit: limit)
        }
    }

    private static let tooManySeries = SampleIntake.Rejection(
        input: "pipeline", reason: "more series than a box may have")

    private mutating func refuse(_ rejection: SampleIntake.Rejection) { rejected[rejection, default: 0] += 1 }

    /// Passes on what has come out of a way of a series: to the ring of its rule, or to the open batch.
    private mutating func give(_ index: Int, _ way: Int, _ kind: PriorityClass, limit: Int) {
        for place in shaping.buffer.indices {
            guard let left = redacted(shaping.buffer[place], index, way, limit: limit) else { continue }
            if let ring = treatments[index].ways[way].ring {
                shaping.rings[ring].ring.append(left)
            } else {
                add(left, kind)
            }
        }
    }

    /// What is left of a sample, under the id that frames have for its series.
    private mutating func redacted(_ sample: Sample, _ index: Int, _ way: Int, limit: Int) -> Sample? {
        var sample = sample
        if !treatments[index].ways[way].redaction.steps.isEmpty {
            let (value, complaint) = treatments[index].ways[way].redaction.apply(to: sample.value, &tally)
            if let complaint { rejected[.init(input: "pipeline", reason: complaint), default: 0] += 1 }
            guard let value else { return nil }
            sample.value = value
        }
        guard let id = treatments[index].ways[way].id ?? defineGated(index, way, limit: limit) else { return nil }
        sample.series = id
        return sample
    }

    /// The first sample of a series that needs consent, and may be kept, makes the series known.
    private mutating func defineGated(_ index: Int, _ way: Int, limit: Int) -> SeriesID? {
        guard let gate = treatments[index].gate, let series = treatments[index].ways[way].redaction.series else {
            return nil
        }
        guard let id = define(series, limit: limit) else {
            refuse(Self.tooManySeries)
            return nil
        }
        treatments[index].ways[way].id = id
        consent.gates[id, default: .init()].demands += gate.demands
        return id
    }

    /// Gives what waits in down-sampling: what ended before `time`, or all.
    mutating func flushShaping(before time: Timestamp?, limit: Int) {
        for index in shaping.holding {
            for way in treatments[index].ways.indices where treatments[index].ways[way].branch.holds {
                treatments[index].ways[way].branch.flush(
                    before: time, &shaping.buffer, &shaping.spare, &shaping.tally)
                give(index, way, treatments[index].kind, limit: limit)
            }
        }
    }

    /// Saves what rings hold around events, as far as there is room. `all`: nothing more comes, so that windows end now.
    mutating func saveCaptures(at time: Timestamp, all: Bool = false) {
        for index in shaping.rings.indices where shaping.rings[index].ring.isOpen {
            // Taken out, so that adding to the batches and looking at the ring do not overlap.
            var ring = shaping.rings[index].ring
            shaping.rings[index].ring = CaptureRing(ring.rule)
            let records = ring.drain(at: time, all: all) { sample in
                guard hasRoom(for: .bulk) else { return false }
                add(sample, .bulk)
                return true
            }
            shaping.rings[index].ring = ring
            for record in records {
                guard events.count < SampleIntake.waitingEvents else {
                    refuse(.init(input: "events", reason: "more events than the disk can take"))
                    continue
                }
                events.append(record)
                accepted += 1
                captures += 1
            }
        }
    }

    /// Takes out of all that waits for samples that follow what may not be kept any more: a withdrawal reaches it.
    mutating func dropHeld() {
        for index in treatments.indices {
            guard let gate = treatments[index].gate else { continue }
            for way in treatments[index].ways.indices where treatments[index].ways[way].branch.holds {
                treatments[index].ways[way].branch.flush(before: nil, &shaping.buffer, &shaping.spare, &shaping.tally)
                let rule = gate.demands.first?.rule ?? 0
                for sample in shaping.buffer {
                    if consent.stillHolds(gate, at: sample.timestamp) {
                        if let left = redacted(sample, index, way, limit: .max) { add(left, treatments[index].kind) }
                    } else {
                        consent.tallies[rule].add(sample.timestamp)
                    }
                }
            }
        }
        for index in shaping.rings.indices {
            let consent = consent
            let dropped = shaping.rings[index].ring.forget { sample in
                consent.gates[sample.series].map { !consent.stillHolds($0, at: sample.timestamp) } ?? false
            }
            for sample in dropped {
                guard let rule = consent.gates[sample.series]?.demands.first?.rule else { continue }
                self.consent.tallies[rule].add(sample.timestamp)
            }
        }
    }
}
