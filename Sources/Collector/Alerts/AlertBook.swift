import Frames
import JSON
import Scenarios
import Telemetry

/// What of one scenario has been told: facts and the time go in, alerts come out.
///
/// A cause is told once when it begins and once when it ends. What began and ended unseen, because its data came late, is told of in both
/// messages at once. A cause that is told is told again only when there was more of it since, so neither late data, nor
/// repetition, nor a restart tells it twice. Pure: reads no clock, keeps nothing on disk.
struct AlertBook: Hashable, Sendable {
    /// An alert that stands.
    struct Raised: Hashable, Sendable {
        let id: String
        let since: Timestamp
        let severity: SafetyRule.Severity
        let subject: String?
    }

    /// What is remembered of one cause.
    struct Entry: Hashable, Sendable {
        /// Nil for none.
        var raised: Raised?
        /// How often there was cause, as far as that was told.
        var told = 0
        /// Messages that the broker has not confirmed, in order.
        var unsent: [[UInt8]] = []

        /// Whether there is anything to remember.
        var isEmpty: Bool { raised == nil && told == 0 && unsent.isEmpty }
    }

    /// More than this many messages of one cause are not kept for a broker that is away: the oldest go.
    static let mostUnsent = 64

    let scenario: Identifier
    /// The digest of the definition whose rules these causes are of; nil before the first look.
    private(set) var digest: String?
    private(set) var entries: [Alert.Cause: Entry] = [:]
    /// Causes whose entry is another than the store has.
    private(set) var changed: Set<Alert.Cause> = []
    private(set) var isDigestChanged = false
    /// Causes with messages that the broker has not confirmed.
    private(set) var waiting: Set<Alert.Cause> = []

    init(_ scenario: Identifier) { self.scenario = scenario }

    /// As it was stored.
    init(_ scenario: Identifier, digest: String?, entries: [Alert.Cause: Entry]) {
        self.scenario = scenario
        self.digest = digest
        self.entries = entries
        waiting = Set(entries.filter { !$0.value.unsent.isEmpty }.keys)
    }

    /// Takes in everything that is known of the scenario's causes now; what is raised and not among `facts` is over.
    ///
    /// What was over before the first look under a definition is not told: it is old, or was told under another.
    ///
    /// - Parameters:
    ///   - facts: each cause once.
    ///   - digest: of the definition.
    ///   - now: the time of the messages.
    /// - Returns: what is to be told, in order. They are kept as unsent too.
    mutating func update(_ facts: [Alert.Fact], under digest: String, at now: Timestamp) -> [Alert] {
        var alerts: [Alert] = []
        let isFirstLook = self.digest != digest
        if isFirstLook {
            for cause in entries.keys.sorted() {
                alerts += clear(cause, nil, at: now)
                change(cause) { $0.told = 0 }
            }
            self.digest = digest
            isDigestChanged = true
        }
        for fact in facts.sorted(by: { $0.cause < $1.cause }) {
            alerts += take(fact, isFirstLook: isFirstLook, at: now)
        }
        let listed = Set(facts.map(\.cause))
        let gone = entries.filter { $0.value.raised != nil && !listed.contains($0.key) }.keys.sorted()
        for cause in gone { alerts += clear(cause, nil, at: now) }
        return alerts
    }

    /// Whether of a cause that is over so many times have been told.
    func isTold(_ cause: Alert.Cause, _ count: Int) -> Bool {
        guard let entry = entries[cause] else { return false }
        return entry.raised == nil && entry.told >= count
    }

    private mutating func take(_ fact: Alert.Fact, isFirstLook: Bool, at now: Timestamp) -> [Alert] {
        let entry = entries[fact.cause] ?? Entry()
        switch fact.standing {
        case .unknown: return []
        case .ongoing:
            defer { tell(fact) }
            return entry.raised == nil ? [raise(fact, at: now)] : []
        case .over:
            defer { tell(fact) }
            guard entry.raised == nil else { return clear(fact.cause, fact, at: now) }
            guard fact.count > entry.told, !isFirstLook else { return [] }
            let raised = raise(fact, at: now)
            return [raised] + clear(fact.cause, fact, at: now)
        }
    }

    /// A silence that is over leaves nothing to remember: the next one is another.
    private mutating func tell(_ fact: Alert.Fact) {
        let told = max(entries[fact.cause]?.told ?? 0, fact.count)
        let isKept = fact.standing == .ongoing || fact.cause.kind.isRemembered
        change(fact.cause) { $0.told = isKept ? told : 0 }
    }

    private mutating func raise(_ fact: Alert.Fact, at now: Timestamp) -> Alert {
        let alert = Alert(Self.id(of: fact), .raised, fact, at: now)
        change(fact.cause) { entry in
            entry.raised = Raised(
                id: alert.id, since: fact.since, severity: fact.severity, subject: fact.subject)
            entry.enqueue(alert)
        }
        return alert
    }

    /// `fact`: nil where nothing is known any more but that it is over.
    private mutating func clear(_ cause: Alert.Cause, _ fact: Alert.Fact?, at now: Timestamp) -> [Alert] {
        guard let entry = entries[cause], let raised = entry.raised else { return [] }
        var fact = fact ?? Alert.Fact(ended: cause, raised.severity, subject: raised.subject)
        fact.since = raised.since
        fact.count = max(fact.count, entry.told)
        let alert = Alert(raised.id, .cleared, fact, at: now)
        change(cause) { entry in
            entry.raised = nil
            entry.enqueue(alert)
            if !cause.kind.isRemembered { entry.told = 0 }
        }
        return [alert]
    }

    /// The broker has confirmed a message.
    mutating func confirmed(_ message: [UInt8], of cause: Alert.Cause) {
        change(cause) { entry in
            if let place = entry.unsent.firstIndex(of: message) { entry.unsent.remove(at: place) }
        }
    }

    /// The store has what changed.
    mutating func stored() {
        changed.removeAll()
        isDigestChanged = false
    }

    private mutating func change(_ cause: Alert.Cause, _ body: (inout Entry) -> Void) {
        let before = entries[cause]
        var entry = before ?? Entry()
        body(&entry)
        entries[cause] = entry.isEmpty ? nil : entry
        if entries[cause] != before { changed.insert(cause) }
        if entry.unsent.isEmpty { waiting.remove(cause) } else { waiting.insert(cause) }
    }

    /// The first 128 bits of the SHA-256 of what began and when: a collector that has lost its store names it alike.
    private static func id(of fact: Alert.Fact) -> String {
        let text = "\(fact.cause.scenario)|\(fact.cause.key)|\(fact.since)"
        return String(FrameDigest(of: Array(text.utf8)).description.prefix(32))
    }
}

extension AlertBook.Entry {
    fileprivate mutating func enqueue(_ alert: Alert) {
        unsent.append(alert.json.compact())
        if unsent.count > AlertBook.mostUnsent { unsent.removeFirst(unsent.count - AlertBook.mostUnsent) }
    }
}
