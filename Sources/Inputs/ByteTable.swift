/// Numbers byte strings in the order in which they first came: a look-up of one that was seen before costs one hash, one comparison and no
/// allocation.
struct ByteTable {
    private let seed = UInt64.random(in: .min ... .max)
    /// The bytes of all strings, one after another.
    private var bytes: [UInt8] = []
    private var entries: [(hash: UInt64, range: Range<Int>)] = []
    /// Open addressing over `entries`; -1 is free. The count is a power of two and at least twice that of `entries`.
    private var slots: [Int] = Array(repeating: -1, count: 64)

    var count: Int { entries.count }

    /// Bytes of all strings together.
    var byteCount: Int { bytes.count }

    /// The number of a string; nil when it is new.
    func number(of key: UnsafeRawBufferPointer) -> Int? {
        let hash = hash(key)
        var slot = Int(truncatingIfNeeded: hash) & (slots.count - 1)
        while slots[slot] >= 0 {
            let entry = entries[slots[slot]]
            if entry.hash == hash, isEqual(entry.range, key) { return slots[slot] }
            slot = (slot + 1) & (slots.count - 1)
        }
        return nil
    }

    /// Gives a string that is new the next number.
    mutating func insert(_ key: UnsafeRawBufferPointer) -> Int {
        let start = bytes.count
        bytes.append(contentsOf: key)
        entries.append((hash(key), start..<bytes.count))
        if entries.count * 2 > slots.count {
            slots = Array(repeating: -1, count: slots.count * 2)
            for number in entries.indices.dropLast() { place(number) }
        }
        place(entries.count - 1)
        return entries.count - 1
    }

    mutating func removeAll() {
        bytes.removeAll()
        entries.removeAll()
        slots = Array(repeating: -1, count: 64)
    }

    private mutating func place(_ number: Int) {
        var slot = Int(truncatingIfNeeded: entries[number].hash) & (slots.count - 1)
        while slots[slot] >= 0 { slot = (slot + 1) & (slots.count - 1) }
        slots[slot] = number
    }

    private func isEqual(_ range: Range<Int>, _ key: UnsafeRawBufferPointer) -> Bool {
        guard range.count == key.count else { return false }
        return bytes.withUnsafeBytes { UnsafeRawBufferPointer(rebasing: $0[range]).elementsEqual(key) }
    }

    /// FNV-1a, begun with a seed that differs from process to process, so that nobody can prepare colliding strings; finished with a folded
    /// multiplication. Equality is decided by the bytes, never by the hash.
    private func hash(_ key: UnsafeRawBufferPointer) -> UInt64 {
        var state = seed
        for byte in key { state = (state ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 }
        let (high, low) = state.multipliedFullWidth(by: 0x9E37_79B9_7F4A_7C15)
        return high ^ low
    }
}
