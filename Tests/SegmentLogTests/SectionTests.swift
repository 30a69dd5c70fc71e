import SegmentLog
import TestSupport
import Testing

@Suite("A start goes on in the segment where the last one ended")
struct SectionTests {
    @Test("so that two hundred crashes while nobody takes anything evict nothing that fits", arguments: [false, true])
    func crashLoop(isPowerCut: Bool) throws {
        // Two lanes, 8 KiB a start and lane: 3.2 MiB. A segment a start would need 100 MiB.
        let options = LogOptions.small(segments: 16, size: 256 << 10)
        let files = FaultyFileSystem()
        var expected: [[[UInt8]]] = [[], []]
        for start in 0..<200 {
            var log = try open(files, options)
            for lane in 0..<2 {
                for tag in 0..<3 {
                    let record = payload(start * 3 + tag, count: 300 + lane)
                    try log.append(record.span.bytes, to: Lane(lane))
                    expected[lane].append(record)
                }
            }
            try log.synchronize()
            // What a crash leaves behind that was never synchronized.
            try log.append(payload(start, count: 5000).span.bytes, to: Lane(start % 2))
            _ = consume log
            if isPowerCut { files.reboot(.seeded(UInt64(start))) } else { files.endProcess() }
        }
        var log = try open(files, options)
        for lane in 0..<2 {
            let contents = try drain(&log, Lane(lane))
            #expect(contents.records.map(\.payload) == expected[lane])
            #expect(contents.lost.isEmpty)
            #expect(log.statistics.lanes[lane].pending == expected[lane].count)
        }
    }

