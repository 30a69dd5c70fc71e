import SegmentLog
import Testing
import TestSupport

/// What must be true of a log, kept beside it.
struct LogModel {
    struct LaneModel {
        /// Every record that may still be delivered.
        var records: [UInt64: [UInt8]] = [:]
        var durable: UInt64 = 0
        /// Asked to be released or evicted; a crash may undo it.
        var released: UInt64 = 0
        var highest: UInt64 = 0
        /// Never durable, damaged by a crash, and followed by something that survived: said to be lost at each start.
        var torn: Set<UInt64> = []
    }

    var lanes: [LaneModel]

    init(laneCount: Int) { lanes = Array(repeating: LaneModel(), count: laneCount) }

    mutating func appended(_ payload: [UInt8], at position: Position, to lane: Int) {
        #expect(position.number > lanes[lane].highest, "positions rise")
        lanes[lane].records[position.number] = payload
        lanes[lane].highest = position.number
    }

    mutating func synchronized(_ durable: LanePositions) {
        for index in lanes.indices {
            let position = durable[Lane(index)].number
            #expect(position >= lanes[index].durable, "what is durable stays durable")
            lanes[index].durable = max(position, lanes[index].durable)
        }
    }

    mutating func released(_ position: UInt64, _ lane: Int) {
        lanes[lane].released = max(lanes[lane].released, min(position, lanes[lane].durable))
    }

    /// Checks what a freshly opened log delivers, and takes it over.
    ///
    /// `losing` are positions the test itself destroyed, per lane.
    mutating func check<Files: FileSystem>(
        _ log: inout SegmentedLog<Files>, losing destroyed: [Set<UInt64>]? = nil, note: String = ""
    ) throws(LogError) {
        for index in lanes.indices {
            let contents = try drain(&log, Lane(index))
            let model = lanes[index]
            let destroyed = destroyed?[index] ?? []
            let positions = contents.records.map(\.position.number)
            #expect(zip(positions, positions.dropFirst()).allSatisfy { $0 < $1 }, "in order, once")
            for record in contents.records where model.records[record.position.number] != record.payload {
                Issue.record(
                    "lane \(index) delivers \(record.payload.prefix(8)) at \(record.position.number), not \(model.records[record.position.number]?.prefix(8) ?? []) \(note)"
                )
            }
            let delivered = Set(positions)
            let owed = model.records.keys.filter { $0 > model.released && $0 <= model.durable }
            let missing = Set(owed).subtracting(delivered).subtracting(destroyed)
            #expect(missing.isEmpty, "lane \(index) lost \(missing.sorted()) \(note)")
            let lost = contents.lost.flatMap { $0.lowerBound.number...$0.upperBound.number }
            #expect(Set(lost).isDisjoint(with: delivered))
            let falselyLost = lost.filter {
                $0 <= model.durable && !destroyed.contains($0) && !model.torn.contains($0)
            }
            #expect(falselyLost.isEmpty, "lane \(index) declares \(falselyLost) lost \(note)")
            let unannounced = destroyed.filter { $0 > model.released && owed.contains($0) && !delivered.contains($0) }
                .subtracting(lost)
            #expect(unannounced.isEmpty, "lane \(index) is silent about \(unannounced)")
            lanes[index].records = lanes[index].records.filter { delivered.contains($0.key) }
            lanes[index].torn.formUnion(lost)
            lanes[index].durable = log.durable(Lane(index)).number
            lanes[index].released = log.released(Lane(index)).number
            lanes[index].highest = max(lanes[index].durable, positions.last ?? 0)
        }
    }
}

struct Contents: Equatable {
    struct Record: Equatable {
        var position: Position
        var payload: [UInt8]
    }
    var records: [Record] = []
    var lost: [ClosedRange<Position>] = []
}

/// Reads a lane from where it is released to its end.
func drain<Files: FileSystem>(
    _ log: inout SegmentedLog<Files>, _ lane: Lane, including visibility: Visibility = .durable
) throws(LogError) -> Contents {
    var contents = Contents()
    var reader = log.reader(of: lane)
    var payload: [UInt8] = []
    while true {
        switch try log.next(&reader, into: &payload, including: visibility) {
        case .record(let entry): contents.records.append(.init(position: entry.position, payload: payload))
        case .lost(let range): contents.lost.append(range)
        case .end: return contents
        }
    }
}

/// Bytes that tell where they came from.
func payload(_ tag: Int, count: Int) -> [UInt8] {
    (0..<count).map { UInt8(truncatingIfNeeded: tag &* 31 &+ $0 &* 7 &+ $0 >> 8) }
}

let directory = "/log"

extension LogOptions {
    /// Two lanes in as little room as possible: a segment of 8 KiB has room for one section, of 16 KiB for two.
    static func small(segments: Int = 6, lanes: Int = 2, reserve: Int = 1, size: Int = 8192) -> LogOptions {
        LogOptions(
            laneCount: lanes, segmentSize: size, capacity: .budget(bytes: segments * size + 8192, reserve: reserve))
    }
}

func open(_ files: FaultyFileSystem, _ options: LogOptions = .small()) throws(LogError) -> SegmentedLog<
    FaultyFileSystem
> {
    try SegmentedLog(directory: directory, options: options, files: files)
}
