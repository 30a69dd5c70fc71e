import Foundation
import SegmentLog
import TestSupport
import Testing

/// What a small workload does, step by step.
enum Step: CaseIterable {
    case appendPrecious, appendBulk, fillBulk, synchronize, releaseBulk, evictBulk
}

@Suite("After a crash")
struct CrashTests {
    /// All workloads of up to two steps, or as many as `CRASH_STEPS` says. CrashMonkey and ALICE found that most crash
    /// bugs need three or fewer.
    static let workloads: [[Step]] = {
        var all: [[Step]] = [[]]
        var longest: [[Step]] = [[]]
        let steps = ProcessInfo.processInfo.environment["CRASH_STEPS"].flatMap(Int.init) ?? 2
        for _ in 0..<steps {
            longest = longest.flatMap { head in Step.allCases.map { head + [$0] } }
            all += longest
        }
        return all
    }()

    private let options: LogOptions

    init() { options = .small() }

    private init(_ options: LogOptions) { self.options = options }

    @Test(
        "at any operation of any small workload, all that was durable is there, once, in order",
        arguments: [8192, 16384])
    func everyOperation(segmentSize: Int) throws {
        try CrashTests(.small(size: segmentSize)).tryEverything()
    }

    private func tryEverything() throws {
        let empty = (disk: SimulatedDisk(), model: LogModel(laneCount: 2))
        try crashEverywhere(in: [[]], on: empty)
        // On a log whose files are new, and on one whose files have all been used before.
        let files = FaultyFileSystem()
        try open(files, options).close()
        try crashEverywhere(in: Self.workloads, on: (files.disk, empty.model))
        var model = empty.model
        try use(files, &model)
        try crashEverywhere(in: Self.workloads, on: (files.disk, model))
    }

    private func crashEverywhere(
        in workloads: [[Step]], on start: (disk: SimulatedDisk, model: LogModel)
    ) throws {
        for workload in workloads {
            var operation = 0
            while try crash(workload, on: start, at: operation) { operation += 1 }
        }
    }

    /// Runs the workload with the power cut at an operation; false if the workload ended before it.
    private func crash(
        _ workload: [Step], on start: (disk: SimulatedDisk, model: LogModel), at operation: Int
    ) throws -> Bool {
        let files = FaultyFileSystem(disk: start.disk, seed: UInt64(operation + 1))
        var model = start.model
        // What a crash while opening leaves does not depend on the workload: the empty one covers it.
        if workload.isEmpty { files.plan(.crash, at: files.history.count + operation) }
        do throws(LogError) {
            var log = try open(files, options)
            if !workload.isEmpty { files.plan(.crash, at: files.history.count + operation) }
            for (index, step) in workload.enumerated() { try perform(step, index, &log, &model) }
            try log.close()
        } catch {
            guard files.isCrashed else { throw error }
        }
        let disk = files.disk
        for survival in [.nothing, .everything, .seeded(7)] as [SimulatedDisk.Survival] {
            try check(disk.afterCrash(survival), model, "\(workload), operation \(operation), \(survival)")
        }
        return files.isCrashed
    }

    /// Starts on what is left, twice, goes on, and starts once more after another power cut.
    private func check(_ disk: SimulatedDisk, _ before: LogModel, _ note: String) throws {
        let files = FaultyFileSystem(disk: disk, seed: 99)
        var model = before
        var first = try open(files, options)
        try model.check(&first, note: note)
        let report = first.recovery
        _ = consume first
        var log = try open(files, options)
        #expect(log.recovery == report, "a second recovery finds the same: \(note)")
        // A start may take a new segment; this log is so small that it may need one back.
        log.release(through: log.durable(Lane(1)), in: Lane(1))
        model.released(log.durable(Lane(1)).number, 1)
        let mark: [UInt8] = [1, 2, 3]
        model.appended(mark, at: try log.append(mark.span.bytes, to: Lane(1)).position, to: 1)
        model.synchronized(try log.synchronize().durable)
        _ = consume log
        files.reboot(.nothing)
        var last = try open(files, options)
        try model.check(&last, note: note)
    }

    /// Lets every file carry records once, so that stale ones are everywhere.
    private func use(_ files: FaultyFileSystem, _ model: inout LogModel) throws {
        var log = try open(files, options)
        for tag in 0..<12 {
            for lane in 0..<2 {
                let record = payload(tag, count: 1800)
                model.appended(record, at: try log.append(record.span.bytes, to: Lane(lane)).position, to: lane)
                model.synchronized(try log.synchronize().durable)
                let through = UInt64(max(tag - 1, 0))
                log.release(through: Position(through), in: Lane(lane))
                model.released(through, lane)
            }
        }
        try log.close()
    }

    private func perform(
        _ step: Step, _ tag: Int, _ log: inout SegmentedLog<FaultyFileSystem>, _ model: inout LogModel
    ) throws(LogError) {
        switch step {
        case .appendPrecious: try append(payload(tag, count: 40), 0, &log, &model)
        case .appendBulk: try append(payload(tag, count: 40), 1, &log, &model)
        case .fillBulk:
            for part in 0..<2 { try append(payload(tag * 2 + part, count: 2500), 1, &log, &model) }
        case .synchronize: model.synchronized(try log.synchronize().durable)
        case .releaseBulk:
            let position = log.durable(Lane(1))
            model.released(position.number, 1)
            log.release(through: position, in: Lane(1))
        case .evictBulk:
            guard let candidate = log.evictionCandidate(for: Lane(1)) else { return }
            try append([9, 9], 0, &log, &model)
            model.synchronized(try log.synchronize().durable)
            model.released(candidate.positions.upperBound.number, candidate.lane.index)
            try log.evict(candidate)
        }
    }

    private func append(
        _ record: [UInt8], _ lane: Int, _ log: inout SegmentedLog<FaultyFileSystem>, _ model: inout LogModel
    ) throws(LogError) {
        do throws(LogError) {
            let entry = try log.append(record.span.bytes, to: Lane(lane))
            model.appended(record, at: entry.position, to: lane)
            // A full segment is synchronized while appending.
            model.lanes[lane].durable = log.durable(Lane(lane)).number
        } catch  where error.code == .full {}
    }
}
