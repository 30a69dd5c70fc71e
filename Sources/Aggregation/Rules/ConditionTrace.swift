/// Where a sample stands by the clock of its frame.
struct FrameInstant: Hashable, Sendable {
    /// Nanoseconds since the boot.
    var sinceBoot: Int64
    /// From the boot clock to the wall clock, nanoseconds.
    var offset: Int64
    var isSynchronised: Bool
}

/// When a condition began to hold for as long as it must, over the samples of one series in a row of frames.
///
/// A value stands until the next sample: the condition holds from the first sample that meets it to the first that does not, and where there is
/// none, to the last sample. So a state that is told only when it changes can be waited for. What is kept are the beginnings and the row that
/// goes on, not the samples; and two of these are joined without looking at a sample again.
struct ConditionTrace: Hashable, Sendable {
    /// Samples in a row that meet the condition.
    struct Row: Hashable, Sendable {
        var onset: FrameInstant
        /// Up to when it is known to hold, nanoseconds since the boot.
        var until: Int64

        func lasts(_ length: Int64) -> Bool {
            let (held, overflow) = until.subtractingReportingOverflow(onset.sinceBoot)
            return overflow ? until > onset.sinceBoot : held >= length
        }
    }

    /// How long it must hold, nanoseconds.
    let lasting: Int64
    /// When the first sample was taken; nil without samples.
    private(set) var begin: FrameInstant?
    /// The row with which the samples begin, if they do.
    private(set) var head: Row?
    /// Whether no sample has ended the head, or whatever came before the first sample.
    private(set) var isUnbroken = true
    /// Beginnings of rows that lasted, with a sample before them that did not meet the condition.
    private(set) var onsets: [FrameInstant] = []
    /// The row that goes on and is not the head.
    private(set) var tail: Row?

    init(lasting: Int64) { self.lasting = lasting }

    /// What was written; nil where no trace looks so.
    init?(
        lasting: Int64, begin: FrameInstant?, head: Row?, isUnbroken: Bool, onsets: [FrameInstant], tail: Row?
    ) {
        guard begin != nil || head == nil && isUnbroken && onsets.isEmpty && tail == nil,
            !isUnbroken || onsets.isEmpty && tail == nil && (begin == nil) == (head == nil)
        else { return nil }
        self.lasting = lasting
        self.begin = begin
        self.head = head
        self.isUnbroken = isUnbroken
        self.onsets = onsets
        self.tail = tail
    }

    /// The next sample, in the order in which they were taken.
    mutating func append(_ instant: FrameInstant, holds: Bool) {
        let row = holds ? Row(onset: instant, until: instant.sinceBoot) : nil
        merge(ConditionTrace(lasting: lasting, begin: instant, head: row, isUnbroken: holds))
    }

    private init(lasting: Int64, begin: FrameInstant, head: Row?, isUnbroken: Bool) {
        (self.lasting, self.begin, self.head, self.isUnbroken) = (lasting, begin, head, isUnbroken)
    }

    /// Ends the row that goes on, at the sample that does not meet the condition.
    private mutating func close(at time: Int64) {
        if isUnbroken {
            head?.until = time
            isUnbroken = false
        } else if var row = tail {
            row.until = time
            if row.lasts(lasting) { onsets.append(row.onset) }
            tail = nil
        }
    }

    /// The row that goes on.
    private var current: Row? { isUnbroken ? head : tail }

    /// Every beginning, whether the first sample is it, in the order of the samples.
    var beginnings: [(instant: FrameInstant, isFirst: Bool)] {
        let first = head.flatMap { $0.lasts(lasting) ? [($0.onset, true)] : nil } ?? []
        let last = tail.flatMap { $0.lasts(lasting) ? [($0.onset, false)] : nil } ?? []
        return first + onsets.map { ($0, false) } + last
    }

    /// Whether the condition holds at the last sample, and has for as long as it must.
    var isHolding: Bool { current?.lasts(lasting) ?? false }
}

extension ConditionTrace: Mergeable {
    mutating func merge(_ later: ConditionTrace) {
        guard let time = later.begin?.sinceBoot else { return }
        guard begin != nil else {
            self = later
            return
        }
        guard var row = later.head else {
            close(at: time)
            onsets += later.onsets
            tail = later.tail
            return
        }
        if let current { row.onset = current.onset }
        if isUnbroken { head = row } else { tail = row }
        guard !later.isUnbroken else { return }
        close(at: row.until)
        onsets += later.onsets
        tail = later.tail
    }
}
