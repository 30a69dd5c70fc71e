import FuzzSupport
import SegmentLog
import TestSupport

/// A log's directory with foreign bytes in it: it opens, or says why not; it reads to the end; it does so again after a
/// crash; and what is appended then comes behind what was there.
@_cdecl("LLVMFuzzerTestOneInput")
package func fuzzSegment(_ data: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    // Files in memory are copied with every read and crash; a segment has eight kilobytes, and there are few.
    fuzz(data, count, base: 32 << 20, factor: 64) { bytes in
        guard let plan = DamagePlan(bytes) else { return }
        let files = FaultyFileSystem(disk: plan.disk)
        let found = Set(files.paths)
        guard let first = contents(of: plan, files) else { return }
        // A growing log removes what was released or begun in vain, and what a forged header said goes with it.
        let isWhole = found.isSubset(of: files.paths)
        files.reboot(.nothing)
        let second = contents(of: plan, files)
        let isUnchanged = second.map { zip($0, first).allSatisfy { isSame($0, as: $1) } } ?? false
        demand(!isWhole || isUnchanged, "a second recovery finds what the first one found: \(told(first)), and not \(told(second))")
        files.reboot(.everything)
        append(plan, files, after: second ?? first)
    }
}

/// What a reader of each lane was told; nil when the log refused to open.
private func contents(of plan: DamagePlan, _ files: FaultyFileSystem) -> [[Step]]? {
    do throws(LogError) {
        var log = try SegmentedLog(directory: plan.directory, options: plan.options, files: files)
        return read(&log, plan)
    } catch {
        demand(!error.message.isEmpty, "an error has words")
        return nil
    }
}

/// Whether a reader was told the same again. Where the only word of a release was lost, what was released comes once more, before all
/// else: records, or a loss that begins earlier.
private func isSame(_ again: [Step], as before: [Step]) -> Bool {
    guard again.count >= before.count else { return false }
    let rest = again.suffix(before.count)
    guard let first = before.first, let same = rest.first else { return true }
    var isFirstSame = first == same
    if case .lost(let lost) = first.step, case .lost(let more) = same.step {
        isFirstSame = more.lowerBound <= lost.lowerBound && more.upperBound == lost.upperBound
    }
    return isFirstSame && rest.dropFirst() == before.dropFirst()
}

private struct Step: Equatable {
    let step: ReadStep
    let payload: [UInt8]
}

/// For each lane what a reader was told, records by their numbers.
private func told(_ lanes: [[Step]]?) -> String {
    guard let lanes else { return "that the log does not open" }
    let words = lanes.map { steps in
        steps.map { step in
            switch step.step {
            case .record(let entry): "\(entry.position.number)"
            case .lost(let range): "lost \(range.lowerBound.number)...\(range.upperBound.number)"
            case .end: "end"
            }
        }
    }
    return "\(words)"
}

private func read(_ log: inout SegmentedLog<FaultyFileSystem>, _ plan: DamagePlan) -> [[Step]] {
    var lanes: [[Step]] = []
    for index in 0..<plan.options.laneCount {
        var reader = log.reader(of: Lane(index))
        var steps: [Step] = []
        var payload: [UInt8] = []
        while true {
            let before = reader.position
            let step = demanded("a sound device reads") { () throws(LogError) in
                try log.next(&reader, into: &payload)
            }
            if step == .end { break }
            demand(reader.position > before, "a reader moves on with every step")
            demand(steps.count < 10_000, "a lane ends")
            if case .record(let entry) = step {
                demand(entry.position == reader.position, "a reader stands at the record it gave")
                var again: [UInt8] = []
                let position = demanded("a record can be read at its location") { () throws(LogError) in
                    try log.read(at: entry.location, into: &again)
                }
                demand(position == entry.position && again == payload, "a record is the same at its location")
                steps.append(Step(step: step, payload: payload))
            } else {
                steps.append(Step(step: step, payload: []))
            }
        }
        lanes.append(steps)
    }
    return lanes
}

private func append(_ plan: DamagePlan, _ files: FaultyFileSystem, after known: [[Step]]) {
    let record: [UInt8] = Array(repeating: 0xC3, count: 100)
    var appended: [Position?] = []
    do throws(LogError) {
        var log = try SegmentedLog(directory: plan.directory, options: plan.options, files: files)
        for index in 0..<plan.options.laneCount {
            do throws(LogError) {
                let entry = try log.append(record.span.bytes, to: Lane(index))
                demand(entry.position > log.durable(Lane(index)), "what is appended comes behind what is there")
                appended.append(entry.position)
            } catch {
                demand(error.code == .full, "only a full log takes nothing, not: \(error)")
                appended.append(nil)
            }
        }
        try log.synchronize()
        try log.close()
    } catch {
        demand(false, "a log that opened opens again and can be closed, but: \(error)")
    }
    let now = contents(of: plan, files)
    demand(now != nil, "a log that was closed opens")
    for (index, steps) in (now ?? []).enumerated() {
        demand(steps.starts(with: known[index]), "what was there is there still")
        let more = steps.dropFirst(known[index].count)
        guard let position = appended[index] else {
            demand(more.isEmpty, "nothing came of its own")
            continue
        }
        guard case .record(let entry)? = more.last?.step else {
            demand(false, "what was appended is there")
            continue
        }
        demand(entry.position == position && more.last?.payload == record && more.count == 1, "and nothing else")
    }
}
