import Telemetry

/// Numbers each pair of series and value type densely, and counts its samples.
///
/// Lanes outlive the batch that made them: an agent sends the same series frame after frame, and then neither the table
/// nor its order changes.
struct LaneTable: Sendable {
    private static let empty = UInt32.max
    /// Tables smaller than this are never thrown away.
    private static let keptCount = 4096

    /// By lane: series id and value type, ordered as columns are.
    private(set) var keys: [UInt64] = []
    /// By lane: samples in the batch.
    private(set) var counts: [Int] = []
    /// Lanes by ascending key.
    private(set) var order: [UInt32] = []
    /// By lane: the lane whose sample came after its last one. Sources give their series in the same order again and again.
    private var followers: [UInt32] = []
    private var last = 0
    /// Open addressing with linear probing, at most half full.
    private var table: [UInt32] = Array(repeating: empty, count: 64)

    /// The lane of `series` and `kind`, with one more sample.
    @inline(__always)
    mutating func count(series: SeriesID, kind: ValueKind) -> UInt32 {
        let key = UInt64(series.rawValue) << 2 | UInt64(kind.rawValue)
        if last < followers.count {
            let follower = followers[last]
            if keys[Int(follower)] == key {
                counts[Int(follower)] += 1
                last = Int(follower)
                return follower
            }
        }
        let lane = search(key)
        if last < followers.count { followers[last] = lane }
        last = Int(lane)
        return lane
    }

    private mutating func search(_ key: UInt64) -> UInt32 {
        var place = Self.place(of: key, in: table.count)
        while true {
            let lane = table[place]
            if lane == Self.empty { return insert(key) }
            if keys[Int(lane)] == key {
                counts[Int(lane)] += 1
                return lane
            }
            place = (place + 1) & (table.count - 1)
        }
    }

    static func series(of key: UInt64) -> UInt32 { UInt32(truncatingIfNeeded: key >> 2) }

    static func kind(of key: UInt64) -> ValueKind { ValueKind(rawValue: UInt8(key & 3)) ?? .double }

    /// Forgets the samples; forgets the lanes too when most of many were idle.
    mutating func removeCounts() {
        if keys.count > Self.keptCount, counts.count(where: { $0 > 0 }) < keys.count / 4 {
            self = LaneTable()
            return
        }
        for lane in counts.indices { counts[lane] = 0 }
    }

    private mutating func insert(_ key: UInt64) -> UInt32 {
        let lane = UInt32(keys.count)
        keys.append(key)
        counts.append(1)
        followers.append(lane)
        var low = 0
        var high = order.count
        while low < high {
            let middle = (low + high) / 2
            if keys[Int(order[middle])] < key { low = middle + 1 } else { high = middle }
        }
        order.insert(lane, at: low)
        if keys.count * 2 > table.count {
            table = Array(repeating: Self.empty, count: table.count * 2)
            for lane in keys.indices { place(UInt32(lane)) }
        } else {
            place(lane)
        }
        return lane
    }

    private mutating func place(_ lane: UInt32) {
        var place = Self.place(of: keys[Int(lane)], in: table.count)
        while table[place] != Self.empty { place = (place + 1) & (table.count - 1) }
        table[place] = lane
    }

    /// Fibonacci hashing (Knuth, TAOCP 3, section 6.4): the high bits of the product; `size` is a power of two.
    private static func place(of key: UInt64, in size: Int) -> Int {
        Int(truncatingIfNeeded: (key &* 0x9E37_79B9_7F4A_7C15) >> 32) & (size - 1)
    }
}
