/// A set of whole numbers kept as disjoint, ascending, non-adjacent closed ranges.
///
/// Frames arrive almost in order, so a stream of millions of sequence numbers is a handful of ranges. Insertion at the
/// end is O(1); elsewhere O(log n) to find and O(n) to move, n being the number of holes.
package struct IntervalSet: Hashable, Sendable {
    /// The ranges, ascending, with at least one number missing between two neighbours.
    package private(set) var ranges: [ClosedRange<UInt64>]

    package init() { ranges = [] }

    /// The union of `ranges`, which may overlap and come in any order.
    package init(_ ranges: some Sequence<ClosedRange<UInt64>>) {
        self.ranges = []
        for range in ranges { insert(range) }
    }

    package var isEmpty: Bool { ranges.isEmpty }

    /// How many numbers the set holds; saturates at `UInt64.max`.
    package var count: UInt64 {
        ranges.reduce(0) { total, range in
            let (size, wrapped) = (range.upperBound - range.lowerBound).addingReportingOverflow(1)
            let (sum, overflow) = total.addingReportingOverflow(size)
            return wrapped || overflow ? .max : sum
        }
    }

    package var greatest: UInt64? { ranges.last?.upperBound }

    package func contains(_ number: UInt64) -> Bool {
        let index = firstRange(endingAtOrAfter: number)
        return index < ranges.count && ranges[index].lowerBound <= number
    }

    /// Adds `number`; false when the set had it already.
    @discardableResult
    package mutating func insert(_ number: UInt64) -> Bool {
        if contains(number) { return false }
        insert(number...number)
        return true
    }

    package mutating func insert(_ range: ClosedRange<UInt64>) {
        // Ranges that overlap or touch the new one are merged with it; `first..<last` are their indices.
        let first = firstRange(endingAtOrAfter: range.lowerBound == 0 ? 0 : range.lowerBound - 1)
        let reach = range.upperBound == .max ? .max : range.upperBound + 1
        var last = first
        var merged = range
        while last < ranges.count, ranges[last].lowerBound <= reach {
            merged =
                min(merged.lowerBound, ranges[last].lowerBound)...max(merged.upperBound, ranges[last].upperBound)
            last += 1
        }
        ranges.replaceSubrange(first..<last, with: CollectionOfOne(merged))
    }

    package mutating func formUnion(_ other: IntervalSet) {
        for range in other.ranges { insert(range) }
    }

    /// The numbers of this set that `other` lacks.
    package func subtracting(_ other: IntervalSet) -> IntervalSet {
        var result = IntervalSet()
        for range in ranges {
            for gap in other.gaps(in: range) { result.ranges.append(gap) }
        }
        return result
    }

    /// The ranges within `bounds` that the set lacks, ascending.
    package func gaps(in bounds: ClosedRange<UInt64>) -> [ClosedRange<UInt64>] {
        var gaps: [ClosedRange<UInt64>] = []
        var next = bounds.lowerBound
        for range in ranges[firstRange(endingAtOrAfter: bounds.lowerBound)...] {
            if range.lowerBound > bounds.upperBound { break }
            if range.lowerBound > next { gaps.append(next...(range.lowerBound - 1)) }
            if range.upperBound >= bounds.upperBound { return gaps }
            next = range.upperBound + 1
        }
        gaps.append(next...bounds.upperBound)
        return gaps
    }

    /// The greatest n such that the set holds every number from 1 to n; 0 when it lacks 1.
    package var through: UInt64 {
        guard let first = ranges.first, first.lowerBound <= 1 else { return 0 }
        return first.upperBound
    }

    private func firstRange(endingAtOrAfter number: UInt64) -> Int {
        if let last = ranges.last, last.upperBound < number { return ranges.count }
        var low = 0
        var high = ranges.count
        while low < high {
            let middle = (low + high) / 2
            if ranges[middle].upperBound < number { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
