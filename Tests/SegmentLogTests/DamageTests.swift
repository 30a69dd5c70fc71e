import SegmentLog
import TestSupport
import Testing

@Suite("Damage is found and never delivered")
struct DamageTests {
    /// A disk with five records in one segment of lane 1, and the path of that segment.
    private func written(closing: Bool) throws -> (files: FaultyFileSystem, model: LogModel, path: String) {
        let files = FaultyFileSystem()
        var log = try open(files)
        var model = LogModel(laneCount: 2)
        var segment: UInt64 = 0
        for tag in 0..<5 {
            let record = payload(tag + 1, count: 20 + tag)
            let entry = try log.append(record.span.bytes, to: Lane(1))
            segment = entry.location.segment
            model.appended(record, at: entry.position, to: 1)
            model.synchronized(try log.synchronize().durable)
        }
        if closing { try log.close() }
        let digits = String(segment, radix: 16)
        let name = String(repeating: "0", count: 16 - digits.count) + digits + ".segment"
        return (files, model, directory + "/" + name)
    }

    @Test("a torn tail is not data, wherever in the last record it was torn")
    func tornTail() throws {
        let (files, _, path) = try written(closing: false)
        let bytes = try #require(files.contents(path))
        let start = 4096 + 4 * 48
        let disk = files.disk
        for kept in 0..<48 {
            let files = FaultyFileSystem(disk: disk)
            var torn = bytes
            // Behind the tear stands what the recycled file held before.
            for index in start + kept..<start + 48 { torn[index] = 0xA5 }
            files.setContents(path, torn)
            var log = try open(files)
            let contents = try drain(&log, Lane(1))
            #expect(contents.records.map(\.position.number) == [1, 2, 3, 4])
            #expect(contents.lost.isEmpty)
            guard case .unknown(let tornBytes) = log.recovery.lanes[1].tail else {
                Issue.record("an open end is never reported as clean")
                continue
            }
            #expect(tornBytes == (kept < 24 ? 0 : 48), "a header proves that something was begun")
            let record = payload(9, count: 5)
            let position = try log.append(record.span.bytes, to: Lane(1)).position
            #expect(position > Position(5), "5 may have been published: it is not given twice")
            try log.synchronize()
            #expect(try drain(&log, Lane(1)).records.last?.payload == record)
        }

    }

    @Test("what is lost from a growing log is found to be lost again, though a segment lost all and the cursor is gone")
    func growingLogLosesSegment() throws {
        let options = LogOptions(laneCount: 1, segmentSize: 8192, capacity: .growing)
        let files = FaultyFileSystem()
        var log = try open(files, options)
        var segments: [UInt64] = []
        for tag in 1...12 {
            let segment = try log.append(payload(tag, count: 1000).span.bytes, to: Lane(0)).location.segment
            if segments.last != segment { segments.append(segment) }
        }
        try log.close()
        #expect(segments == [1, 2, 3, 4])
        let path = directory + "/0000000000000001.segment"
        let bytes = try #require(files.contents(path))
        files.setContents(path, Array(bytes.prefix(4096)) + [UInt8](repeating: 0, count: 4096))
        files.setContents(directory + "/cursor", nil)
        for _ in 0..<3 {
            var again = try open(files, options)
            let contents = try drain(&again, Lane(0))
            #expect(contents.lost == [Position(1)...Position(3)])
            #expect(contents.records.count == 9)
            _ = consume again
            files.reboot(.everything)
        }
    }

    @Test("a file with a number that no log can reach is none of ours, and ends nobody")
    func unreachableNumber() throws {
        let (files, model, _) = try written(closing: true)
        let name = "ffffffffffffffff.segment"
        files.setContents(directory + "/" + name, [UInt8](repeating: 0, count: 8192))
        var log = try open(files)
        #expect(log.recovery.foreign == [name])
        #expect(try drain(&log, Lane(1)).records.map(\.position.number) == model.lanes[1].records.keys.sorted())
    }

