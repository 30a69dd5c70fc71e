import Telemetry

/// Whose consent stands, and since when. Who is not known has not consented.
///
/// A sample may be kept when consent stands now and stood when the sample was taken: so neither a sample that comes late nor one that waits
/// slips through, and a clock that is set back opens nothing.
struct ConsentStandings: Sendable {
    /// From `from`, included, to `to`, excluded; nil while it goes on.
    struct Window: Hashable, Sendable {
        var from: Timestamp
        var to: Timestamp?

        func contains(_ time: Timestamp) -> Bool { time >= from && to.map { time < $0 } ?? true }
    }

    private struct Standing: Sendable {
        /// In the order of time, at most ``ConsentStandings/mostWindows``; only the last can be open.
        var windows: [Window] = []

        var isGranted: Bool { windows.last.map { $0.to == nil } ?? false }
    }

    /// Older windows are forgotten: what comes that late is not kept.
    private static let mostWindows = 16

    /// By slot: subjects that series and events have asked for, and such as have consented.
    private var standings: [Standing] = []
    private var slots: [String: Int] = [:]

    /// A number for a subject, for ``allows(_:at:)``.
    mutating func slot(of subject: String) -> Int {
        if let known = slots[subject] { return known }
        slots[subject] = standings.count
        standings.append(Standing())
        return standings.count - 1
    }

    func isGranted(slot: Int) -> Bool { standings[slot].isGranted }

    func isGranted(_ subject: String) -> Bool { slots[subject].map { standings[$0].isGranted } ?? false }

    /// Whether something taken at `time` may be kept.
    func allows(_ slot: Int, at time: Timestamp) -> Bool {
        guard let last = standings[slot].windows.last, last.to == nil else { return false }
        return time >= last.from || hadConsent(slot, at: time)
    }

    /// Whether consent stood at `time`, as far as that is known now.
    func hadConsent(_ slot: Int, at time: Timestamp) -> Bool { standings[slot].windows.contains { $0.contains(time) } }

    /// Consent stands from `time` on. Nothing changes where it stands already.
    mutating func grant(_ subject: String, from time: Timestamp) {
        let slot = slot(of: subject)
        guard !standings[slot].isGranted else { return }
        // A clock that was set back since the last change makes times before it mean nothing.
        if let end = standings[slot].windows.last?.to, time < end { standings[slot].windows.removeAll() }
        standings[slot].windows.append(Window(from: time))
        if standings[slot].windows.count > Self.mostWindows { standings[slot].windows.removeFirst() }
    }

    /// Consent ends at `time`: what was taken then or later is not to be kept. Also where it has ended later already.
    mutating func withdraw(_ subject: String, from time: Timestamp) {
        let slot = slot(of: subject)
        while let last = standings[slot].windows.last, last.from >= time { standings[slot].windows.removeLast() }
        guard let last = standings[slot].windows.last, last.to.map({ $0 > time }) ?? true else { return }
        standings[slot].windows[standings[slot].windows.count - 1].to = time
    }

    /// The wall clock was stepped to `time`. Consent that began later by the clock before it stands, from now on.
    mutating func clockStepped(to time: Timestamp) {
        for slot in standings.indices {
            guard let last = standings[slot].windows.last, last.to == nil, last.from > time else { continue }
            standings[slot].windows = [Window(from: time)]
        }
    }

    /// Whose consent stands, and since when; sorted.
    var granted: [(subject: String, since: Timestamp)] {
        slots.compactMap { subject, slot in
            guard let last = standings[slot].windows.last, last.to == nil else { return nil }
            return (subject, last.from)
        }.sorted { $0.subject < $1.subject }
    }
}
