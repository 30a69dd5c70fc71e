package import Aggregation
import Delivery
package import Frames
package import Scenarios
package import Storage
import Synchronization
package import Telemetry

/// The store protocol as plainly as it can be said: everything in memory, every question answered by looking at all of it.
package final class ModelStore: Store {
    fileprivate struct State {
        var ledgers = StoredLedgers()
        var frames: [Frames.Stream: [UInt64: ArchivedFrame]] = [:]
        var series: [Epoch: [SeriesID: Series]] = [:]
        var events: [StoredEvent] = []
        var aggregates: [Fold: StoredAggregate] = [:]
        /// Of the last of frames that are gone.
        var lastDigests: [Frames.Stream: [UInt64: FrameDigest]] = [:]
        var expired: [ExpiredFrames] = []
        /// Byte by byte, as different texts may look the same.
        var alerts: [[[UInt8]]: StoredAlert] = [:]
        var parts: [Part: StoredRulePart] = [:]
        var agents: [[Identifier]: StoredAgent] = [:]
        var losses: [Loss: StoredLoss] = [:]
    }

    /// One start of an agent.
    fileprivate struct Epoch: Hashable {
        let site: Identifier
        let agent: Identifier
        let install: UUIDBytes
        let number: UInt64

        init(_ stream: Frames.Stream) {
            (site, agent, install, number) = (stream.site, stream.agent, stream.install, stream.epoch)
        }
    }

    fileprivate struct Part: Hashable {
        let rules: String
        let stream: Frames.Stream
        let node: RuleTree.Node
    }

    fileprivate struct Loss: Hashable {
        let stream: Frames.Stream
        let reason: LossReason
    }

    fileprivate struct Fold: Hashable {
        let scenario: Identifier
        let digest: String
        let run: RunKey
    }

    private let state = Mutex(State())
    private let failure = Mutex<StoreError?>(nil)
    /// Which of the commits to come fail, counted from 0.
    private let failingCommits = Mutex<(error: StoreError, which: Range<Int>)?>(nil)

    package init() {}

    /// Lets every call fail so until told otherwise.
    package func setFailing(_ error: StoreError?) { failure.withLock { $0 = error } }

    /// Lets so many commits fail so, after so many more that succeed.
    package func setFailing(_ error: StoreError, commits count: Int, after others: Int = 0) {
        failingCommits.withLock { $0 = (error, others..<(others + count)) }
    }

    private func perform<Result: Sendable>(_ body: (inout State) -> Result) throws(StoreError) -> Result {
        if let error = failure.withLock({ $0 }) { throw error }
        return state.withLock { body(&$0) }
    }

    package func load() throws(StoreError) -> StoredLedgers { try perform { $0.ledgers } }

    /// Counts a commit, and tells how it fails if it does.
    private func nextFailure() -> StoreError? {
        failingCommits.withLock { failing in
            guard let (error, which) = failing, which.upperBound > 0 else { return nil }
            failing = (error, max(0, which.lowerBound - 1)..<(which.upperBound - 1))
            return which.lowerBound == 0 ? error : nil
        }
    }

    package func commit(_ intake: StoredIntake) throws(StoreError) {
        if let error = nextFailure() { throw error }
        try perform { state in
            state.ledgers.archive = intake.archive
            state.ledgers.archivePosition = intake.archivePosition
            state.ledgers.framePosition = intake.framePosition
            state.ledgers.streams.merge(intake.streams) { $1 }
            state.ledgers.boots.merge(intake.boots) { $1 }
            state.ledgers.registrations.merge(intake.registrations) { $1 }
            state.ledgers.documents.merge(intake.documents) { $1 }
            state.ledgers.agreedTime = intake.agreedTime ?? state.ledgers.agreedTime
            for frame in intake.frames { state.frames[frame.stream, default: [:]][frame.sequence] = frame }
            for (stream, definition) in intake.definitions {
                state.series[Epoch(stream), default: [:]][definition.id] = definition.series
            }
            for event in intake.events where !state.events.contains(where: { $0.isIdentical(to: event) }) {
                state.events.append(event)
            }
            for loss in intake.losses {
                let key = Loss(stream: loss.stream, reason: loss.reason)
                var known = state.losses[key] ?? loss
                known.frames.formUnion(loss.frames)
                known.samples.formUnion(loss.samples)
                state.losses[key] = known
            }
            for frames in intake.expired {
                state.expire(frames)
                state.ledgers.expired.insert(frames)
            }
            state.removeUntrue(intake.stale)
        }
    }

    package func frames(of run: Run) throws(StoreError) -> [ArchivedFrame] {
        try perform { state in
            state.frames.values.flatMap(\.values).filter { state.mayBelong($0, to: run) }.sorted { a, b in
                a.stream == b.stream ? a.sequence < b.sequence : a.stream.order < b.stream.order
            }
        }
    }

    package func frame(_ sequence: UInt64, of stream: Frames.Stream) throws(StoreError) -> ArchivedFrame? {
        try perform { $0.frames[stream]?[sequence] }
    }

    package func frame(from sequence: UInt64, of stream: Frames.Stream) throws(StoreError) -> ArchivedFrame? {
        try perform { $0.frames[stream]?.values.filter { $0.sequence >= sequence }.min { $0.sequence < $1.sequence } }
    }

    package func series(of stream: Frames.Stream) throws(StoreError) -> [SeriesID: Series] {
        try perform { $0.series[Epoch(stream)] ?? [:] }
    }

    package func events(named names: [String]) throws(StoreError) -> [StoredEvent] {
        try perform { state in
            state.events.filter { stored in names.contains { $0.utf8.elementsEqual(stored.event.name.utf8) } }
        }
    }

    package func aggregates(scenario: Identifier, digest: String) throws(StoreError) -> [RunKey: StoredAggregate] {
        try perform { state in
            state.aggregates.reduce(into: [:]) { found, one in
                if one.key.scenario == scenario, one.key.digest == digest { found[one.key.run] = one.value }
            }
        }
    }

    package func save(_ folded: [FoldedRun]) throws(StoreError) {
        try perform { state in
            for one in folded {
                state.aggregates[Fold(scenario: one.scenario, digest: one.digest, run: one.run)] = one.aggregate
            }
        }
    }

    package func remove(_ runs: [RunKey], scenario: Identifier, digest: String) throws(StoreError) {
        try perform { state in
            for run in runs { state.aggregates[Fold(scenario: scenario, digest: digest, run: run)] = nil }
        }
    }

    package func ruleParts(of rules: String) throws(StoreError) -> [StoredRulePart] {
        try perform { state in state.parts.filter { $0.key.rules == rules }.map(\.value) }
    }

    package func save(_ parts: [StoredRulePart], of rules: String) throws(StoreError) {
        try perform { state in
            for part in parts {
                state.parts[Part(rules: rules, stream: part.stream, node: part.node)] = part.bytes == nil ? nil : part
            }
        }
    }

    package func registeredDigest(of scenario: Identifier) throws(StoreError) -> String? {
        try perform { $0.ledgers.registrations[scenario] }
    }

    package func digest(of sequence: UInt64, in stream: Frames.Stream) throws(StoreError) -> FrameDigest? {
        try perform { $0.frames[stream]?[sequence]?.digest ?? $0.lastDigests[stream]?[sequence] }
    }

    package func alerts() throws(StoreError) -> [StoredAlert] { try perform { Array($0.alerts.values) } }

    package func save(_ alerts: [StoredAlert]) throws(StoreError) {
        try perform { state in
            for alert in alerts {
                state.alerts[[Array(alert.scenario.text.utf8), Array(alert.cause.utf8)]] =
                    alert.state == nil ? nil : alert
            }
        }
    }

    package func agents() throws(StoreError) -> [StoredAgent] { try perform { Array($0.agents.values) } }

    package func save(_ agents: [StoredAgent]) throws(StoreError) {
        try perform { state in
            for one in agents { state.agents[[one.site, one.agent]] = one.state == nil ? nil : one }
        }
    }

    package func losses() throws(StoreError) -> [StoredLoss] { try perform { Array($0.losses.values) } }

    package func clear(keepingAggregates: Bool) throws(StoreError) {
        try perform { state in
            let old = state
            state = State()
            if keepingAggregates {
                state.ledgers.registrations = old.ledgers.registrations
                state.aggregates = old.aggregates
                state.ledgers.boots = old.ledgers.boots
                state.alerts = old.alerts
                state.parts = old.parts
                state.agents = old.agents
            }
        }
    }

    package func removeAggregates(of runs: [RunKey], scenario: Identifier) throws(StoreError) -> [RunKey] {
        try perform { state in
            let found = Set(state.aggregates.keys.filter { $0.scenario == scenario }.map(\.run))
            state.aggregates = state.aggregates.filter { $0.key.scenario != scenario || !runs.contains($0.key.run) }
            return runs.filter(found.contains)
        }
    }

    package func removeReproducibleAggregates() throws(StoreError) {
        try perform { state in
            state.aggregates = state.aggregates.filter { state.hasExpired($1.stretch, $0.run.site) }
            state.parts = state.parts.filter { part, _ in
                part.node.sequences?.contains { state.frames[part.stream]?[$0] == nil } ?? false
            }
        }
    }
}

