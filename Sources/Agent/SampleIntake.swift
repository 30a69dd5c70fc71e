package import Frames
import Inputs
package import Pipeline
import Platform
import Synchronization
package import Telemetry

/// Where all inputs of a box put their samples, and where the engine fetches them from.
///
/// Inputs append under one short lock and never wait for the disk. When the engine falls behind, whole batches queue up to a
/// bound; beyond it samples are refused and counted, `bulk` first because its share of the bound is smaller.
package final class SampleIntake: SampleSink, Sendable {
    /// What the engine fetched: everything accepted since the last time, in order within each class.
    package struct Harvest: Sendable {
        package var definitions: [SeriesDefinition] = []
        package var events: [Event] = []
        /// `clock`: the one that timed the batch, where it is not the clock as it is now.
        package var batches: [(priority: PriorityClass, batch: SampleBatch, clock: ClockReading?)] = []
        /// Events that were timed before the wall clock was stepped, each with the clock that timed it.
        package var earlierEvents: [(event: Event, clock: ClockReading)] = []
        /// Everything that was accepted before this many harvests were complete was handed over; 0 when some of it was held back.
        var number: UInt64 = 0

        package var isEmpty: Bool {
            definitions.isEmpty && events.isEmpty && batches.isEmpty && earlierEvents.isEmpty
        }
    }

    /// What was refused: how much, by whom, why.
    package struct Rejection: Hashable, Sendable {
        package let input: String
        package let reason: String
    }

    struct State {
        /// What others may know of the series; their numbers are the ids that frames have for them.
        var defined = SeriesTable()
        /// As inputs gave them; their numbers are the ids that inputs have, and those of what becomes of each.
        var given = SeriesTable()
        var treatments: [Treatment] = []
        var shaping: IntakeShaping
        var tally: RedactionTally
        var consent: IntakeConsent
        var definitions: [SeriesDefinition] = []
        var events: [Event] = []
        var open: [SampleBatch] = [SampleBatch(), SampleBatch()]
        var full: [(priority: PriorityClass, batch: SampleBatch)] = []
        var spare: [SampleBatch] = []
        /// How many of these nobody has needed since the last tick.
        var idle = 0
        var accepted: UInt64 = 0
        /// Harvests after which nothing was left, and how many of them are on disk.
        var harvests: UInt64 = 0
        var stored: UInt64 = 0
        /// Somebody waits for what was accepted to be on disk.
        var isAwaited = false
        var rejected: [Rejection: Int] = [:]
        /// Windows of capture that are over.
        var captures: UInt64 = 0
    }

    let state: Mutex<State>
    package let redaction: Redaction
    package let consent: Consent
    let seriesLimit: Int
    let now: @Sendable () -> Timestamp
    let wake: @Sendable () -> Void

    /// A frame is closed at about this many bytes of samples.
    package static let frameBytes = 64 * 1024
    /// How many closed batches of a class may wait for the disk.
    fileprivate static func waiting(_ kind: PriorityClass) -> Int { kind == .bulk ? 32 : 64 }
    static let waitingEvents = 10_000

    /// - Parameters:
    ///   - seriesLimit: how many series the box may have; a program that puts a counter into a tag must not eat the memory.
    ///   - shaping: what is done to names, units and numbers first of all.
    ///   - redaction: what is done to series and events before anything else sees them.
    ///   - consent: what needs whose consent.
    ///   - now: the wall clock, by which consent begins and ends.
    ///   - wake: called when something should be stored sooner than at the next tick.
    package init(
        seriesLimit: Int = 16_384, shaping: Shaping = .none, redaction: Redaction = .none, consent: Consent = .none,
        now: @escaping @Sendable () -> Timestamp = { SystemClock.now }, wake: @escaping @Sendable () -> Void
    ) {
        self.seriesLimit = seriesLimit
        self.redaction = redaction
        self.consent = consent
        state = Mutex(
            State(
                shaping: IntakeShaping(shaping), tally: RedactionTally(rules: redaction.rules.count),
                consent: IntakeConsent(rules: consent.rules.count))
        )
        self.now = now
        self.wake = wake
    }

    /// Nil beyond the limit, and for a series whose tags no frame can hold.
    package func register(_ series: Series) -> SeriesID? {
        state.withLock { state in
            if let known = state.given.number(of: series) { return SeriesID(rawValue: UInt32(known)) }
            guard state.given.count < seriesLimit, series.fitsFrame else { return nil }
            guard let treatment = state.treatment(of: series, redaction, consent, limit: seriesLimit) else {
                return nil
            }
            state.treatments.append(treatment)
            return SeriesID(rawValue: UInt32(state.given.add(series)))
        }
    }

    /// Has all definitions of this start fetched once more: some were in a frame that is lost, and nobody can read the samples without.
    package func defineAgain() {
        state.withLock { state in
            state.definitions = state.defined.series.enumerated().map { number, series in
                SeriesDefinition(id: SeriesID(rawValue: UInt32(number)), series: series)
            }
        }
    }

    package func accept(_ samples: [Sample], priority: PriorityClass) {
        let kind = priority == .bulk ? PriorityClass.bulk : .metric
        let isUrgent = state.withLock { state in
            let before = state.full.count
            for sample in samples { state.take(sample, kind, limit: seriesLimit) }
            return state.full.count > before
        }
        if isUrgent { wake() }
    }

    package func accept(_ event: Event) { _ = offer(event) }

    /// Takes an event, or counts it as refused and says why.
    package func offer(_ event: Event) -> Rejection? {
        guard !ConsentChange.isName(event.name) else { return offerConsent(event) }
        let refusal: Rejection? = state.withLock { state in
            let reason: String
            guard !state.isHeldBack(event, consent) else {
                return Rejection(input: "events", reason: "such events need consent, and nobody has given it")
            }
            guard let event = redaction.redacted(event, &state.tally) else {
                return Rejection(input: "events", reason: "a rule of the pipeline drops such events")
            }
            if !event.fitsFrame {
                reason = "too many attributes, or too long ones"
            } else if state.events.count >= Self.waitingEvents {
                reason = "more events than the disk can take"
            } else {
                state.events.append(event)
                state.accepted += 1
                state.shaping.trigger(event)
                return nil
            }
            let rejection = Rejection(input: "events", reason: reason)
            state.rejected[rejection, default: 0] += 1
            return rejection
        }
        if refusal == nil { wake() }
        return refusal
    }

    package func reject(_ count: Int, from input: String, reason: String) {
        state.withLock { $0.rejected[Rejection(input: input, reason: reason), default: 0] += count }
    }

    /// Whether something waits that should not wait for the next tick: an event, or a full batch.
    package var isUrgent: Bool { hasEvents || hasFullBatch }

    package var hasEvents: Bool { state.withLock { !$0.events.isEmpty } }

    package var hasFullBatch: Bool { state.withLock { !$0.full.isEmpty } }

    /// Hands everything over that can be stored. With `closing`, batches that are not full yet too: at a tick, at the end. A run
    /// boundary closes them in any case.
    ///
    /// `blocked`: the disk takes nothing of this class and those below it. Their batches stay here, where there is a bound.
    package func harvest(closing: Bool, blocked: PriorityClass? = nil) -> Harvest {
        state.withLock { state in
            var harvest = Harvest()
            let isBoundary = state.events.contains { $0.name == RunEvent.startName || $0.name == RunEvent.stopName }
            func isOpen(_ priority: PriorityClass) -> Bool { blocked.map { priority < $0 } ?? true }
            state.saveCaptures(at: now())
            if closing { state.flushShaping(before: now(), limit: seriesLimit) }
            if closing || isBoundary {
                for (slot, kind) in [(0, PriorityClass.metric), (1, .bulk)]
                where !state.open[slot].isEmpty && isOpen(kind) {
                    state.close(slot, kind)
                }
            }
            guard isOpen(.event) else { return harvest }
            swap(&harvest.definitions, &state.definitions)
            swap(&harvest.events, &state.events)
            harvest.batches = state.full.filter { isOpen($0.priority) }.map {
                (priority: $0.priority, batch: $0.batch, clock: nil)
            }
            state.full.removeAll { isOpen($0.priority) }
            if closing { state.dropIdle() }
            if closing, state.full.isEmpty, state.open.allSatisfy(\.isEmpty) {
                state.harvests += 1
                harvest.number = state.harvests
            }
            return harvest
        }
    }

    /// Gives a stored batch back, for its memory to be used again.
    package func recycle(_ batch: consuming SampleBatch) {
        batch.removeAll()
        let emptied = batch
        state.withLock { state in
            if state.spare.count < 4 { state.spare.append(emptied) }
        }
    }

    /// Samples and events accepted since the start.
    package var accepted: UInt64 { state.withLock { $0.accepted } }

    /// What the rules of the pipeline have done since the start.
    var redacted: RedactionTally { state.withLock { $0.tally } }

    /// What was refused since the start.
    package var rejected: [Rejection: Int] {
        state.withLock { state in
            guard state.shaping.tally.overRate > 0 else { return state.rejected }
            var rejected = state.rejected
            rejected[Rejection(input: "pipeline", reason: "above the rate limit")] = state.shaping.tally.overRate
            return rejected
        }
    }
}

