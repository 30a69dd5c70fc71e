/// One of a log's ordered chains of records. Lane 0 holds what must not be lost: it has segments in reserve and is
/// never evicted. Of the others the highest is evicted first.
package struct Lane: Hashable, Comparable, Sendable {
    /// How many lanes the format has room for.
    package static let maximumCount = 8
    /// 0 to 7.
    package let index: Int

    /// - Precondition: `index` is in 0..<8.
    package init(_ index: Int) {
        precondition((0..<Self.maximumCount).contains(index), "a log has lanes 0 to 7")
        self.index = index
    }

    package static func < (left: Lane, right: Lane) -> Bool { left.index < right.index }
}

/// The number of a record within its lane; the first is 1.
///
/// Positions rise strictly. They may jump after a crash, so a missing number alone is not a loss: losses are reported
/// as such. A position that was once durable never names other bytes, whatever happens between.
package struct Position: Hashable, Comparable, Sendable {
    /// The record number; 0 stands before the first record.
    package let number: UInt64

    /// The position with this number.
    package init(_ number: UInt64) { self.number = number }

    /// Before the first record.
    package static let start = Position(0)

    package static func < (left: Position, right: Position) -> Bool { left.number < right.number }
}

/// Where a record's bytes are: for an index that leads straight to a record.
///
/// Valid while the segment exists. What ``SegmentedLog/append(_:to:usingReserve:)`` tells is final once the record is
/// durable; see ``Relocation``.
package struct Location: Hashable, Comparable, Sendable {
    /// The segment's number, never given twice in one log.
    package let segment: UInt64
    /// Bytes from the beginning of the segment file to the record's header.
    package let offset: UInt32

    /// A location kept in an index.
    package init(segment: UInt64, offset: UInt32) {
        self.segment = segment
        self.offset = offset
    }

    package static func < (left: Location, right: Location) -> Bool {
        (left.segment, left.offset) < (right.segment, right.offset)
    }
}

/// A record's number and place.
package struct Entry: Hashable, Sendable {
    package let position: Position
    package let location: Location
}

/// One position for each lane.
package struct LanePositions: Hashable, Sendable {
    private var numbers: InlineArray<8, UInt64> = .init(repeating: 0)

    /// All lanes at ``Position/start``.
    package init() {}

    /// The lane's position.
    package subscript(lane: Lane) -> Position {
        get { Position(numbers[lane.index]) }
        set { numbers[lane.index] = newValue.number }
    }

    package static func == (left: LanePositions, right: LanePositions) -> Bool {
        left.numbers.indices.allSatisfy { left.numbers[$0] == right.numbers[$0] }
    }

    package func hash(into hasher: inout Hasher) {
        for index in numbers.indices { hasher.combine(numbers[index]) }
    }

    init(decoding bytes: RawSpan, at offset: Int) {
        for index in numbers.indices { numbers[index] = bytes.integer(at: offset + 8 * index) }
    }

    func encode(into bytes: inout [UInt8], at offset: Int) {
        for index in numbers.indices { bytes.store(numbers[index], at: offset + 8 * index) }
    }

    /// Whether no lane is beyond the numbers that a log can reach.
    var arePlausible: Bool { numbers.indices.allSatisfy { numbers[$0] <= SegmentHeader.greatestNumber } }

    /// Raises each lane to `other` where that is higher.
    mutating func raise(to other: LanePositions) {
        for index in numbers.indices { numbers[index] = max(numbers[index], other.numbers[index]) }
    }
}
