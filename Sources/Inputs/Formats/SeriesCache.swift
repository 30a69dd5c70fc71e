import Telemetry

/// Remembers which series the fields of a record belong to, by the very bytes the sender wrote.
///
/// Senders repeat themselves: with the bytes that all fields of a record share as the head (of a line its measurement
/// and tags), a record that was seen before costs one hash, one comparison and no allocation. All of it lies in flat
/// arrays that are emptied when they reach their limit, so a sender that never repeats itself costs time, not memory.
struct SeriesCache {
    /// A field whose series is known.
    struct Entry {
        let series: SeriesID
        let isState: Bool
        fileprivate let key: Range<Int>
        /// The field that was registered next for the same head; -1 for none.
        fileprivate var next: Int
    }

    private struct Head {
        let hash: UInt64
        let key: Range<Int>
        var first = -1
    }

    private let maximumEntries: Int
    private let seed = UInt64.random(in: .min ... .max)
    /// The bytes of all keys, one after another.
    private var keys: [UInt8] = []
    private var heads: [Head] = []
    private var entries: [Entry] = []
    /// Open addressing over `heads`; -1 is free. The count is a power of two and at least twice that of `heads`.
    private var slots: [Int] = Array(repeating: -1, count: 64)

    init(maximumEntries: Int = 65_536) { self.maximumEntries = maximumEntries }

    var count: Int { entries.count }

    /// The number of a head that was seen before.
    func head(_ bytes: UnsafeRawBufferPointer) -> Int? {
        let hash = hash(bytes)
        var slot = Int(truncatingIfNeeded: hash) & (slots.count - 1)
        while slots[slot] >= 0 {
            let candidate = heads[slots[slot]]
            if candidate.hash == hash, isEqual(candidate.key, bytes) { return slots[slot] }
            slot = (slot + 1) & (slots.count - 1)
        }
        return nil
    }

    /// The entry of a field under a head.
    ///
    /// - Parameters:
    ///   - head: the head's number.
    ///   - field: the key as it was sent.
    ///   - cursor: where to look first, `nil` at a record's first field; moves on behind the entry found, because
    ///     fields mostly come in the order in which they came before.
    /// - Returns: nil when the field was not seen before.
    func entry(head: Int, field: UnsafeRawBufferPointer, cursor: inout Int?) -> Entry? {
        var index = cursor ?? heads[head].first
        var remainsToWrap = true
        while true {
            if index < 0 {
                guard remainsToWrap else { return nil }
                remainsToWrap = false
                index = heads[head].first
                if index < 0 { return nil }
            }
            let entry = entries[index]
            if isEqual(entry.key, field) {
                cursor = entry.next
                return entry
            }
            index = entry.next
        }
    }

    /// The bytes of a head that was seen before.
    func bytes(ofHead number: Int) -> ArraySlice<UInt8> { keys[heads[number].key] }

    /// Remembers that a field under a head is of `series`.
    mutating func insert(
        head bytes: UnsafeRawBufferPointer, field: UnsafeRawBufferPointer, series: SeriesID, isState: Bool
    ) {
        if entries.count >= maximumEntries || keys.count > maximumEntries * 256 { removeAll() }
        let number = head(bytes) ?? insertHead(bytes)
        let added = entries.count
        entries.append(Entry(series: series, isState: isState, key: store(field), next: -1))
        var last = heads[number].first
        guard last >= 0 else {
            heads[number].first = added
            return
        }
        while entries[last].next >= 0 { last = entries[last].next }
        entries[last].next = added
    }

    private mutating func insertHead(_ bytes: UnsafeRawBufferPointer) -> Int {
        heads.append(Head(hash: hash(bytes), key: store(bytes)))
        if heads.count * 2 > slots.count {
            slots = Array(repeating: -1, count: slots.count * 2)
            for number in heads.indices.dropLast() { place(number) }
        }
        place(heads.count - 1)
        return heads.count - 1
    }

    private mutating func place(_ number: Int) {
        var slot = Int(truncatingIfNeeded: heads[number].hash) & (slots.count - 1)
        while slots[slot] >= 0 { slot = (slot + 1) & (slots.count - 1) }
        slots[slot] = number
    }

    private mutating func store(_ bytes: UnsafeRawBufferPointer) -> Range<Int> {
        let start = keys.count
        keys.append(contentsOf: bytes)
        return start..<keys.count
    }

    private mutating func removeAll() {
        keys.removeAll(keepingCapacity: false)
        heads.removeAll(keepingCapacity: false)
        entries.removeAll(keepingCapacity: false)
        slots = Array(repeating: -1, count: 64)
    }

    private func isEqual(_ key: Range<Int>, _ bytes: UnsafeRawBufferPointer) -> Bool {
        guard key.count == bytes.count else { return false }
        return keys.withUnsafeBytes { keys in
            UnsafeRawBufferPointer(rebasing: keys[key]).elementsEqual(bytes)
        }
    }

    /// Mixes eight bytes at a time with a folded multiplication. The seed differs from process to process, so that
    /// nobody can prepare colliding lines; equality is decided by the bytes, never by the hash.
    private func hash(_ bytes: UnsafeRawBufferPointer) -> UInt64 {
        var state = seed ^ UInt64(truncatingIfNeeded: bytes.count)
        var index = 0
        while index + 8 <= bytes.count {
            state = Self.fold(state ^ bytes.loadUnaligned(fromByteOffset: index, as: UInt64.self))
            index += 8
        }
        var tail: UInt64 = 0
        while index < bytes.count {
            tail = tail << 8 | UInt64(bytes[index])
            index += 1
        }
        return Self.fold(state ^ tail)
    }

    private static func fold(_ value: UInt64) -> UInt64 {
        let (high, low) = value.multipliedFullWidth(by: 0x9E37_79B9_7F4A_7C15)
        return high ^ low
    }
}
