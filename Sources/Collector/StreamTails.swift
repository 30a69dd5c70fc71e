import Aggregation
import Connection
import Delivery
import Frames
import Scenarios
import Storage
import Telemetry

/// What is known of the ends of streams, and what may be gone behind those that ended in a crash.
struct StreamTails {
    /// One start of an agent; its streams are of one each class.
    private struct Start: Hashable {
        let site: Identifier
        let agent: Identifier
        let install: UUIDBytes
        let epoch: UInt64

        init(_ stream: Stream) {
            (site, agent, install, epoch) = (stream.site, stream.agent, stream.install, stream.epoch)
        }

        var streams: [Stream] {
            PriorityClass.allCases.map {
                Stream(site: site, agent: agent, install: install, epoch: epoch, priority: $0)
            }
        }
    }

    /// The longest time between two syncs that an agent may be configured to, nanoseconds.
    static let longestSyncWindow: Int64 = 60_000_000_000

    /// How long an agent that samples may say nothing, nanoseconds: the longest sync window, and as much again for the way.
    static let longestSilence: Int64 = 2 * longestSyncWindow

    /// How long an agent that is silent is waited for, nanoseconds: the day without a network that it is made for. One that is not heard for
    /// longer, and has not said that it ends, is out of service; runs that begin after that do not wait for it.
    static let longestOutage: Int64 = 86_400_000_000_000

    private let ledgers: StoredLedgers
    private let successors: [Start: Start]
    /// How far the known times of all streams reach, and those of each start.
    let horizon: Timestamp
    private let reach: [Start: Timestamp]

    init(_ ledgers: StoredLedgers) {
        self.ledgers = ledgers
        var agents: [[Identifier]: [UUIDBytes: Set<UInt64>]] = [:]
        var times: [Start: ClosedRange<Timestamp>] = [:]
        for (stream, state) in ledgers.streams where stream.agent != .collector {
            agents[[stream.site, stream.agent], default: [:]][stream.install, default: []].insert(stream.epoch)
            guard let known = state.knownTimes(ledgers.boots) else { continue }
            let start = Start(stream)
            times[start] = times[start].map { $0.hull(known) } ?? known
        }
        var successors: [Start: Start] = [:]
        for (names, installs) in agents {
            func start(_ install: UUIDBytes, _ epoch: UInt64) -> Start {
                Start(Stream(site: names[0], agent: names[1], install: install, epoch: epoch, priority: .event))
            }
            for (install, epochs) in installs {
                let ordered = epochs.sorted()
                for (epoch, next) in zip(ordered, ordered.dropFirst()) {
                    successors[start(install, epoch)] = start(install, next)
                }
                guard let last = ordered.last, let end = times[start(install, last)]?.upperBound else { continue }
                // A box that was installed anew: whatever the former installation had not sent will not come.
                let later = installs.filter { $0.key != install }.flatMap { other, epochs in
                    epochs.map { start(other, $0) }
                }.compactMap { start in times[start].map { (start, $0.lowerBound) } }.filter { $0.1 > end }
                successors[start(install, last)] = later.min { ($0.1, $0.0.install) < ($1.1, $1.0.install) }?.0
            }
        }
        self.successors = successors
        reach = times.mapValues(\.upperBound)
        horizon = ledgers.horizon.time
    }

    /// The collector's own streams lose nothing in a crash: a marker is told of only when it is on disk.
    func tail(of stream: Stream, _ state: StoredStream) -> Summary.StreamTail {
        if state.ledger.hasProvenEnd || stream.agent == .collector { return .proven }
        return successors[Start(stream)] == nil ? .open : .unproven
    }

    /// Whether something of a stream may belong to a period although nothing of it that came does: it lacks frames before or behind those,
    /// or ended in a crash. `times`: of what came.
    func mayReach(_ period: Summary.Period, _ stream: Stream, _ state: StoredStream, _ times: ClosedRange<Timestamp>)
        -> Bool
    {
        let ledger = state.ledger
        let last = ledger.received.greatest ?? 0
        var (from, to) = (times.lowerBound, times.upperBound)
        if !ledger.has(1) {
            // At the earliest since the machine was started.
            let clock = state.boot.flatMap { ledgers.boots[$0] }
            from = min(from, Timestamp(nanoseconds: clock?.anchor?.offset ?? .min))
        }
        if max(ledger.missing.last?.upperBound ?? 0, ledger.declaredFrames.greatest ?? 0) > last {
            to = Timestamp(nanoseconds: .max)
        } else if tail(of: stream, state) == .unproven {
            to = to.advanced(byNanoseconds: Self.longestSyncWindow)
        } else if tail(of: stream, state) == .open, let heard = reach[Start(stream)], heard < period.to {
            to = max(to, heard.advanced(byNanoseconds: Self.longestOutage))
        }
        return to >= period.from && from <= period.to
    }

