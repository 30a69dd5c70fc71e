import SegmentLog
import TestSupport
import Testing

@Suite("A log gives back what was put in")
struct RoundTripTests {
    @Test("in order, per lane, whatever the sizes")
    func roundTrip() throws {
        let files = FaultyFileSystem()
        var log = try open(files, .small(segments: 40, lanes: 3))
        var expected: [[[UInt8]]] = [[], [], []]
        for tag in 0..<90 {
            let record = payload(tag, count: [0, 1, 7, 8, 9, 100, 1000, 4048][tag % 8])
            let lane = tag % 3
            let entry = try log.append(record.span.bytes, to: Lane(lane))
            expected[lane].append(record)
            #expect(entry.position.number == UInt64(expected[lane].count))
        }
        try log.synchronize()
        for lane in 0..<3 {
            let contents = try drain(&log, Lane(lane))
            #expect(contents.records.map(\.payload) == expected[lane])
            #expect(contents.lost.isEmpty)
        }
    }

    @Test("a record is not durable, and not read, before it is synchronized")
    func visibility() throws {
        let files = FaultyFileSystem()
        var log = try open(files)
        try log.append(payload(1, count: 10).span.bytes, to: Lane(1))
        #expect(log.durable(Lane(1)) == .start)
        #expect(try drain(&log, Lane(1)).records.isEmpty)
        #expect(try drain(&log, Lane(1), including: .appended).records.map(\.payload) == [payload(1, count: 10)])
        try log.synchronize()
        try log.append(payload(2, count: 20).span.bytes, to: Lane(1))
        #expect(try drain(&log, Lane(1)).records.count == 1)
        #expect(try drain(&log, Lane(1), including: .appended).records.last?.payload == payload(2, count: 20))
        #expect(log.durable(Lane(1)) == Position(1))
    }

    @Test("one lane is synchronized without the other")
    func oneLane() throws {
        var log = try open(FaultyFileSystem())
        for lane in 0..<2 { try log.append(payload(lane, count: 10).span.bytes, to: Lane(lane)) }
        let result = try log.synchronize(Lane(0))
        #expect(result.durable[Lane(0)] == Position(1))
        #expect(result.durable[Lane(1)] == .start)
        #expect(log.unsynchronizedBytes(Lane(0)) == 0)
        #expect(log.unsynchronizedBytes(Lane(1)) > 0)
    }

    @Test("a record larger than a segment is refused, the largest one is not")
    func largest() throws {
        let options = LogOptions.small()
        var log = try open(FaultyFileSystem(), options)
        let largest = payload(3, count: options.largestRecord)
        try log.append(largest.span.bytes, to: Lane(1))
        let tooLarge = payload(3, count: options.largestRecord + 1)
        #expect(code { try log.append(tooLarge.span.bytes, to: Lane(1)) } == .recordTooLarge)
        try log.synchronize()
        #expect(try drain(&log, Lane(1)).records.map(\.payload) == [largest])
    }

    @Test("a closed log goes on where it was, with a clean tail")
    func reopen() throws {
        let files = FaultyFileSystem()
        var first = try open(files)
        for tag in 0..<5 { try first.append(payload(tag, count: 50).span.bytes, to: Lane(1)) }
        try first.synchronize()
        first.release(through: Position(2), in: Lane(1))
        try first.close()
        var log = try open(files)
        #expect(log.recovery.lanes[1] == .init(pending: 3, durable: Position(5), released: Position(2)))
        #expect(try drain(&log, Lane(1)).records.map(\.position.number) == [3, 4, 5])
        #expect(try log.append(payload(5, count: 50).span.bytes, to: Lane(1)).position == Position(6))
    }

    @Test("readers are independent and can go back")
    func readers() throws {
        var log = try open(FaultyFileSystem(), .small(segments: 10))
        for tag in 0..<30 { try log.append(payload(tag, count: 700).span.bytes, to: Lane(1)) }
        try log.synchronize()
        var early = log.reader(of: Lane(1))
        var late = log.reader(of: Lane(1), after: Position(17))
        var bytes: [UInt8] = []
        for step in 0..<13 {
            #expect(try position(log.next(&early, into: &bytes)) == UInt64(step + 1))
            #expect(bytes == payload(step, count: 700))
            #expect(try position(log.next(&late, into: &bytes)) == UInt64(step + 18))
            #expect(bytes == payload(step + 17, count: 700))
        }
        #expect(try log.next(&late, into: &bytes) == .end)
        late.seek(after: Position(4))
        #expect(try position(log.next(&late, into: &bytes)) == 5)
    }

    @Test("every record is found again at its location, also after a restart")
    func locations() throws {
        let files = FaultyFileSystem()
        let options = LogOptions(segmentSize: 8192)
        var entries: [Entry] = []
        var first = try open(files, options)
        for tag in 0..<40 { entries.append(try first.append(payload(tag, count: 900).span.bytes, to: Lane(0))) }
        try first.close()
        var log = try open(files, options)
        var bytes: [UInt8] = []
        for (tag, entry) in entries.enumerated().reversed() {
            #expect(try log.read(at: entry.location, into: &bytes) == entry.position)
            #expect(bytes == payload(tag, count: 900))
        }
        let nowhere = Location(segment: entries[0].location.segment, offset: entries[0].location.offset + 8)
        #expect(code { try log.read(at: nowhere, into: &bytes) } == .notFound)
        #expect(code { try log.read(at: Location(segment: 999, offset: 4096), into: &bytes) } == .notFound)
    }
}

func position(_ step: ReadStep) -> UInt64? {
    if case .record(let entry) = step { entry.position.number } else { nil }
}

/// The code of the log's error that `body` throws; nil if it throws nothing, or something else.
func code<Result>(_ body: () throws -> Result) -> LogError.Code? {
    do {
        _ = try body()
        return nil
    } catch {
        return (error as? LogError)?.code
    }
}
