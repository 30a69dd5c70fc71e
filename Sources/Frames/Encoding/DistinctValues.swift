/// The few values that a series takes, ascending, and for each sample which one it is.
struct DistinctValues {
    static let limit = 256
    private static let tableSize = 1024
    private static let vacant = UInt16.max

    /// By rank after `rank(_:into:)`.
    private(set) var values: [Int64] = []
    /// Open addressing over `values` by hash.
    private var table: [UInt16] = []
    private var order: [UInt16] = []
    private var ranks: [UInt16] = []

    init() {}

    /// Finds what values there are in `integers`, and writes the rank of each integer's to `ranked`.
    ///
    /// - Returns: false as soon as there are more than `greatestCount` of them, itself at most `limit`.
    mutating func rank(
        _ integers: UnsafeBufferPointer<Int64>, into ranked: UnsafeMutableBufferPointer<Int64>, greatestCount: Int
    ) -> Bool {
        values.removeAll(keepingCapacity: true)
        table.removeAll(keepingCapacity: true)
        table.append(contentsOf: repeatElement(Self.vacant, count: Self.tableSize))
        for index in integers.indices {
            guard let place = place(of: integers[index], greatestCount: greatestCount) else { return false }
            ranked[index] = Int64(place)
        }
        sort()
        for index in ranked.indices { ranked[index] = Int64(ranks[Int(ranked[index])]) }
        return true
    }

    private mutating func place(of value: Int64, greatestCount: Int) -> UInt16? {
        // Fibonacci hashing, as in `LaneTable`.
        var slot = Int(truncatingIfNeeded: (UInt64(bitPattern: value) &* 0x9E37_79B9_7F4A_7C15) >> 54)
        while true {
            let place = table[slot]
            if place == Self.vacant { break }
            if values[Int(place)] == value { return place }
            slot = (slot + 1) & (Self.tableSize - 1)
        }
        guard values.count < min(greatestCount, Self.limit) else { return nil }
        let place = UInt16(values.count)
        values.append(value)
        table[slot] = place
        return place
    }

    /// Insertion sort of places by their values: they are few, and it needs no memory.
    private mutating func sort() {
        order.removeAll(keepingCapacity: true)
        ranks.removeAll(keepingCapacity: true)
        for place in values.indices {
            let value = values[place]
            order.append(UInt16(place))
            ranks.append(0)
            var position = place
            while position > 0, values[Int(order[position - 1])] > value {
                order[position] = order[position - 1]
                position -= 1
            }
            order[position] = UInt16(place)
        }
        for (rank, place) in order.enumerated() { ranks[Int(place)] = UInt16(rank) }
        values.sort()
    }
}
