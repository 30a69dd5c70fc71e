import Aggregation

/// How one run ended, or several that share a place in a drawing, and whether their data are whole.
struct RunBand: Hashable {
    enum Ending: Hashable {
        case success
        /// Any other outcome, or none.
        case other
        /// None of them counts.
        case excluded
    }

    /// How many of the counted runs did not succeed, of 1; 0 or 1 for a single run.
    let otherShare: Double
    let ending: Ending
    /// Whether samples of one of them are missing or lost, or it breaks a rule of completeness.
    let hasHoles: Bool

    /// - Parameter runs: one or more.
    init(_ runs: some Collection<Summary.LedgerEntry>) {
        let counted = runs.filter { $0.excluded == nil }
        let others = counted.count { !$0.isSuccess }
        otherShare = counted.isEmpty ? 0 : Double(others) / Double(counted.count)
        ending = counted.isEmpty ? .excluded : others > 0 ? .other : .success
        hasHoles = runs.contains { $0.completeness?.isWhole == false }
    }
}

extension Summary.LedgerEntry {
    /// Whether it ended as it should, and nothing went wrong on the way.
    var isSuccess: Bool { outcome == "success" && failureMode == nil }
}

extension Summary.RunCompleteness {
    fileprivate var isWhole: Bool { lost == 0 && missing == 0 && missingFrames == 0 && broken.isEmpty }
}
