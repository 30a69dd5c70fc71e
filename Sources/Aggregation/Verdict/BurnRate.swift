import Scenarios
import Telemetry

/// How fast a budget of affected runs is used up, looked at whenever a run ends.
///
/// The burn rate of a window is the share of its runs that are affected, over the budget: at 1 the budget just lasts. A rule
/// holds when both its windows burn at its factor or more; an episode begins when any rule begins to hold, and lasts until none does.
/// Source: Beyer et al., The Site Reliability Workbook (2018), chapter 5.
struct BurnRate {
    struct Run: Hashable {
        let end: Timestamp
        let isAffected: Bool
    }

    let budget: Double
    let rules: [SafetyRule.BurnRule]

    /// How many episodes there were, and when the first began.
    func episodes(in runs: [Run]) -> (count: Int, first: Timestamp?) {
        let begins = changes(in: runs).filter(\.isBurning).map(\.time)
        return (begins.count, begins.first)
    }

    /// Whether an episode goes on after the last run.
    func isBurning(after runs: [Run]) -> Bool { burningSince(after: runs) != nil }

    /// When the episode began that goes on after the last run; nil when none does.
    func burningSince(after runs: [Run]) -> Timestamp? {
        changes(in: runs).last.flatMap { $0.isBurning ? $0.time : nil }
    }

    private func changes(in runs: [Run]) -> [(time: Timestamp, isBurning: Bool)] {
        let runs = runs.sorted { ($0.end, $0.isAffected ? 1 : 0) < ($1.end, $1.isAffected ? 1 : 0) }
        var windows = rules.map { (long: Window(length: $0.long), short: Window(length: $0.short)) }
        var changes: [(time: Timestamp, isBurning: Bool)] = []
        var wasBurning = false
        for (index, run) in runs.enumerated() {
            var isBurning = false
            for (place, rule) in rules.enumerated() {
                windows[place].long.advance(to: index, of: runs)
                windows[place].short.advance(to: index, of: runs)
                let least = rule.factor * budget
                if windows[place].long.share >= least, windows[place].short.share >= least { isBurning = true }
            }
            if isBurning != wasBurning { changes.append((run.end, isBurning)) }
            wasBurning = isBurning
        }
        return changes
    }

    /// The runs that ended within some time before the latest one, that one included.
    private struct Window {
        let length: Int64
        private var first = 0
        private var count = 0
        private var affected = 0

        init(length: Int64) { self.length = length }

        var share: Double { count == 0 ? 0 : Double(affected) / Double(count) }

        mutating func advance(to last: Int, of runs: [Run]) {
            count += 1
            if runs[last].isAffected { affected += 1 }
            while runs[last].end.nanoseconds(since: runs[first].end) >= length {
                count -= 1
                if runs[first].isAffected { affected -= 1 }
                first += 1
            }
        }
    }
}