    /// A closed log with five starts of two records each in one segment, and that segment's path.
    private func written(closing: Bool) throws -> (files: FaultyFileSystem, options: LogOptions, path: String) {
        let files = FaultyFileSystem()
        let options = LogOptions.small(size: 64 << 10)
        for start in 0..<5 {
            var log = try open(files, options)
            for tag in 0..<2 { try log.append(payload(start * 2 + tag, count: 20).span.bytes, to: Lane(1)) }
            try log.synchronize()
            // In good order and after a crash, in turn.
            if start % 2 == 0 ? closing : !closing { try log.close() }
        }
        let used = files.paths.filter {
            $0.hasSuffix(".segment") && files.contents($0)?.starts(with: "FPSEG".utf8) == true
        }
        #expect(used.count == 1)
        return (files, options, try #require(used.first))
    }

    @Test("a flipped bit costs at most the record it is in, whichever start wrote it", arguments: [false, true])
    func bitFlips(closing: Bool) throws {
        let (files, options, path) = try written(closing: closing)
        let disk = files.disk
        // Headers, records, and what lies between: each section is two blocks.
        for section in 0..<5 {
            for offset in Array(0..<180) + Array(2048..<2228) + Array(4096..<4192) + [4300, 8191] {
                let files = FaultyFileSystem(disk: disk)
                files.flipBit((section * 8192 + offset) * 8 + offset % 8, of: path)
                var log = try open(files, options)
                let contents = try drain(&log, Lane(1))
                let record = (4096..<4192).contains(offset) ? section * 2 + (offset - 4096) / 48 : nil
                let payloads = (0..<10).filter { $0 != record }.map { payload($0, count: 20) }
                let isPadding = (offset - 4096) % 48 >= 44
                if let record, !isPadding {
                    #expect(contents.records.map(\.payload) == payloads, "section \(section), \(offset)")
                    // Of the very last record nothing can tell, unless the log was closed.
                    #expect(contents.lost.count == (record < 9 || closing ? 1 : 0), "section \(section), \(offset)")
                } else {
                    #expect(contents.records.count == 10, "section \(section), \(offset)")
                    #expect(contents.lost.isEmpty)
                }
            }
        }
    }

    @Test("a segment that was begun in vain voids nothing that is appended later")
    func begunInVain() throws {
        for seed in 1...40 as ClosedRange<UInt64> {
            let files = FaultyFileSystem(seed: seed)
            let options = LogOptions.small(size: 32 << 10)
            var log = try open(files, options)
            let first = payload(1, count: 15_000)
            var expected = [first]
            try log.append(first.span.bytes, to: Lane(1))
            try log.synchronize()
            // It finds no room behind the first; of it, or of its header alone, some may reach the medium.
            try log.append(payload(2, count: 15_000).span.bytes, to: Lane(1))
            files.plan(.crash, afterMore: 0)
            #expect(code { try log.synchronize() } == .degraded)
            _ = consume log
            files.reboot(.seeded(seed))
            for tag in 3..<6 {
                var log = try open(files, options)
                let found = try drain(&log, Lane(1))
                #expect(found.records.map(\.payload) == expected, "seed \(seed)")
                #expect(found.lost.isEmpty, "seed \(seed)")
                expected.append(payload(tag, count: 100))
                try log.append(payload(tag, count: 100).span.bytes, to: Lane(1))
                try log.synchronize()
                if tag == 3 { try log.close() }
            }
        }
    }

    @Test("but not in a segment that was ended: what comes next is in another, and all is found again")
    func ended() throws {
        let files = FaultyFileSystem()
        let options = LogOptions.small(size: 64 << 10)
        let (one, other) = (payload(1, count: 20), payload(2, count: 20))
        var log = try open(files, options)
        let first = try log.append(one.span.bytes, to: Lane(1))
        try log.synchronize()
        try log.endSegment(of: Lane(1))
        let second = try log.append(other.span.bytes, to: Lane(1))
        try log.synchronize()
        #expect(first.location.segment != second.location.segment)
        #expect(log.oldestSegment(of: Lane(1))?.positions == first.position...first.position)
        _ = consume log
        files.endProcess()
        var again = try open(files, options)
        let contents = try drain(&again, Lane(1))
        #expect(contents.records.map(\.payload) == [one, other])
        #expect(contents.lost.isEmpty)
    }

    @Test("a section forged inside a payload is not one")
    func forgery() throws {
        let (files, options, path) = try written(closing: true)
        let segment = try #require(files.contents(path))
        var log = try open(files, options)
        // A true header of this segment, of its beginning and of a later section, where a section could begin.
        for block in [segment[0..<4096], segment[8192..<12288]] {
            let record = Array(repeating: 0, count: 4072) + block + block + [1]
            try log.append(record.span.bytes, to: Lane(1))
        }
        try log.close()
        var again = try open(files, options)
        let contents = try drain(&again, Lane(1))
        #expect(contents.records.count == 12)
        #expect(contents.lost.isEmpty)
    }

    @Test("a segment whose later sections are not released is kept whole, and given up whole")
    func releasing() throws {
        let (files, options, _) = try written(closing: true)
        var log = try open(files, options)
        let free = log.statistics.freeBytes
        let positions = try drain(&log, Lane(1)).records.map(\.position)
        log.release(through: positions[5], in: Lane(1))
        #expect(log.statistics.freeBytes == free)
        #expect(try drain(&log, Lane(1)).records.map(\.position) == Array(positions[6...]))
        let oldest = log.oldestSegment(of: Lane(1))
        let candidate = try #require(oldest)
        #expect(candidate.positions == positions[6]...positions[9])
        try log.evict(candidate)
        #expect(log.statistics.freeBytes == free + (64 << 10))
        #expect(try drain(&log, Lane(1)).records.isEmpty)
    }

    @Test("an archive goes on likewise, and finds every record at its location")
    func growing() throws {
        let files = FaultyFileSystem()
        let options = LogOptions(segmentSize: 64 << 10, scan: .unsealed)
        var entries: [Entry] = []
        for start in 0..<30 {
            var log = try open(files, options)
            entries.append(try log.append(payload(start, count: 700).span.bytes, to: Lane(0)))
            try log.synchronize()
            if start % 3 == 0 { try log.close() }
        }
        #expect(files.paths.filter { $0.hasSuffix(".segment") }.count == 4)
        var log = try open(files, options)
        #expect(try drain(&log, Lane(0)).records.map(\.position) == entries.map(\.position))
        var bytes: [UInt8] = []
        for (start, entry) in entries.enumerated() {
            #expect(try log.read(at: entry.location, into: &bytes) == entry.position)
            #expect(bytes == payload(start, count: 700))
        }
    }
}
