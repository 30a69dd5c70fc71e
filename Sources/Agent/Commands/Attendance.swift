import Delivery
import Platform
import Telemetry

/// What an agent keeps for those who ask from afar: their requests, what it has to say to them, and what they may want to know.
struct Attendance {
    /// What is being emptied.
    struct Drain {
        let request: OperatorRequest
        /// The last position of each class when it was asked for; nil until what was open then is stored.
        var goals: [UInt64]?
        var whole: UInt64 = 0
        var told: UInt64?
        var nextWord: Int64 = 0
        let stop: Bool
    }

    /// Frames that are sent again for a person.
    struct Resending {
        let request: OperatorRequest
        var nextWord: Int64 = 0
    }

    var desk: CommandDesk
    /// Requests that are on their way to the disk.
    var recording: [(request: OperatorRequest, reply: Mailbox<ControlAnswer>)] = []
    var drains: [Drain] = []
    var resends: [Resending] = []
    /// Answers that the connection has not taken.
    var unsaid: [Answer] = []
    var connections = ConnectionHistory()
    var pulse = PulseRhythm()
    /// `CLOCK_MONOTONIC` and the wall clock at the start.
    let started: Int64
    let startedAt: Timestamp
    let recent: RecentLog
    var complaints: ComplaintLimit

    /// How often is told how far something has come, nanoseconds.
    static let wordInterval: Int64 = 2_000_000_000
    static let mostUnsaid = 16

    init(at now: Int64, _ wall: Timestamp, _ recent: RecentLog) {
        desk = CommandDesk(at: now)
        complaints = ComplaintLimit(at: now)
        started = now
        startedAt = wall
        self.recent = recent
    }

    /// Whether there is something to look at.
    var isIdle: Bool { recording.isEmpty && drains.isEmpty && resends.isEmpty && unsaid.isEmpty }
}

/// How much is logged of messages that cannot be read: ten at once, and one more each second. A flood of them must not fill the log.
struct ComplaintLimit: Hashable {
    private static let burst: Int64 = 10
    private static let interval: Int64 = 1_000_000_000
    private var credit = burst
    private var refilled: Int64
    private var silent = 0

    init(at now: Int64) { refilled = now }

    /// Nil where nothing is to be said; else how many went without a word before.
    mutating func admit(at now: Int64) -> Int? {
        let earned = (now - refilled) / Self.interval
        credit = min(Self.burst, credit + earned)
        refilled += earned * Self.interval
        guard credit > 0 else {
            silent += 1
            return nil
        }
        credit -= 1
        defer { silent = 0 }
        return silent
    }
}

/// When the broker was there, and why it was not: the last few changes.
struct ConnectionHistory {
    struct Change: Hashable {
        let time: Timestamp
        /// Nil for a connection.
        let reason: String?
    }

    private(set) var changes: [Change] = []
    static let most = 16

    /// Also what the client's log leaves out: each attempt for the same reason is one change.
    mutating func note(_ reason: String?, at time: Timestamp) {
        if let reason, changes.last?.reason == reason { return }
        changes.append(Change(time: time, reason: reason))
        if changes.count > Self.most { changes.removeFirst() }
    }
}

/// When a pulse goes out: at a connection and shortly after, once a minute, and more often while the spool holds more than passes through it
/// in good times.
///
/// It is asked at the ticks that the engine has anyway, so that no box wakes for it.
struct PulseRhythm: Hashable {
    /// What makes a pulse worth sending sooner.
    struct Mark: Hashable {
        var pending: UInt64
        var evicted: UInt64
        var isSynchronised: Bool
    }

    static let slow: Int64 = 60_000_000_000
    static let fast: Int64 = 5_000_000_000
    /// Frames: a send window.
    static let much: UInt64 = 64

    private var last: Int64?
    private var mark: Mark?
    /// The first on a connection tells what has waited for it, and the second what is left of that.
    private var isSettled = false

    /// The connection is new.
    mutating func restart() { (last, isSettled) = (nil, false) }

    /// None has gone out on this connection.
    var isNew: Bool { last == nil }

    /// Whether one is due at `now`, `CLOCK_MONOTONIC`.
    func isDue(_ new: Mark, at now: Int64) -> Bool {
        guard let last, let mark else { return true }
        if now - last >= Self.slow { return true }
        guard now - last >= Self.fast else { return false }
        return !isSettled || new.pending > Self.much || mark.pending > Self.much || new.evicted != mark.evicted
            || new.isSynchronised != mark.isSynchronised
    }

    mutating func sent(_ new: Mark, at now: Int64) {
        isSettled = last != nil
        (last, mark) = (now, new)
    }
}
