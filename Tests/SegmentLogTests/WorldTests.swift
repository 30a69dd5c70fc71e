import Foundation
import SegmentLog
import TestSupport
import Testing

/// One random life of a log: appends, synchronizations, releases, evictions, kills, power cuts and device errors, with
/// a model beside it. Everything follows from the seed.
struct World {
    let seed: UInt64
    let options: LogOptions
    private var generator: SeededGenerator
    private let files: FaultyFileSystem
    private var model: LogModel
    private var tag = 0

    init(seed: UInt64) {
        self.seed = seed
        generator = SeededGenerator(seed: seed)
        let lanes = Int.random(in: 1...3, using: &generator)
        let reserve = Int.random(in: 1...2, using: &generator)
        let segments = lanes + reserve + Int.random(in: 1...4, using: &generator)
        let size = [8192, 16384, 32768].randomElement(using: &generator) ?? 8192
        options =
            generator.oneIn(4)
            ? LogOptions(laneCount: lanes, segmentSize: size, scan: generator.oneIn(2) ? .everything : .unsealed)
            : .small(segments: segments, lanes: lanes, reserve: reserve, size: size)
        files = FaultyFileSystem(seed: seed)
        model = LogModel(laneCount: lanes)
    }

    /// Lives through several starts of the log.
    mutating func run() throws {
        for _ in 0..<Int.random(in: 2...6, using: &generator) {
            do throws(LogError) {
                if generator.oneIn(3) { planFault() }
                var log = try open(files, options)
                try model.check(&log, note: "seed \(seed)")
                let report = log.recovery
                _ = consume log
                var again = try open(files, options)
                #expect(again.recovery == report, "seed \(seed): a second recovery differs")
                if generator.oneIn(2) { planFault() }
                try live(&again)
                if generator.oneIn(3) { try again.close() }
            } catch {
                let expected: Set<LogError.Code> = [.io, .outOfSpace, .degraded]
                #expect(expected.contains(error.code), "seed \(seed): \(error)")
                // What a failed synchronization left in the page cache is not on the medium: only a power cut is
                // honest about it.
                files.reboot(.seeded(generator.next()))
                continue
            }
            // Otherwise the process may just have been killed, and the page cache lives on.
            if generator.oneIn(2) { files.reboot(.seeded(generator.next())) }
        }
        files.reboot(.nothing)
        var last = try open(files, options)
        try model.check(&last, note: "seed \(seed)")
        if let budget = options.capacityBytes { #expect(files.totalBytes <= budget, "seed \(seed)") }
    }

    private mutating func planFault() {
        let operation = files.history.count + Int.random(in: 0..<60, using: &generator)
        let fault: FaultyFileSystem.Fault =
            switch Int.random(in: 0..<6, using: &generator) {
            case 0: .short
            case 1: .error(errno: 5)
            case 2: .error(errno: 28)
            default: .crash
            }
        files.plan(fault, at: operation)
    }

    private mutating func live(_ log: inout SegmentedLog<FaultyFileSystem>) throws(LogError) {
        for _ in 0..<Int.random(in: 1...40, using: &generator) {
            let lane = Int.random(in: 0..<model.lanes.count, using: &generator)
            switch Int.random(in: 0..<10, using: &generator) {
            case 0..<6: try append(lane, &log)
            case 6, 7: model.synchronized(try log.synchronize().durable)
            case 8 where options.capacity != .growing:
                let through = UInt64.random(in: 0...max(log.durable(Lane(lane)).number, 1), using: &generator)
                // An append that found no room has synchronized all the same.
                model.lanes[lane].durable = log.durable(Lane(lane)).number
                model.released(through, lane)
                log.release(through: Position(through), in: Lane(lane))
            default:
                if generator.oneIn(2) { try log.persistCursor() }
            }
        }
    }

    private mutating func append(_ lane: Int, _ log: inout SegmentedLog<FaultyFileSystem>) throws(LogError) {
        tag += 1
        let largest = generator.oneIn(5) ? options.largestRecord : 900
        let record = payload(tag, count: Int.random(in: 0...largest, using: &generator))
        do throws(LogError) {
            let entry = try log.append(record.span.bytes, to: Lane(lane))
            note(record, entry, lane, log.durable(Lane(lane)))
        } catch  where error.code == .full {
            guard let candidate = log.evictionCandidate(for: Lane(lane)) else { return }
            let declaration = payload(tag, count: 12)
            do throws(LogError) {
                let entry = try log.append(declaration.span.bytes, to: Lane(0), usingReserve: true)
                note(declaration, entry, 0, log.durable(Lane(0)))
            } catch  where error.code == .full {
                return
            }
            model.synchronized(try log.synchronize().durable)
            model.released(candidate.positions.upperBound.number, candidate.lane.index)
            try log.evict(candidate)
        }
    }

    private mutating func note(_ record: [UInt8], _ entry: Entry, _ lane: Int, _ durable: Position) {
        model.appended(record, at: entry.position, to: lane)
        model.lanes[lane].durable = max(model.lanes[lane].durable, durable.number)
    }
}

extension LogOptions {
    fileprivate var capacityBytes: Int? {
        if case .budget(let bytes, _) = capacity { bytes } else { nil }
    }
}

@Suite("In any world")
struct WorldTests {
    /// As many as `WORLD_COUNT` says, or the one in `WORLD_SEED` that a failure printed.
    static let seeds: ClosedRange<UInt64> = {
        let environment = ProcessInfo.processInfo.environment
        if let seed = environment["WORLD_SEED"].flatMap(UInt64.init) { return seed...seed }
        return 1...(environment["WORLD_COUNT"].flatMap(UInt64.init) ?? 400)
    }()

    @Test("the model and the log agree")
    func worlds() throws {
        for seed in WorldTests.seeds {
            var world = World(seed: seed)
            try world.run()
        }
    }
}
