import Aggregation
import Connection
import Storage
import Telemetry

/// What is on record of consent, boot by boot.
enum ConsentRecords {
    private static let started = "agent.start"
    private static let changes = [ConsentChange.grantedName, ConsentChange.withdrawnName]

    /// The accounts of boxes at these sites that ever had a rule of consent; nil `sites`: all.
    static func accounts(
        of sites: Set<Identifier>?, _ store: some Store, _ boots: [BootKey: BootClock]
    ) throws(StoreError) -> [ConsentAccount] {
        let records = try store.events(named: [ConsentRecord.eventName]).filter { isOf(sites, $0) }
        guard !records.isEmpty else { return [] }
        let agents = Set(records.map { Agent($0) })
        let others = try store.events(named: [started] + changes).filter { agents.contains(Agent($0)) }
        var entries: [BootKey: [ConsentAccount.Entry]] = [:]
        for stored in records + others {
            guard let content = content(stored.event) else { continue }
            entries[stored.clock.boot, default: []].append(entry(stored, boots, content))
        }
        var accounts = entries.map { ConsentAccount(boot: $0.key, entries: $0.value) }.sorted { $0.boot < $1.boot }
        // What stood when a boot ended stood no longer when the next began, which says anew what does.
        for index in accounts.indices {
            guard let last = accounts[index].entries.last?.wall else { continue }
            let boot = accounts[index].boot
            accounts[index].end = accounts.lazy.filter {
                $0.boot != boot && $0.boot.site == boot.site && $0.boot.agent == boot.agent
            }.compactMap { $0.entries.first?.wall }.filter { $0 > last }.min()
        }
        return accounts
    }

    /// What was put on record in a period; what has no known time is counted.
    static func counts(
        of sites: Set<Identifier>?, _ store: some Store, _ boots: [BootKey: BootClock], in period: Summary.Period
    ) throws(StoreError) -> ConsentCounts {
        var counts = ConsentCounts()
        for stored in try store.events(named: changes + [ConsentRecord.suppressedName]) {
            guard isOf(sites, stored), stored.source != .collector else { continue }
            if let time = wall(stored, boots), time < period.from || time > period.to { continue }
            switch stored.event.name {
            case ConsentChange.grantedName: counts.grants += 1
            case ConsentChange.withdrawnName: counts.withdrawals += 1
            default:
                guard case .integer(let count)? = stored.event["count"], count > 0 else { continue }
                counts.suppressed &+= UInt64(count)
            }
        }
        return counts
    }

    private struct Agent: Hashable {
        let site: Identifier
        let agent: Identifier

        init(_ stored: StoredEvent) {
            site = stored.site
            agent = stored.source
        }
    }

    private static func isOf(_ sites: Set<Identifier>?, _ stored: StoredEvent) -> Bool {
        sites?.contains(stored.site) ?? true
    }

    private static func content(_ event: Event) -> ConsentAccount.Entry.Content? {
        if event.name == started { return .start(rules: [], granted: []) }
        if let record = ConsentRecord(event) { return .start(rules: record.rules, granted: Set(record.granted)) }
        return ConsentChange(event).map { .change(subject: $0.subject, isGrant: $0.isGrant) }
    }

    private static func entry(
        _ stored: StoredEvent, _ boots: [BootKey: BootClock], _ content: ConsentAccount.Entry.Content
    ) -> ConsentAccount.Entry {
        ConsentAccount.Entry(
            sinceBoot: stored.clock.elapsed(at: stored.event.timestamp), wall: wall(stored, boots),
            recorded: stored.clock.sinceBoot, content)
    }

    /// Nil when the time is not known.
    private static func wall(_ stored: StoredEvent, _ boots: [BootKey: BootClock]) -> Timestamp? {
        let boot = boots[stored.clock.boot]
        guard stored.clock.isTimeKnown(by: boot) else { return nil }
        return Timestamp(nanoseconds: stored.clock.elapsed(at: stored.event.timestamp))
            .advanced(byNanoseconds: stored.clock.placedOffset(by: boot))
    }
}
