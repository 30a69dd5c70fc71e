import Telemetry

/// How often, and when first, a level was on the dangerous side for long enough.
///
/// An episode lasts from the first sample beyond the threshold to the last one before a sample that is not. Silence
/// ends no episode: a level that was dangerous is taken to stay so until a sample says otherwise.
struct Exceedance: Hashable, Sendable {
    /// An unbroken row of samples beyond the threshold, nanoseconds.
    struct Episode: Hashable {
        var first: Int64
        var last: Int64
    }

    private let lasting: Int64
    /// The row with which the samples begin, if they do; the only one if `isUnbroken`.
    private var head: Episode?
    /// The row with which the samples end, if they do and it is not the head.
    private var tail: Episode?
    /// Whether no sample was on the safe side.
    private var isUnbroken = true
    private var isEmpty = true
    /// Episodes that lasted long enough, with a safe sample before and after them.
    private var enclosed = 0
    private var firstEnclosed: Int64?
    private var lastEnclosed: Episode?

    /// - Parameter lasting: how long an episode must last to count, nanoseconds.
    init(lasting: Int64) { self.lasting = lasting }

    /// The next sample, in the order of time.
    mutating func append(_ time: Int64, isBeyond: Bool) {
        isEmpty = false
        guard isBeyond else {
            if isUnbroken { isUnbroken = false } else { close() }
            return
        }
        if isUnbroken {
            head = Episode(first: head?.first ?? time, last: time)
        } else {
            tail = Episode(first: tail?.first ?? time, last: time)
        }
    }

    /// Turns the tail, which a safe sample follows, into an enclosed episode if it lasted.
    private mutating func close() {
        if let tail, lasts(tail) {
            enclosed += 1
            firstEnclosed = min(firstEnclosed ?? tail.first, tail.first)
            lastEnclosed = tail
        }
        tail = nil
    }

    private func lasts(_ episode: Episode) -> Bool { episode.last - episode.first >= lasting }

    /// All episodes that lasted long enough.
    var count: Int { enclosed + [head, tail].count { $0.map(lasts) ?? false } }

    /// The last of them.
    var latest: Episode? {
        [isUnbroken ? nil : tail, lastEnclosed, head].compactMap(\.self).first(where: lasts)
    }

    /// The one that no safe sample has ended, however long it is.
    private var current: Episode? { isUnbroken ? head : tail }

    /// Whether the level counts as dangerous at `time`, that of the latest sample: in an episode that lasted long enough, and as long again after
    /// it, with what began in that time and still goes on. What was over once is not dangerous again until another lasts.
    func isStanding(at time: Int64) -> Bool {
        guard let latest else { return false }
        guard let current else { return time - latest.last < lasting }
        return current.first - latest.last <= lasting
    }

    /// When the first of them began.
    var first: Timestamp? {
        let edges = [head, tail].compactMap { episode in episode.flatMap { lasts($0) ? $0.first : nil } }
        return ([firstEnclosed].compactMap(\.self) + edges).min().map(Timestamp.init(nanoseconds:))
    }
}

extension Exceedance: Mergeable {
    mutating func merge(_ later: Exceedance) {
        if later.isEmpty { return }
        if isEmpty {
            self = later
            return
        }
        if let joining = later.head {
            if isUnbroken {
                head = head.map { Episode(first: $0.first, last: joining.last) }
            } else {
                tail = Episode(first: tail?.first ?? joining.first, last: joining.last)
            }
        }
        if later.isUnbroken { return }
        if isUnbroken { isUnbroken = false } else { close() }
        enclosed += later.enclosed
        if let other = later.firstEnclosed { firstEnclosed = min(firstEnclosed ?? other, other) }
        lastEnclosed = later.lastEnclosed ?? lastEnclosed
        tail = later.tail
    }
}