    @Test("a flipped bit costs at most the record it is in, and in a sealed segment that is told")
    func bitFlips() throws {
        for isClosed in [true, false] {
            let (files, model, path) = try written(closing: isClosed)
            let bytes = try #require(files.contents(path))
            // In a log that was not closed only the records behave differently.
            for offset in isClosed ? 0..<bytes.count : 4096..<4096 + 5 * 48 {
                var damaged = bytes
                damaged[offset] ^= 1 << (offset % 8)
                files.setContents(path, damaged)
                var destroyed: [Set<UInt64>] = [[], []]
                if let record = (0..<5).first(where: { (4096 + $0 * 48..<4096 + $0 * 48 + 48).contains(offset) }) {
                    destroyed[1] = [UInt64(record + 1)]
                }
                var log = try open(files)
                if isClosed || destroyed[1] != [5] {
                    var checked = model
                    try checked.check(&log, losing: destroyed)
                } else {
                    // The one honest ambiguity: it looks like a torn tail.
                    let delivered = try drain(&log, Lane(1)).records.map(\.position.number)
                    #expect(delivered == [1, 2, 3, 4] || delivered == [1, 2, 3, 4, 5])
                    #expect(log.recovery.lanes[1].tail != .clean)
                }
                let lost = log.recovery.lanes[1].lost
                #expect(try drain(&log, Lane(1)).lost == lost, "the reader says what the report said")
            }
        }
    }

    @Test("what rots after the start is found when it is read")
    func rotWhileRunning() throws {
        let (files, _, path) = try written(closing: true)
        for offset in 4096 + 48..<4096 + 96 {
            let bytes = try #require(files.contents(path))
            var log = try open(files)
            var damaged = bytes
            damaged[offset] ^= 0x10
            files.setContents(path, damaged)
            let contents = try drain(&log, Lane(1))
            let isPadding = offset >= 4096 + 48 + 24 + 21
            #expect(contents.records.map(\.position.number) == (isPadding ? [1, 2, 3, 4, 5] : [1, 3, 4, 5]))
            #expect(contents.lost == (isPadding ? [] : [Position(2)...Position(2)]))
            files.setContents(path, bytes)
        }
    }

    @Test("a lost cursor only means that records come again")
    func lostCursor() throws {
        for removes in [true, false] {
            let files = FaultyFileSystem()
            var first = try open(files)
            for tag in 0..<5 { try first.append(payload(tag, count: 30).span.bytes, to: Lane(1)) }
            try first.synchronize()
            first.release(through: Position(3), in: Lane(1))
            try first.close()
            files.setContents(directory + "/cursor", removes ? nil : [UInt8](repeating: 0xEE, count: 8192))
            var log = try open(files)
            #expect(log.recovery.cursorLost)
            #expect(try drain(&log, Lane(1)).records.map(\.position.number) == [1, 2, 3, 4, 5])
            #expect(log.recovery.lanes[1].lost.isEmpty)
        }
    }

    @Test("one damaged slot of the cursor leaves the other, and no false loss")
    func damagedSlot() throws {
        for slot in [0, 4096] {
            let files = FaultyFileSystem()
            var log = try open(files)
            for tag in 0..<30 {
                try log.append(payload(tag, count: 1500).span.bytes, to: Lane(1))
                try log.synchronize()
                log.release(through: Position(UInt64(tag)), in: Lane(1))
            }
            try log.close()
            var cursor = try #require(files.contents(directory + "/cursor"))
            cursor[slot + 30] ^= 1
            files.setContents(directory + "/cursor", cursor)
            var again = try open(files)
            let contents = try drain(&again, Lane(1))
            #expect(contents.lost.isEmpty)
            #expect(contents.records.last?.position == Position(30))
        }
    }

    @Test("a missing segment is declared lost, the rest is delivered")
    func missingSegment() throws {
        let files = FaultyFileSystem()
        var first = try open(files)
        var entries: [Entry] = []
        for tag in 0..<6 { entries.append(try first.append(payload(tag, count: 1800).span.bytes, to: Lane(1))) }
        try first.close()
        let middle = files.paths.filter { $0.hasSuffix(".segment") }
        let victim = entries[2].location.segment
        let path = try #require(middle.first { $0.hasSuffix("\(String(victim, radix: 16)).segment") })
        files.setContents(path, nil)
        var log = try open(files)
        let contents = try drain(&log, Lane(1))
        let gone = Set(entries.filter { $0.location.segment == victim }.map(\.position))
        #expect(contents.records.map(\.position) == entries.map(\.position).filter { !gone.contains($0) })
        #expect(contents.lost == [Position(3)...Position(4)])
        #expect(log.recovery.lanes[1].lost == contents.lost)
    }

    @Test("a shortened segment loses what was cut off, and says so")
    func shortened() throws {
        let (files, _, path) = try written(closing: true)
        let bytes = try #require(files.contents(path))
        files.setContents(path, Array(bytes.prefix(4096 + 2 * 48 + 10)))
        // The seal is gone, but the cursor tells that there was more.
        var log = try open(files)
        let contents = try drain(&log, Lane(1))
        #expect(contents.records.map(\.position.number) == [1, 2])
        #expect(contents.lost == [Position(3)...Position(5)])
        #expect(log.recovery.lanes[1].lost == contents.lost)
    }
}