extension SampleIntake.State {
    /// The id that frames have for a series; nil beyond the limit, and for one that no frame can hold.
    mutating func define(_ series: Series, limit: Int) -> SeriesID? {
        if let known = defined.number(of: series) { return SeriesID(rawValue: UInt32(known)) }
        guard defined.count < limit, series.fitsFrame else { return nil }
        let id = SeriesID(rawValue: UInt32(defined.add(series)))
        definitions.append(SeriesDefinition(id: id, series: series))
        return id
    }

    /// Adds to the open batch of a class; closes it first when it is full, or refuses when too many are waiting.
    mutating func add(_ sample: Sample, _ kind: PriorityClass) {
        let slot = kind == .bulk ? 1 : 0
        let limit = SampleIntake.waiting(kind)
        for _ in 0..<2 {
            do throws(FrameError) {
                let size = try open[slot].append(sample)
                accepted += 1
                if size >= SampleIntake.frameBytes, full.count < limit { close(slot, kind) }
                return
            } catch {
                guard error.code == .batchFull else {
                    rejected[.init(input: "pipeline", reason: "text too long"), default: 0] += 1
                    return
                }
                guard full.count < limit else { break }
                close(slot, kind)
            }
        }
        rejected[.init(input: "pipeline", reason: "more samples than the disk can take"), default: 0] += 1
    }

    /// Gives up batches that were left over, as after a time in which the disk was slow; one is always kept.
    fileprivate mutating func dropIdle() {
        spare.removeLast(min(idle, max(0, spare.count - 1)))
        idle = spare.count
    }

    /// Whether so much room is left for samples of a class that one more is surely taken.
    func hasRoom(for kind: PriorityClass) -> Bool { full.count + 1 < SampleIntake.waiting(kind) }

    fileprivate mutating func close(_ slot: Int, _ kind: PriorityClass) {
        var batch = spare.popLast() ?? SampleBatch()
        idle = min(idle, spare.count)
        swap(&batch, &open[slot])
        full.append((kind, batch))
    }
}