extension ModelStore.State {
    /// By the boot clock in the boot that marked the run; by the wall clock in any other, when both times are known.
    fileprivate func mayBelong(_ frame: ArchivedFrame, to run: Run) -> Bool {
        guard frame.stream.site == run.site, let since = frame.times else { return false }
        if let span = run.bootSpan, span.boot == frame.clock.boot { return span.sinceBoot.meets(since) }
        guard run.isTimeKnown, let window = run.window else { return false }
        let clock = ledgers.boots[frame.clock.boot]
        if frame.clock.isSynchronised { return window.meets(since.placed(frame.clock.offset)) }
        guard let anchor = clock?.anchor else { return false }
        return window.meets(since.placed(anchor.offset))
    }

    fileprivate mutating func removeUntrue(_ stale: [StaleStretch]) {
        aggregates = aggregates.filter { fold, aggregate in
            let folded = aggregate.stretch
            if hasExpired(folded, fold.run.site) { return true }
            return !stale.contains { more in
                if let span = folded.bootSpan, span.boot == more.boot { return span.sinceBoot.meets(more.sinceBoot) }
                guard folded.isTimeKnown, more.site == fold.run.site, let times = more.times else { return false }
                return folded.window.meets(times)
            }
        }
    }

    /// Whether a stretch of expired frames, or the short pause between two of one boot and one clock, meets what was folded.
    fileprivate func hasExpired(_ folded: FoldedStretch, _ site: Identifier) -> Bool {
        let here = expired.filter { $0.stream.site == site }
        return here.contains { one in
            guard let clock = ledgers.boots[one.bootKey], clock != .unread else { return !one.times.isEmpty }
            let alike = here.filter { $0.bootKey == one.bootKey && $0.recording == one.recording }.flatMap(\.times)
            return one.times.contains { times in
                alike.contains { other in
                    let (sum, overflow) = times.upperBound.addingReportingOverflow(ExpiredFrames.pause)
                    guard other.lowerBound <= (overflow ? .max : sum), other.upperBound >= times.lowerBound else {
                        return false
                    }
                    let hull = min(times.lowerBound, other.lowerBound)...max(times.upperBound, other.upperBound)
                    return folded.mayHold(hull, one.recording, of: one.bootKey, clock)
                }
            }
        }
    }

