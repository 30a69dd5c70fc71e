import SegmentLog
import TestSupport

/// Every single bit of a segment, flipped: what is delivered is intact, and what is not is accounted for, record by record.
enum BitFlips {
    private static let options = LogOptions(
        laneCount: 1, segmentSize: 8192, capacity: .budget(bytes: 5 * 8192, reserve: 1))
    private static let directory = "/log"
    private static let payloads: [[UInt8]] = (0..<6).map { number in
        var generator = SeededGenerator(seed: UInt64(number))
        return (0..<50 + 90 * number).map { _ in UInt8(truncatingIfNeeded: generator.next()) }
    }

    /// Flips each bit in turn of a segment that was closed in good order, and of one that was not.
    ///
    /// - Returns: the number of flips tried.
    static func run() throws -> Int {
        var count = 0
        for isClosed in [true, false] {
            let (disk, path) = try reference(isClosed: isClosed)
            for bit in 0..<options.segmentSize * 8 {
                let files = FaultyFileSystem(disk: disk)
                files.flipBit(bit, of: path)
                try judge(files, isClosed: isClosed, "bit \(bit), \(isClosed ? "closed" : "open")")
                count += 1
            }
        }
        return count
    }

    private static func reference(isClosed: Bool) throws -> (SimulatedDisk, String) {
        let files = FaultyFileSystem()
        var log = try SegmentedLog(directory: directory, options: options, files: files)
        var segment: UInt64 = 0
        for payload in payloads {
            segment = try log.append(payload.span.bytes, to: Lane(0)).location.segment
            try log.synchronize()
        }
        if isClosed { try log.close() } else { _ = consume log }
        let digits = String(segment, radix: 16)
        files.reboot(.everything)
        return (files.disk, "\(directory)/\(String(repeating: "0", count: 16 - digits.count))\(digits).segment")
    }

    private static func judge(_ files: FaultyFileSystem, isClosed: Bool, _ note: String) throws {
        var inspection = try LogInspection(directory: directory, files: files)
        var inspected: [UInt64] = []
        try inspection.read(files) { _, position, _ in inspected.append(position.number) }
        var log = try SegmentedLog(directory: directory, options: options, files: files)
        var reader = log.reader(of: Lane(0))
        var payload: [UInt8] = []
        var delivered: [UInt64] = []
        var lost: [ClosedRange<Position>] = []
        reading: while true {
            switch try log.next(&reader, into: &payload) {
            case .end: break reading
            case .lost(let positions): lost.append(positions)
            case .record(let entry):
                guard payload == payloads[Int(entry.position.number) - 1] else {
                    throw Violation("\(note): record \(entry.position.number) is delivered damaged")
                }
                delivered.append(entry.position.number)
            }
        }
        guard lost == log.recovery.lanes[0].lost else { throw Violation("\(note): report and reader differ") }
        guard delivered == inspected else {
            throw Violation("\(note): an inspection finds \(inspected), not \(delivered)")
        }
        let gone = Set(1...UInt64(payloads.count)).subtracting(delivered)
        guard gone.count <= 1 else { throw Violation("\(note): one bit costs records \(gone.sorted())") }
        let told = Set(lost.flatMap { $0.lowerBound.number...$0.upperBound.number })
        // The one honest ambiguity: damage to the last record of a segment that was not sealed looks like a torn tail.
        let isTail = !isClosed && gone == [UInt64(payloads.count)]
        guard told == gone || (isTail && log.recovery.lanes[0].tail != .clean) else {
            throw Violation("\(note): \(gone.sorted()) are gone, \(told.sorted()) are said to be")
        }
    }
}
