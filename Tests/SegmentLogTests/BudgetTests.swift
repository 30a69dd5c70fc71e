import SegmentLog
import TestSupport
import Testing

@Suite("The budget")
struct BudgetTests {
    /// Appends to the lane until the log is full and tells how many records found room.
    private func fill(_ log: inout SegmentedLog<FaultyFileSystem>, _ lane: Lane) -> Int {
        var count = 0
        while code({ try log.append(payload(count, count: 1900).span.bytes, to: lane) }) == nil { count += 1 }
        return count
    }

    @Test("is kept to the byte, whatever happens")
    func neverExceeded() throws {
        let files = FaultyFileSystem()
        let budget = 6 * 8192 + 8192
        var log = try open(files)
        #expect(files.totalBytes == budget)
        _ = fill(&log, Lane(1))
        try log.synchronize()
        while let candidate = log.evictionCandidate(for: Lane(1)) { try log.evict(candidate) }
        _ = fill(&log, Lane(1))
        _ = fill(&log, Lane(0))
        #expect(files.totalBytes == budget)
        #expect(log.statistics.capacityBytes == budget)
        #expect(log.statistics.usedBytes + log.statistics.freeBytes + 8192 == budget)
    }

    @Test("that the file system cannot hold is an error at the start, not at night")
    func outOfSpace() {
        let files = FaultyFileSystem(capacity: 4 * 8192)
        #expect(code { _ = try open(files) } == .outOfSpace)
        #expect(!files.paths.contains { $0.hasSuffix(".segment") }, "and the disk is as it was")
    }

    @Test("leaves room for lane 0, and the last segment for loss declarations")
    func reserve() throws {
        var log = try open(FaultyFileSystem(), .small(segments: 6, reserve: 2))
        _ = fill(&log, Lane(1))
        #expect(log.statistics.freeBytes == 2 * 8192)
        #expect(fill(&log, Lane(0)) == 2)
        #expect(log.statistics.freeBytes == 8192)
        try log.append(payload(1, count: 1900).span.bytes, to: Lane(0), usingReserve: true)
        #expect(log.statistics.freeBytes == 0)
    }

    @Test("is got back by evicting the least precious lane's oldest segment")
    func eviction() throws {
        let files = FaultyFileSystem()
        var log = try open(files, .small(segments: 10, lanes: 3))
        for lane in [2, 1, 2, 1, 2, 1] {
            for tag in 0..<2 { try log.append(payload(tag, count: 1900).span.bytes, to: Lane(lane)) }
        }
        let first = log.evictionCandidate(for: Lane(1))
        let ofTwo = try #require(first)
        #expect(ofTwo.lane == Lane(2))
        #expect(ofTwo.positions == Position(1)...Position(2))
        #expect(log.evictionCandidate(for: Lane(2)) == ofTwo)
        try log.evict(ofTwo)
        try log.evict(ofTwo)
        try log.synchronize()
        #expect(try drain(&log, Lane(2)).records.map(\.position.number) == [3, 4, 5, 6])
        while let next = log.evictionCandidate(for: Lane(2)) { try log.evict(next) }
        let second = log.evictionCandidate(for: Lane(0))
        let ofOne = try #require(second)
        #expect(ofOne.lane == Lane(1))
        #expect(log.evictionCandidate(for: Lane(2)) == nil, "a precious lane makes no room for bulk")
        try log.close()
        var again = try open(files, .small(segments: 10, lanes: 3))
        #expect(try drain(&again, Lane(2)).records.map(\.position.number) == [5, 6], "evicted for good")
        #expect(again.recovery.lanes[2].lost.isEmpty)
    }

    @Test("of a log grows and shrinks with the options")
    func resizing() throws {
        let files = FaultyFileSystem()
        try open(files, .small(segments: 6)).close()
        try open(files, .small(segments: 9)).close()
        #expect(files.totalBytes == 10 * 8192)
        try open(files, .small(segments: 5)).close()
        #expect(files.totalBytes == 6 * 8192)
    }

    @Test("a recycled file never shows what it held before")
    func recycling() throws {
        let files = FaultyFileSystem()
        var log = try open(files)
        for tag in 0..<200 {
            // Equal sizes put each record where an older one was.
            let position = try log.append(payload(tag, count: 100).span.bytes, to: Lane(tag % 2)).position
            try log.synchronize()
            log.release(through: Position(position.number - 1), in: Lane(tag % 2))
        }
        _ = consume log
        files.reboot(.nothing)
        var again = try open(files)
        for lane in 0..<2 {
            let contents = try drain(&again, Lane(lane))
            for record in contents.records {
                #expect(record.payload == payload(Int(record.position.number - 1) * 2 + lane, count: 100))
            }
            #expect(contents.records.last?.position == Position(100))
        }
    }

    @Test("none: an archive grows, and gives up its oldest segment only when told")
    func growing() throws {
        let files = FaultyFileSystem()
        let options = LogOptions(segmentSize: 8192, scan: .unsealed)
        var log = try open(files, options)
        for tag in 0..<50 { try log.append(payload(tag, count: 1900).span.bytes, to: Lane(0)) }
        try log.synchronize()
        let found = log.oldestSegment(of: Lane(0))
        let oldest = try #require(found)
        try log.evict(oldest)
        try log.close()
        #expect(files.totalBytes == 24 * 8192 + 8192)
        var again = try open(files, options)
        let contents = try drain(&again, Lane(0))
        #expect(contents.records.map(\.position.number) == Array(3...50))
        #expect(contents.lost.isEmpty)
    }
}