    var boots: [BootKey: BootClock] { ledgers.boots }

    /// The streams of the same start, of every class.
    func siblings(of stream: Stream) -> [Stream] { Start(stream).streams }

    /// Nil when nothing came, or when it has expired.
    func lastFrame(of stream: Stream, _ store: some Store) throws(StoreError) -> ArchivedFrame? {
        guard let number = ledgers.streams[stream]?.ledger.received.greatest else { return nil }
        return try store.frame(number, of: stream)
    }

    /// What may be gone behind the last frame of an agent that crashed, and when that was taken: before the agent started again, and,
    /// but for events, which wait for no sync, at most a sync window before the last frame of any class was made.
    func behind(_ stream: Stream, _ state: StoredStream, _ store: some Store) throws(StoreError) -> StreamAccount.Hole {
        var last: ArchivedFrame?
        var own: Int64 = .min
        for sibling in Start(stream).streams {
            guard let frame = try lastFrame(of: sibling, store) else { continue }
            if sibling == stream { own = min(frame.times?.upperBound ?? .max, frame.clock.sinceBoot) }
            if frame.clock.sinceBoot >= last?.clock.sinceBoot ?? .min { last = frame }
        }
        let restart = try restart(after: stream, store)
        guard let last else {
            // Its last frames have expired: nobody can say more.
            let from = state.knownTimes(ledgers.boots)?.upperBound ?? Timestamp(nanoseconds: .min)
            return hole(state.boot, 0...(.max), from...max(from, restart.time ?? Timestamp(nanoseconds: .max)))
        }
        let end = last.clock.sinceBoot
        let begin = stream.priority == .event ? end : max(min(own, end), end - min(Self.longestSyncWindow, end))
        let bound = last.clock.boot == restart.boot ? restart.sinceBoot : nil
        let sinceBoot = begin...max(begin, min(end + Self.longestSyncWindow, bound ?? .max))
        let clock = ledgers.boots[last.clock.boot]
        guard last.clock.isTimeKnown(by: clock) else { return hole(last.clock.boot, sinceBoot, nil) }
        let placed = sinceBoot.placed(last.clock.placedOffset(by: clock))
        let until = max(placed.lowerBound, min(placed.upperBound, restart.time ?? placed.upperBound))
        return hole(last.clock.boot, sinceBoot, placed.lowerBound...until)
    }

    private func hole(
        _ boot: BootKey?, _ sinceBoot: ClosedRange<Int64>, _ times: ClosedRange<Timestamp>?
    ) -> StreamAccount.Hole {
        StreamAccount.Hole(missingFrames: 0, lost: 0, missing: 0, boot: boot, sinceBoot: sinceBoot, times: times)
    }

    /// When the agent was there again: what the first frames of its next start say.
    private func restart(
        after stream: Stream, _ store: some Store
    ) throws(StoreError) -> (time: Timestamp?, boot: BootKey?, sinceBoot: Int64?) {
        guard let next = successors[Start(stream)] else { return (nil, nil, nil) }
        var result: (time: Timestamp?, boot: BootKey?, sinceBoot: Int64?) = (nil, nil, nil)
        for sibling in next.streams {
            guard let state = ledgers.streams[sibling] else { continue }
            if let time = state.knownTimes(ledgers.boots)?.lowerBound { result.time = min(result.time ?? time, time) }
            guard let frame = try store.frame(from: 1, of: sibling) else { continue }
            let first = min(frame.times?.lowerBound ?? .max, frame.clock.sinceBoot)
            result.boot = frame.clock.boot
            result.sinceBoot = min(result.sinceBoot ?? first, first)
        }
        return result
    }
}
