/// The word that is most likely meant: at most two letters off (inserted, left out, changed or swapped), and less than half of it.
///
/// The first of equals; nil when none is close.
func closest(to word: String, among candidates: [String]) -> String? {
    var best: (distance: Int, candidate: String)?
    for candidate in candidates {
        let distance = editDistance(Array(word.utf8), Array(candidate.utf8))
        let bare = candidate.utf8.drop { $0 == UInt8(ascii: "-") }.count
        guard distance <= 2, distance * 2 < bare + 1, distance < best?.distance ?? .max else { continue }
        best = (distance, candidate)
    }
    return best?.candidate
}

/// Optimal string alignment distance: the Levenshtein distance, with a swap of neighbours as one step (Damerau, 1964).
private func editDistance(_ left: [UInt8], _ right: [UInt8]) -> Int {
    // A word of any length costs no more than a long name.
    guard abs(left.count - right.count) <= 2 else { return .max / 2 }
    var rows = [Array(0...right.count)]
    for row in 0..<left.count {
        var next = [row + 1]
        for column in 0..<right.count {
            let change = rows[row][column] + (left[row] == right[column] ? 0 : 1)
            var least = min(change, rows[row][column + 1] + 1, next[column] + 1)
            if row > 0, column > 0, left[row] == right[column - 1], left[row - 1] == right[column] {
                least = min(least, rows[row - 1][column - 1] + 1)
            }
            next.append(least)
        }
        rows.append(next)
    }
    return rows[left.count][right.count]
}
