/// What is remembered of each disk, interface or core, found by the bytes of its name.
///
/// The kernel lists them in the same order every time, so looking first where the last one was found makes it one
/// comparison each.
struct NamedRows<Row> {
    private struct Entry {
        let name: [UInt8]
        var row: Row
        var seen: Int
    }

    private var entries: [Entry] = []
    private var next = 0
    private var reading = 0

    /// Begins a new reading and forgets rows that have not come for a while, if they have become many: containers come
    /// and go with their interfaces.
    mutating func begin() {
        reading += 1
        next = 0
        if entries.count > 64, reading % 256 == 0 {
            let oldest = reading - 256
            entries.removeAll { $0.seen < oldest }
        }
    }

    /// Changes the row of a name, making it first if the name is new.
    mutating func update<Result>(
        _ name: UnsafeRawBufferPointer, make: (String) -> Row, _ body: (inout Row) -> Result
    ) -> Result {
        let index = index(of: name) ?? append(name, make(name.text))
        next = index + 1
        entries[index].seen = reading
        return body(&entries[index].row)
    }

    private func index(of name: UnsafeRawBufferPointer) -> Int? {
        if next < entries.count, name.isEqual(entries[next].name) { return next }
        return entries.firstIndex { name.isEqual($0.name) }
    }

    private mutating func append(_ name: UnsafeRawBufferPointer, _ row: Row) -> Int {
        entries.append(Entry(name: Array(name), row: row, seen: reading))
        return entries.count - 1
    }
}
