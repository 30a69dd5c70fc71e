/// Which cells of a group are left out when it is shared.
enum Cells {
    /// Those that stand for fewer than `least` and more than none; and with them the next smallest, as long as what is left out could be
    /// computed from the total: while it is one cell alone, or all together are fewer than `least`.
    ///
    /// `counts`: the cells of one total. Gives their places.
    static func hidden(_ counts: [Int], least: Int) -> Set<Int> {
        var hidden = Set(counts.indices.filter { 0 < counts[$0] && counts[$0] < least })
        guard !hidden.isEmpty else { return [] }
        while hidden.count < 2 || hidden.reduce(0, { $0 + counts[$1] }) < least {
            guard let next = smallest(of: counts, except: hidden) else { break }
            hidden.insert(next)
        }
        return hidden
    }

    /// The place of the smallest cell that is not empty; of an empty one where all are. Of equals the first.
    static func smallest(of counts: [Int], except taken: Set<Int> = []) -> Int? {
        let free = counts.indices.filter { !taken.contains($0) }
        let filled = free.filter { counts[$0] > 0 }
        return (filled.isEmpty ? free : filled).min { (counts[$0], $0) < (counts[$1], $1) }
    }
}
