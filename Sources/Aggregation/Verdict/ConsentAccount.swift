package import Telemetry

/// What one box put on record of consent during one boot.
package struct ConsentAccount: Hashable, Sendable {
    /// Something that changes what may be kept.
    package struct Entry: Hashable, Sendable {
        package enum Content: Hashable, Sendable {
            /// The agent started; without rules nothing needs consent.
            case start(rules: [ConsentRecord.Rule], granted: Set<String>)
            case change(subject: String, isGrant: Bool)
        }

        /// By the boot clock, nanoseconds.
        package let sinceBoot: Int64
        /// The same by the wall clock; nil when that is not known.
        package let wall: Timestamp?
        /// When its frame was made, by the boot clock; not before it unless somebody gave it a time to come.
        package let recorded: Int64
        package let content: Content

        /// `recorded`: nil for when it was.
        package init(sinceBoot: Int64, wall: Timestamp?, recorded: Int64? = nil, _ content: Content) {
            self.sinceBoot = sinceBoot
            self.wall = wall
            self.recorded = recorded ?? sinceBoot
            self.content = content
        }
    }

    package let boot: BootKey
    /// In the order in which they hold; of one time, a start without rules before one with.
    ///
    /// A grant holds from its own time, and a withdrawal from when it was recorded, if that is later: until then an agent keeps what it takes in, and
    /// whoever knows how a run ended must not be able to say afterwards that nobody was allowed to look.
    package let entries: [Entry]
    /// When the agent's next boot began to be known; nil where none did.
    package var end: Timestamp?
    /// Everybody of whom the box ever knew that they consented.
    let subjects: Set<String>

    package init(boot: BootKey, entries: [Entry]) {
        self.boot = boot
        var grants: [String: [Int64]] = [:]
        for case (let time, .change(let subject, isGrant: true)) in entries.map({ ($0.sinceBoot, $0.content) }) {
            grants[subject, default: []].append(time)
        }
        let held = entries.compactMap { entry -> Entry? in
            guard case .change(let subject, isGrant: false) = entry.content, entry.recorded > entry.sinceBoot else {
                return entry
            }
            // Given again for a time before the withdrawal was recorded: there is nothing left that it could hold for.
            let isGivenAgain = grants[subject]?.contains { entry.sinceBoot < $0 && $0 <= entry.recorded }
            return isGivenAgain == true ? nil : entry.asRecorded
        }
        self.entries = held.sorted { ($0.sinceBoot, $0.rank) < ($1.sinceBoot, $1.rank) }
        subjects = entries.reduce(into: []) { subjects, entry in
            switch entry.content {
            case .start(_, let granted): subjects.formUnion(granted)
            case .change(let subject, _): subjects.insert(subject)
            }
        }
    }

    /// A stretch of a run in which what stands does not change.
    struct Stretch {
        /// Nanoseconds since 1970, as the run has it.
        var times: Range<Int64>
        let rules: [ConsentRecord.Rule]
        let granted: Set<String>
    }

    /// What stood in a run's window, as far as it can be told: of a clock that cannot be compared with the run's nothing can.
    func stretches(in window: Range<Int64>, _ place: (Entry) -> Int64?) -> [Stretch] {
        var stretches: [Stretch] = []
        var open: Stretch?
        func close(at time: Int64) {
            guard let last = open else { return }
            let (from, to) = (max(last.times.lowerBound, window.lowerBound), min(time, window.upperBound))
            if from < to { stretches.append(Stretch(times: from..<to, rules: last.rules, granted: last.granted)) }
        }
        let times = entries.compactMap(place)
        // What stands follows from all of them.
        guard times.count == entries.count else { return [] }
        for (entry, time) in zip(entries, times) {
            close(at: time)
            switch entry.content {
            case .start(let rules, let granted):
                open = rules.isEmpty ? nil : Stretch(times: time..<time, rules: rules, granted: granted)
            case .change(let subject, let isGrant):
                guard let last = open else { continue }
                var granted = last.granted
                if isGrant { granted.insert(subject) } else { granted.remove(subject) }
                open = Stretch(times: time..<time, rules: last.rules, granted: granted)
            }
        }
        close(at: end.map(\.nanoseconds) ?? .max)
        return stretches
    }
}

extension ConsentAccount.Entry {
    /// At the time at which it was recorded.
    fileprivate var asRecorded: Self {
        let (late, overflow) = recorded.subtractingReportingOverflow(sinceBoot)
        return Self(sinceBoot: recorded, wall: overflow ? nil : wall?.advanced(byNanoseconds: late), content)
    }

    fileprivate var rank: Int {
        switch content {
        case .start(let rules, _): rules.isEmpty ? 0 : 1
        case .change: 2
        }
    }
}

/// Stretches of time that do not touch, ascending; nanoseconds.
struct TimeRanges: Hashable, Sendable {
    private(set) var ranges: [Range<Int64>] = []

    init() {}

    /// The union of these.
    init(_ parts: [Range<Int64>]) {
        for part in parts.sorted(by: { $0.lowerBound < $1.lowerBound }) where !part.isEmpty {
            if let last = ranges.last, part.lowerBound <= last.upperBound {
                ranges[ranges.count - 1] = last.lowerBound..<max(last.upperBound, part.upperBound)
            } else {
                ranges.append(part)
            }
        }
    }

    var isEmpty: Bool { ranges.isEmpty }

    /// Nanoseconds.
    var length: Int64 { ranges.reduce(0) { $0 + ($1.upperBound - $1.lowerBound) } }

    /// The part that holds a time, or that ends last before it; nil where there is none.
    func latest(at time: Int64) -> Range<Int64>? { ranges.last { $0.lowerBound <= time } }

    func covers(_ range: Range<Int64>) -> Bool {
        ranges.contains { $0.lowerBound <= range.lowerBound && range.upperBound <= $0.upperBound }
    }

    /// How much of a stretch they take, nanoseconds.
    func overlap(with range: Range<Int64>) -> Int64 {
        ranges.reduce(0) { sum, part in
            let common = part.clamped(to: range)
            return sum + (common.upperBound - common.lowerBound)
        }
    }

    /// The longest part of a stretch that they leave, nanoseconds.
    func longestRest(of range: Range<Int64>) -> Int64 {
        var longest: Int64 = 0
        var begin = range.lowerBound
        for part in ranges where part.overlaps(range) {
            longest = max(longest, part.lowerBound - begin)
            begin = max(begin, part.upperBound)
        }
        return max(longest, range.upperBound - begin)
    }
}
