/// Counts of consecutive buckets, of which at most `limit` are kept, counted down from the highest one in use.
///
/// Whatever falls below is added to the lowest kept bucket. The kept window depends on the highest index alone, so the
/// result does not depend on the order of insertions, nor on how they were spread over merged stores.
struct BucketStore: Sendable {
    /// The index of `counts[0]`. Leading zeros are slack for growth; the last count is above zero.
    private(set) var first = 0
    var counts: [Int] = []
    let limit: Int
    /// Whether the lowest bucket holds values from below it.
    private(set) var isCollapsed = false

    /// How many empty buckets are laid out below a new lowest one, so that a drift downwards seldom moves the counts.
    private static let slack = 32

    init(limit: Int) { self.limit = limit }

    var isEmpty: Bool { counts.isEmpty }

    /// The buckets from the lowest to the highest in use.
    var used: (first: Int, counts: ArraySlice<Int>) {
        let leading = counts.firstIndex { $0 > 0 } ?? 0
        return (first + leading, counts[leading...])
    }

    /// How many values are held.
    var count: Int {
        var total = 0
        for offset in 0..<counts.count { total += counts[offset] }
        return total
    }

    /// The highest bucket in use; nil in an empty store.
    var lastIndex: Int? { counts.isEmpty ? nil : first + counts.count - 1 }

    @inline(__always)
    mutating func add(_ index: Int, count: Int = 1) {
        let offset = index &- first
        if offset >= 0, offset < counts.count {
            counts[offset] &+= count
        } else {
            addOutside(index, count: count)
        }
    }

    @inline(never)
    private mutating func addOutside(_ index: Int, count: Int) {
        if counts.isEmpty {
            first = index
            counts.append(count)
        } else if index < first {
            let floor = first + counts.count - limit
            let kept = max(index, floor)
            if index < floor { isCollapsed = true }
            if kept < first {
                let start = max(floor, kept - BucketStore.slack)
                counts.insert(contentsOf: repeatElement(0, count: first - start), at: 0)
                first = start
            }
            counts[kept - first] += count
        } else {
            makeRoom(upTo: index)
            counts[index - first] += count
        }
    }

    /// Extends the window upwards; what drops out at the bottom goes into the new lowest bucket.
    private mutating func makeRoom(upTo index: Int) {
        let excess = index - first + 1 - limit
        if excess > 0 {
            let dropped = min(excess, counts.count)
            let collapsed = counts[..<dropped].reduce(0, +)
            counts.removeFirst(dropped)
            first += excess
            if collapsed > 0 {
                isCollapsed = true
                if counts.isEmpty { counts.append(0) }
                counts[0] += collapsed
            }
        }
        counts.append(contentsOf: repeatElement(0, count: index - first + 1 - counts.count))
    }

    /// The bucket of the value with a rank (from 1) counted up from the lowest; nil past the last value.
    func bucket(ofRank rank: Int) -> (index: Int, isOpen: Bool)? {
        var left = rank
        var isOpen = isCollapsed
        for offset in 0..<counts.count {
            left -= counts[offset]
            if left <= 0 { return (first + offset, isOpen) }
            if counts[offset] > 0 { isOpen = false }
        }
        return nil
    }

    mutating func merge(_ other: BucketStore) {
        let (start, added) = other.used
        if start >= first, start + added.count <= first + counts.count {
            for (offset, count) in zip((start - first)..., added) { counts[offset] &+= count }
            isCollapsed = isCollapsed || other.isCollapsed
            return
        }
        // From the top: the window then stands where it will be in the end.
        for (offset, count) in zip(added.indices.reversed(), added.reversed()) where count > 0 {
            add(start + offset - added.startIndex, count: count)
        }
        isCollapsed = isCollapsed || other.isCollapsed
    }

    /// A store as it was written down: counts whose first and last are above zero.
    init(limit: Int, first: Int, counts: [Int], isCollapsed: Bool) {
        self.limit = limit
        self.first = first
        self.counts = counts
        self.isCollapsed = isCollapsed
    }
}

extension BucketStore: Equatable {
    static func == (a: BucketStore, b: BucketStore) -> Bool {
        let (left, right) = (a.used, b.used)
        return a.limit == b.limit && a.isCollapsed == b.isCollapsed && a.isEmpty == b.isEmpty
            && (a.isEmpty || left.first == right.first) && left.counts == right.counts
    }
}
