package import Aggregation
import Frames
package import Scenarios
package import Storage
package import Telemetry

/// The runs of one scenario as the collector follows them: which there are, which are folded, which must be folded again.
package struct RunBook {
    package let entry: ScenarioLibrary.Entry
    private var ledger: RunLedger
    package private(set) var runs: [Run] = []
    package private(set) var aggregates: [RunKey: RunAggregate] = [:]
    private var windows: [RunKey: Range<Timestamp>] = [:]
    private var stale: Set<RunKey> = []
    /// What has happened since the last summary.
    package private(set) var news = News.runs

    /// How soon a summary should follow.
    package enum News: Int, Comparable, Sendable {
        case none
        /// More data of the same runs: only the account of what was delivered is other.
        case data
        /// A run was marked or folded.
        case runs

        package static func < (a: News, b: News) -> Bool { a.rawValue < b.rawValue }
    }

    /// Takes up the scenario where the store has it.
    ///
    package init(_ entry: ScenarioLibrary.Entry, store: some Store, through horizon: Timestamp) throws(StoreError) {
        self.entry = entry
        let definition = entry.definition
        ledger = RunLedger(definition)
        for stored in try store.events(named: [definition.runs.startEvent, definition.runs.stopEvent]) {
            note(stored)
        }
        for (key, stored) in try store.aggregates(scenario: definition.id, digest: entry.digest) {
            // One that another version wrote is folded again.
            guard let aggregate = try? RunAggregate(bytes: stored.bytes) else { continue }
            aggregates[key] = aggregate
            windows[key] = stored.window
        }
        runs = ledger.runs(through: horizon)
    }

    /// Takes in an event; true when it is a marker of this scenario that was not known.
    @discardableResult
    package mutating func note(_ stored: StoredEvent) -> Bool {
        guard let marker = entry.definition.runs.marker(stored.event),
            ledger.insert(RunMarker(marker, site: stored.site, source: stored.source))
        else { return false }
        news = .runs
        return true
    }

    /// Data of `site` that cover `times` have arrived: runs in that time are to be folded again.
    package mutating func note(_ times: ClosedRange<Timestamp>, at site: Identifier) {
        news = max(news, .data)
        for run in runs where run.site == site {
            guard let window = run.window, window.lowerBound <= times.upperBound, times.lowerBound < window.upperBound
            else {
                continue
            }
            stale.insert(RunKey(run))
        }
    }

    /// Whether any marker has been seen.
    package var hasStarted: Bool { !ledger.runs(through: Timestamp(nanoseconds: .min)).isEmpty }

    /// The runs whose aggregate is missing or no longer true.
    package mutating func runsToFold(through horizon: Timestamp) -> [Run] {
        runs = ledger.runs(through: horizon)
        return runs.filter { run in
            guard let window = run.window else { return false }
            let key = RunKey(run)
            return windows[key] != window || stale.contains(key)
        }
    }

    /// What folding a run gave: nil when it cannot be folded; it is then left without until something changes.
    package mutating func folded(_ run: Run, _ aggregate: RunAggregate?) {
        let key = RunKey(run)
        aggregates[key] = aggregate
        windows[key] = run.window
        stale.remove(key)
        news = .runs
    }

    /// Frames of the run have expired: what was folded while they were there stands, if it is of the run as it is marked now.
    package mutating func keep(_ run: Run) {
        let key = RunKey(run)
        folded(run, windows[key] == run.window ? aggregates[key] : nil)
    }

    /// A summary has been made of what there is.
    package mutating func summarised() { news = .none }

    /// What was published may be gone: a broker that starts anew has no retained messages.
    package mutating func unpublished() { news = .runs }
}
