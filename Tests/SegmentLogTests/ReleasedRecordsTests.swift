import SegmentLog
import TestSupport
import Testing

@Suite("What a log has let go of and the disk still has")
struct ReleasedRecordsTests {
    /// Everything that can still be read of a lane, released or not.
    private func held(
        _ log: inout SegmentedLog<FaultyFileSystem>, _ lane: Lane, after position: UInt64? = nil
    ) throws -> [Contents.Record] {
        var reader = log.reader(of: lane)
        reader.seek(after: Position(position ?? log.firstHeld(lane).number - 1))
        var payload: [UInt8] = []
        var records: [Contents.Record] = []
        while let entry = try log.nextHeld(&reader, into: &payload) {
            records.append(.init(position: entry.position, payload: payload))
        }
        return records
    }

    /// Appends records of 1000 bytes, three to a segment; each is its number.
    private func append(_ numbers: ClosedRange<Int>, _ log: inout SegmentedLog<FaultyFileSystem>) throws {
        for number in numbers { try log.append(payload(number, count: 1000).span.bytes, to: Lane(1)) }
        try log.synchronize()
    }

    @Test("can be read again until its room is needed, in order and whole, and is no part of what waits")
    func course() throws {
        let files = FaultyFileSystem()
        var log = try open(files, .small(segments: 12))
        #expect(try held(&log, Lane(1)).isEmpty && log.firstHeld(Lane(1)) == Position(1))
        var last = 0
        for _ in 0..<30 {
            try append((last + 1)...(last + 5), &log)
            last += 5
            log.release(through: Position(UInt64(last)), in: Lane(1))
            let records = try held(&log, Lane(1))
            let first = try #require(records.first?.position.number)
            #expect(first == log.firstHeld(Lane(1)).number)
            #expect(records.map(\.position.number) == Array(first...UInt64(last)), "without a gap to the last")
            for record in records { #expect(record.payload == payload(Int(record.position.number), count: 1000)) }
            #expect(try drain(&log, Lane(1)).records.isEmpty && log.statistics.lanes[1].pending == 0)
        }
        #expect(try held(&log, Lane(1)).count > 20, "most of the budget, not the last segment alone")
        #expect(try held(&log, Lane(1), after: UInt64(last - 3)).count == 3, "from wherever one is asked to begin")
    }

    @Test("what waits is read along with it, what is not durable is not")
    func mixed() throws {
        var log = try open(FaultyFileSystem(), .small(segments: 12))
        try append(1...12, &log)
        log.release(through: Position(9), in: Lane(1))
        try log.append(payload(13, count: 1000).span.bytes, to: Lane(1))
        #expect(try held(&log, Lane(1)).map(\.position.number) == Array(1...12))
        #expect(try drain(&log, Lane(1)).records.map(\.position.number) == [10, 11, 12])
    }

    @Test("is passed over where it is damaged")
    func damaged() throws {
        let files = FaultyFileSystem()
        var log = try open(files, .small(segments: 12))
        try append(1...20, &log)
        log.release(through: Position(20), in: Lane(1))
        let whole = payload(9, count: 1000)
        for path in files.paths where path.hasSuffix(".segment") {
            guard let bytes = files.contents(path) else { continue }
            for start in stride(from: 0, through: bytes.count - whole.count, by: 8)
            where bytes[start..<start + whole.count].elementsEqual(whole) { files.flipBit((start + 500) * 8, of: path) }
        }
        #expect(try held(&log, Lane(1)).map(\.position.number) == Array(1...8) + Array(10...20))
    }

    @Test("another lane takes its room, and another start knows of its last segment at the most")
    func otherLane() throws {
        let files = FaultyFileSystem()
        var log = try open(files, .small(segments: 12))
        try append(1...20, &log)
        log.release(through: Position(20), in: Lane(1))
        let before = try held(&log, Lane(1)).count
        for number in 0..<20 { try log.append(payload(number, count: 1000).span.bytes, to: Lane(0)) }
        try log.synchronize()
        let after = try held(&log, Lane(1))
        #expect(after.count < before && after.last?.position == Position(20))
        for record in after { #expect(record.payload == payload(Int(record.position.number), count: 1000)) }
        try log.close()
        log = try open(files, .small(segments: 12))
        #expect(try held(&log, Lane(1)).count <= 3)
    }
}
