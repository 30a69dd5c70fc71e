import SegmentLog
import TestSupport
import Testing

@Suite("When the device fails")
struct DeviceFailureTests {
    @Test("a failed synchronization is not repeated: the records move, with their positions, and stay")
    func failedSynchronization() throws {
        for isHeaderDurable in [false, true] {
            let files = FaultyFileSystem()
            var log = try open(files)
            if isHeaderDurable {
                try log.append(payload(0, count: 30).span.bytes, to: Lane(1))
                try log.synchronize()
            }
            var entries: [Entry] = []
            for tag in 1..<4 { entries.append(try log.append(payload(tag, count: 30).span.bytes, to: Lane(1))) }
            // The write comes first, then the synchronization.
            files.plan(.error(errno: 5), at: files.history.count + 1)
            let result = try log.synchronize()
            #expect(files.history.filter { $0 == .synchronize }.count >= 2)
            #expect(result.durable[Lane(1)] == entries[2].position)
            let relocation = try #require(result.relocations.first)
            var bytes: [UInt8] = []
            for (index, entry) in entries.enumerated() {
                let place = relocation(entry.location)
                #expect(place.segment != entry.location.segment)
                #expect(try log.read(at: place, into: &bytes) == entry.position)
                #expect(bytes == payload(index + 1, count: 30))
            }
            #expect(try log.synchronize().relocations.isEmpty, "told once")
            let before = try drain(&log, Lane(1))
            _ = consume log
            files.reboot(.seeded(3))
            var again = try open(files)
            #expect(try drain(&again, Lane(1)) == before)
            #expect(before.records.count == (isHeaderDurable ? 4 : 3))
        }
    }

    @Test("twice, the lane is degraded: it says so, takes nothing more, and still gives what it has")
    func degraded() throws {
        let files = FaultyFileSystem()
        var log = try open(files)
        try log.append(payload(0, count: 30).span.bytes, to: Lane(1))
        try log.synchronize()
        try log.append(payload(1, count: 30).span.bytes, to: Lane(1))
        files.setFailing(.synchronize, true)
        #expect(code { try log.synchronize() } == .degraded)
        files.setFailing(.synchronize, false)
        #expect(code { try log.append(payload(2, count: 30).span.bytes, to: Lane(1)) } == .degraded)
        #expect(code { try log.synchronize(Lane(1)) } == .degraded)
        #expect(log.durable(Lane(1)) == Position(1))
        #expect(try drain(&log, Lane(1), including: .appended).records.map(\.payload) == [payload(0, count: 30)])
        #expect(code { try log.append(payload(2, count: 30).span.bytes, to: Lane(0)) } == nil)
    }

    @Test(
        "a short write is continued and an error of any one operation loses nothing durable", arguments: [8192, 16384])
    func anyOperation(segmentSize: Int) throws {
        let options = LogOptions.small(size: segmentSize)
        for fault in [.short, .error(errno: 5), .error(errno: 28)] as [FaultyFileSystem.Fault] {
            for operation in 0..<40 {
                let files = FaultyFileSystem()
                var model = LogModel(laneCount: 2)
                // In segments with room for two, the second life begins with a section in the segment of the first.
                var first = try open(files, options)
                let record = payload(99, count: 100)
                model.appended(record, at: try first.append(record.span.bytes, to: Lane(1)).position, to: 1)
                model.synchronized(try first.synchronize().durable)
                try first.close()
                var log = try open(files, options)
                files.plan(fault, at: files.history.count + operation)
                for tag in 0..<12 {
                    let record = payload(tag, count: 1700)
                    do throws(LogError) {
                        let entry = try log.append(record.span.bytes, to: Lane(1))
                        model.appended(record, at: entry.position, to: 1)
                        model.synchronized(try log.synchronize().durable)
                        log.release(through: Position(UInt64(max(tag - 3, 0))), in: Lane(1))
                        model.released(UInt64(max(tag - 3, 0)), 1)
                    } catch {
                        #expect(error.code == .io || error.code == .outOfSpace)
                    }
                }
                _ = consume log
                files.reboot(.nothing)
                var again = try open(files, options)
                try model.check(&again)
            }
        }
    }

    @Test("a growing log on a full disk keeps what it has, and goes on when its oldest segment has gone")
    func fullDisk() throws {
        let options = LogOptions(segmentSize: 8192)
        let files = FaultyFileSystem(capacity: 8192 + 3 * 8192)
        var log = try open(files, options)
        var kept: [[UInt8]] = []
        var refusal: LogError.Code?
        while refusal == nil {
            let record = payload(kept.count, count: 1000)
            refusal = code { try log.append(record.span.bytes, to: Lane(0)) }
            if refusal == nil { kept.append(record) }
        }
        #expect(refusal == .outOfSpace)
        try log.synchronize()
        #expect(try drain(&log, Lane(0)).records.map(\.payload) == kept)
        let found = log.oldestSegment(of: Lane(0))
        let oldest = try #require(found)
        try log.evict(oldest)
        let record = payload(77, count: 1000)
        try log.append(record.span.bytes, to: Lane(0))
        try log.synchronize()
        _ = consume log
        files.reboot(.nothing)
        var again = try open(files, options)
        let gone = Int(oldest.positions.upperBound.number)
        #expect(try drain(&again, Lane(0)).records.map(\.payload) == kept[gone...] + [record])
    }

    @Test("a start on a device that takes nothing fails, and leaves everything for the next one")
    func readOnly() throws {
        for operation in [.open, .allocate, .synchronize, .synchronizeDirectory] as [FaultyFileSystem.Operation] {
            let files = FaultyFileSystem()
            var log = try open(files)
            try log.append(payload(0, count: 30).span.bytes, to: Lane(1))
            try log.synchronize()
            _ = consume log
            files.endProcess()
            files.setFailing(operation, true)
            // Everything is allocated already, so that alone does not hurt.
            if operation != .allocate { #expect(code { _ = try open(files) } == .io) }
            files.reboot(.nothing)
            var again = try open(files)
            #expect(try drain(&again, Lane(1)).records.map(\.payload) == [payload(0, count: 30)])
        }
    }

    @Test("a cursor that cannot be written stops recycling, not reading")
    func cursorFailure() throws {
        let files = FaultyFileSystem()
        var log = try open(files)
        try log.append(payload(0, count: 30).span.bytes, to: Lane(1))
        try log.synchronize()
        log.release(through: Position(1), in: Lane(1))
        files.setFailing(.synchronize, true)
        #expect(code { try log.persistCursor() } == .degraded)
        files.setFailing(.synchronize, false)
        try log.persistCursor()
        _ = consume log
        files.reboot(.nothing)
        let again = try open(files)
        #expect(again.released(Lane(1)) == Position(1))
    }
}
