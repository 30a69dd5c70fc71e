/// Finds what a user most likely meant by a misspelt name.
enum Suggestion {
    /// The nearest of `candidates`: at most two edits away (one for names of up to three letters), ignoring case, or
    /// one
    /// name beginning with the other. Nil when nothing is near.
    static func nearest(to name: String, among candidates: [String]) -> String? {
        let wanted = Array(name.lowercased().unicodeScalars.prefix(longestName))
        var best: (candidate: String, distance: Int)?
        for candidate in candidates {
            let other = Array(candidate.lowercased().unicodeScalars)
            let allowed = min(2, other.count <= 3 ? 1 : 2)
            // The distance is never below the difference in length.
            let isNearInLength = abs(wanted.count - other.count) <= allowed
            var distance = isNearInLength ? editDistance(wanted, other) : allowed + 1
            if distance > allowed {
                let (shorter, longer) = wanted.count < other.count ? (wanted, other) : (other, wanted)
                guard shorter.count >= 3, longer.starts(with: shorter) else { continue }
                distance = allowed + 1
            }
            if best.map({ distance < $0.distance }) ?? true { best = (candidate, distance) }
        }
        return best?.candidate
    }

    /// `; did you mean 'every'?`, or all valid names, to be put behind a message.
    static func advice(for name: String, among candidates: [String], noun: String) -> String {
        if let nearest = nearest(to: name, among: candidates) { return "; did you mean '\(nearest)'?" }
        switch candidates.count {
        case 0: return "; there are no \(noun)s here, remove it"
        case 1: return "; the only \(noun) is '\(candidates[0])'"
        default: return "; the \(noun)s are \(candidates.joined(separator: ", "))"
        }
    }

    private static let longestName = 128

    /// The optimal string alignment distance: insertions, deletions, substitutions and swaps of neighbours each cost 1
    /// (F. J. Damerau, "A technique for computer detection and correction of spelling errors", CACM 7, 1964).
    static func editDistance(_ left: [Unicode.Scalar], _ right: [Unicode.Scalar]) -> Int {
        guard !left.isEmpty, !right.isEmpty else { return max(left.count, right.count) }
        var beforeLast: [Int] = []
        var last = Array(0...right.count)
        for i in 1...left.count {
            var row = [i] + Array(repeating: 0, count: right.count)
            for j in 1...right.count {
                let substitution = last[j - 1] + (left[i - 1] == right[j - 1] ? 0 : 1)
                row[j] = min(last[j] + 1, row[j - 1] + 1, substitution)
                if i > 1, j > 1, left[i - 1] == right[j - 2], left[i - 2] == right[j - 1] {
                    row[j] = min(row[j], beforeLast[j - 2] + 1)
                }
            }
            (beforeLast, last) = (last, row)
        }
        return last[right.count]
    }
}
