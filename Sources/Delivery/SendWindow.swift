package import Telemetry

/// What one priority class of an agent has in flight: which frames were sent, which the far end keeps for good, which are due
/// again.
///
/// A pure state machine. Its caller owns the log and the connection: it asks `next` what to send, tells what became of it, and
/// releases from the log what the window says is safe. Frames are named by their position in the log, which also orders them;
/// epochs and sequence numbers only matter to match acknowledgements, so frames of an earlier start of the agent drain through
/// the same window.
///
/// After an outage there are two courses: the backlog, in order, and beside it what is stored from now on, so that whoever watches
/// sees the present within seconds while history fills in. Live frames have a quarter of the window until the backlog has
/// caught up with them.
package struct SendWindow: Sendable {
    /// Who says that a frame is safe.
    package enum Authority: Hashable, Sendable {
        /// The collector, after its own sync.
        case collector
        /// The broker's PUBACK, for a box without a collector.
        case broker
    }

    /// What the window does when an answer fails to come or is a refusal.
    package struct Timing: Hashable, Sendable {
        /// Nanoseconds until an unacknowledged frame is sent again the first time; doubles each time up to `longest`.
        package var first: Int64 = 10_000_000_000
        package var longest: Int64 = 60_000_000_000

        package init(first: Int64 = 10_000_000_000, longest: Int64 = 60_000_000_000) {
            self.first = first
            self.longest = longest
        }
    }

    /// Which of the two ways through the log a frame is sent on.
    package enum Course: Hashable, Sendable {
        /// In order, from what is released.
        case backlog
        /// What was stored since the connection came up.
        case live
    }

    /// What to do next.
    package enum Step: Hashable, Sendable {
        /// Send the frame at this position again.
        case resend(position: UInt64)
        /// Send the first frame after this position.
        case send(after: UInt64, Course)
        /// Nothing before this time, unless something happens.
        case wait(until: Int64)
        /// Nothing until something happens.
        case idle
    }

    /// What must be known of a frame that was sent.
    package struct SentFrame: Hashable, Sendable {
        /// Where it stands in the log.
        package var position: UInt64
        package var epoch: UInt64
        package var sequence: UInt64
        /// The numbers of its samples in the stream; nil when it has none.
        package var ordinals: ClosedRange<UInt64>?

        package init(position: UInt64, epoch: UInt64, sequence: UInt64, ordinals: ClosedRange<UInt64>? = nil) {
            self.position = position
            self.epoch = epoch
            self.sequence = sequence
            self.ordinals = ordinals
        }
    }

    private struct Outstanding: Sendable {
        let frame: SentFrame
        var token: UInt64?
        var dueAt: Int64
        var attempts: Int

        var position: UInt64 { frame.position }
    }

    private let limit: Int
    private let authority: Authority
    private let timing: Timing
    private let install: UUIDBytes
    private let priority: PriorityClass
    /// Sent and not safe yet, ascending by position.
    private var outstanding: [Outstanding] = []
    /// Everything through here was sent, or will never be.
    private var frontier: UInt64
    /// Positions behind `frontier` that were sent already, on the live course.
    private var ahead = IntervalSet()
    /// The last position of the live course; nil while there is only one course.
    private var liveFrontier: UInt64?
    /// What `takeReleasable` has told last.
    private var released: UInt64
    /// Sequence numbers, by epoch, of frames that the far end keeps and the log may still hold.
    private var kept: [UInt64: IntervalSet] = [:]
    /// Which life of an archive has acknowledged last.
    private var generation: UUIDBytes?
    private var isConnected = false
    /// No sending before this time: the far end refused.
    private var pausedUntil: Int64 = .min
    private var refusals = 0

    /// `released`: the position up to which everything is safe already.
    /// `limit`: how many frames may be unacknowledged, at least 1.
    package init(
        install: UUIDBytes, priority: PriorityClass, released: UInt64, limit: Int = 64,
        authority: Authority = .collector,
        timing: Timing = Timing()
    ) {
        self.install = install
        self.priority = priority
        self.limit = max(1, limit)
        self.authority = authority
        self.timing = timing
        frontier = released
        self.released = released
    }

    /// How many frames are unacknowledged.
    package var unacknowledged: Int { outstanding.count }

    /// What to send now; call again after each `sent` until it says to wait.
    ///
    /// `durable`: the last position that may be sent.
    package func next(at now: Int64, durable: UInt64) -> Step {
        guard isConnected else { return .idle }
        if pausedUntil > now { return .wait(until: pausedUntil) }
        var soonest = Int64.max
        for frame in outstanding {
            if frame.dueAt <= now { return .resend(position: frame.position) }
            soonest = min(soonest, frame.dueAt)
        }
        if outstanding.count < limit {
            if let liveFrontier, liveFrontier < durable, outstandingAhead < max(limit / 4, 1) {
                return .send(after: liveFrontier, .live)
            }
            if frontier < liveFrontier ?? durable { return .send(after: frontier, .backlog) }
        }
        return soonest == .max ? .idle : .wait(until: soonest)
    }

    private var outstandingAhead: Int { outstanding.count { $0.position > frontier } }

    /// The earliest time at which a frame is due again, when no answer comes before.
    package var dueAt: Int64? {
        guard isConnected else { return nil }
        let soonest = outstanding.lazy.map(\.dueAt).min()
        return soonest.map { max($0, pausedUntil) }
    }

    /// The connection is up: everything unacknowledged is due now, and when more than a window full waits, what is stored after
    /// `durable` goes beside it.
    package mutating func connected(durable: UInt64) {
        isConnected = true
        pausedUntil = .min
        refusals = 0
        makeAllDue()
        if durable > max(frontier, liveFrontier ?? 0) + UInt64(limit) { liveFrontier = durable }
    }

    /// The connection is down: answers to what was sent will not come.
    package mutating func disconnected() {
        isConnected = false
        for index in outstanding.indices { outstanding[index].token = nil }
    }

    /// A collector has said that it is here: everything unacknowledged is due now.
    package mutating func greeted() {
        makeAllDue()
    }

    /// The frames at these positions that were sent and are not safe yet.
    package func outstanding(in positions: ClosedRange<UInt64>) -> [SentFrame] {
        outstanding.lazy.map(\.frame).filter { positions.contains($0.position) }
    }

    /// Whether the frame at this position went ahead of the backlog.
    package func isAhead(_ position: UInt64) -> Bool { ahead.contains(position) }

    /// Whether the frame at a position that the backlog has come to went ahead of it, and need not be sent again.
    package mutating func wentAhead(_ position: UInt64) -> Bool {
        guard let range = ahead.ranges.first(where: { $0.contains(position) }) else { return false }
        advance(to: range.upperBound)
        return true
    }

    /// A frame was handed to the connection.
    ///
    /// `course`: nil when it went again.
    /// `token`: what `answered` will name it by.
    /// `jitter`: 0 to 1; spreads the resends of many agents over half the time-out.
    package mutating func sent(
        _ frame: SentFrame, on course: Course?, token: UInt64, at now: Int64, jitter: Double
    ) {
        if let index = outstanding.firstIndex(where: { $0.position == frame.position }) {
            outstanding[index].attempts += 1
            outstanding[index].token = token
            outstanding[index].dueAt = deadline(after: now, attempts: outstanding[index].attempts, jitter: jitter)
            return
        }
        let place = outstanding.lastIndex { $0.position < frame.position }.map { $0 + 1 } ?? 0
        outstanding.insert(
            Outstanding(
                frame: frame, token: token, dueAt: deadline(after: now, attempts: 1, jitter: jitter), attempts: 1),
            at: place)
        pass(frame.position, on: course)
    }

    /// Nothing through `position` is left to send on this course.
    private mutating func pass(_ position: UInt64, on course: Course?) {
        switch course {
        case nil: break
        case .backlog: advance(to: position)
        case .live:
            guard let liveFrontier, position > liveFrontier else { return }
            ahead.insert((liveFrontier + 1)...position)
            self.liveFrontier = position
        }
    }

    private mutating func advance(to position: UInt64) {
        guard position > frontier else { return }
        frontier = position
        while let next = ahead.ranges.first, next.lowerBound <= frontier + 1 {
            frontier = max(frontier, next.upperBound)
            ahead = ahead.subtracting(IntervalSet([next]))
        }
        if let liveFrontier, liveFrontier <= frontier { self.liveFrontier = nil }
    }

    /// What the broker's answer means for this class.
    package enum Answer: Hashable, Sendable {
        /// The broker took it.
        case accepted
        /// The broker refused it; nothing of this class is sent for a while. `permanent` when retrying will not help unless
        /// somebody changes the broker's configuration.
        case refused(reason: UInt8, permanent: Bool)
        /// An answer to nothing that is outstanding.
        case unexpected
    }

    /// The broker answered with a reason code of MQTT 5 (section 3.4.2.1): from 0x80 on it is a refusal.
    package mutating func answered(token: UInt64, reason: UInt8, at now: Int64) -> Answer {
        guard let index = outstanding.firstIndex(where: { $0.token == token }) else { return .unexpected }
        outstanding[index].token = nil
        guard reason >= 0x80 else {
            refusals = 0
            if authority == .broker { outstanding.remove(at: index) }
            return .accepted
        }
        refusals += 1
        outstanding[index].dueAt = now
        let pause = min(timing.longest, 1_000_000_000 << Int64(min(refusals - 1, 6)))
        pausedUntil = now + pause
        // Not authorised, topic name invalid, payload format invalid, packet too large.
        return .refused(reason: reason, permanent: [0x87, 0x90, 0x99, 0x95].contains(reason))
    }

    /// The collector keeps what `acknowledgement` covers. Has no effect for another stream or under the broker's authority.
    ///
    /// An archive in another life that lacks what it had before was restored from a copy: everything that the log holds goes again.
    package mutating func acknowledged(_ acknowledgement: Acknowledgement) {
        guard authority == .collector, acknowledgement.stream.install == install,
            acknowledgement.stream.priority == priority
        else { return }
        let epoch = acknowledgement.stream.epoch
        if generation != acknowledgement.generation {
            generation = acknowledgement.generation
            if let kept = kept[epoch], !acknowledgement.covers(all: kept) { rewind() }
        }
        outstanding.removeAll { sent in
            guard sent.frame.epoch == epoch, acknowledgement.covers(sent.frame.sequence) else { return false }
            kept[epoch, default: IntervalSet()].insert(sent.frame.sequence)
            return true
        }
    }

    /// The collector asks for these frames of an epoch: those under way are due now. When it has had some of them before, it has lost
    /// them, and everything that the log holds goes again.
    package mutating func asked(for ranges: [ClosedRange<UInt64>], of epoch: UInt64) {
        let asked = IntervalSet(ranges)
        if let kept = kept[epoch], kept.subtracting(asked) != kept { return rewind() }
        for index in outstanding.indices
        where outstanding[index].frame.epoch == epoch && asked.contains(outstanding[index].frame.sequence) {
            outstanding[index].dueAt = .min
        }
    }

    /// Begins again with the first frame that was not released.
    package mutating func rewind() {
        frontier = released
        outstanding = []
        ahead = IntervalSet()
        liveFrontier = nil
        kept = [:]
    }

    /// The log may release everything through the position returned. Nil when nothing has become safe.
    package mutating func takeReleasable() -> UInt64? {
        let safe = min(frontier, outstanding.first.map { $0.position - 1 } ?? .max)
        guard safe > released else { return nil }
        released = safe
        forgetKept()
        return safe
    }

    /// Drops what is released from `kept`.
    private mutating func forgetKept() {
        if let first = outstanding.first?.frame {
            kept = kept.filter { $0.key >= first.epoch }
            let behind = IntervalSet(first.sequence > 1 ? [1...(first.sequence - 1)] : [])
            kept[first.epoch] = kept[first.epoch]?.subtracting(behind)
        } else if ahead.isEmpty {
            kept = [:]
        }
    }

    /// The log no longer holds anything through `position`: it was evicted.
    package mutating func forgot(through position: UInt64) {
        outstanding.removeAll { $0.position <= position }
        advance(to: position)
    }

    /// The frames at these positions will never be sent: damaged, or refused for good. They count as safe, so that they are
    /// released in their turn, after the frames before them.
    ///
    /// `course`: nil when they were sent before.
    package mutating func gaveUp(_ positions: ClosedRange<UInt64>, on course: Course?) {
        outstanding.removeAll { positions.contains($0.position) }
        pass(positions.upperBound, on: course)
    }

    private mutating func makeAllDue() {
        for index in outstanding.indices {
            outstanding[index].dueAt = .min
            outstanding[index].attempts = 0
        }
    }

    private func deadline(after now: Int64, attempts: Int, jitter: Double) -> Int64 {
        let doubled = timing.first << Int64(min(max(attempts - 1, 0), 8))
        let base = min(timing.longest, max(timing.first, doubled))
        return now + base + Int64(Double(base) * 0.5 * jitter)
    }
}
