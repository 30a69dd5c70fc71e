/// Values under small numbers; two of these are joined number by number.
///
/// An ascending list instead of a hash table, since the frames of a stream have nearly the same series each time.
struct Slots<Value: Mergeable> {
    typealias Element = (slot: Int, value: Value)

    /// Ascending by slot, each slot once.
    private(set) var elements: [Element] = []

    var isEmpty: Bool { elements.isEmpty }

    /// Joins `value` to what the slot holds already.
    ///
    /// `room`: how many slots there will be, as far as that is known.
    mutating func merge(_ value: Value, at slot: Int, room: Int = 0) {
        if let last = elements.last, last.slot >= slot {
            let place = elements.firstIndex { $0.slot >= slot } ?? elements.count
            if elements[place].slot == slot {
                elements[place].value.merge(value)
            } else {
                elements.insert((slot, value), at: place)
            }
        } else {
            if elements.isEmpty {
                elements.reserveCapacity(room)
            } else if elements.count == 1, room == 0 {
                // Where there are two, there tend to be many.
                elements.reserveCapacity(16)
            }
            elements.append((slot, value))
        }
    }
}

extension Slots: Mergeable {
    mutating func merge(_ later: Slots) {
        if later.isEmpty { return }
        if elements.elementsEqual(later.elements, by: { $0.slot == $1.slot }) {
            for index in elements.indices { elements[index].value.merge(later.elements[index].value) }
            return
        }
        var joined: [Element] = []
        joined.reserveCapacity(elements.count + later.elements.count)
        var (mine, others) = (elements[...], later.elements[...])
        while let left = mine.first, let right = others.first {
            if left.slot <= right.slot { joined.append(mine.removeFirst()) }
            if left.slot == right.slot {
                joined[joined.count - 1].value.merge(right.value)
                others.removeFirst()
            } else if right.slot < left.slot {
                joined.append(others.removeFirst())
            }
        }
        elements = joined + mine + others
    }
}

extension Slots: Sendable where Value: Sendable {}