    fileprivate mutating func expire(_ gone: ExpiredFrames) {
        for sequence in gone.span.sequences {
            frames[gone.stream]?[sequence] = nil
            lastDigests[gone.stream]?[sequence] = nil
        }
        lastDigests[gone.stream, default: [:]][gone.span.sequences.upperBound] = gone.digest
        expired.append(gone)
    }
}

extension FoldedStretch {
    fileprivate func mayHold(
        _ times: ClosedRange<Int64>, _ recording: ExpiredFrames.Recording, of boot: BootKey, _ clock: BootClock
    ) -> Bool {
        let own = bootSpan.flatMap { $0.boot == boot ? $0.sinceBoot : nil }
        switch recording {
        case .placed:
            let isNeverSet =
                clock.anchor == clock.first
                && clock.synchronised.map { Set([$0.lowerBound, $0.upperBound]).count } == 1
            let moved = clock.unsynchronisedOffset - clock.first.offset
            return window.meets(times.placed(0))
                || !isNeverSet && (own != nil || isTimeKnown && window.meets(times.placed(moved)))
        case .synchronised(let offset): return own?.meets(times) ?? (isTimeKnown && window.meets(times.placed(offset)))
        case .unsynchronised:
            if let own { return own.meets(times) }
            guard isTimeKnown, let anchor = clock.anchor else { return false }
            return window.meets(times.placed(anchor.offset))
        }
    }
}

extension Range {
    /// Whether any of `times` is in it.
    fileprivate func meets(_ times: ClosedRange<Bound>) -> Bool {
        times.upperBound >= lowerBound && times.lowerBound < upperBound
    }
}

extension Frames.Stream {
    /// Of streams of one site.
    fileprivate var order: (Identifier, UUIDBytes, UInt64, PriorityClass) { (agent, install, epoch, priority) }
}

extension StoredEvent {
    /// Equality to the bit and the byte: of a NaN to itself, not of a text to another that only looks the same.
    package func isIdentical(to other: StoredEvent) -> Bool {
        site == other.site && source == other.source && clock == other.clock && event.timestamp == other.event.timestamp
            && event.name.utf8.elementsEqual(other.event.name.utf8)
            && event.attributes.count == other.event.attributes.count
            && zip(event.attributes, other.event.attributes).allSatisfy { mine, its in
                guard mine.key.utf8.elementsEqual(its.key.utf8) else { return false }
                if case .text(let a) = mine.value, case .text(let b) = its.value { return a.utf8.elementsEqual(b.utf8) }
                return mine.value.isIdentical(to: its.value)
            }
    }
}
