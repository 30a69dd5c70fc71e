import Frames
import SegmentLog
import Telemetry
import TestSupport
import Testing

@testable import Agent

@Suite("When the spool is full")
struct SpoolEvictionTests {
    /// Samples that fill about a third of a segment.
    private static let third = 120

    /// Stores frames of a class until one had to make room; gives what was let go.
    private func fill(
        _ spool: inout Spool<FaultyFileSystem>, _ priority: PriorityClass, seed: UInt64 = 1
    ) throws -> [Spool<FaultyFileSystem>.Eviction] {
        for number in 0..<200 {
            try spool.store(.noise(Self.third, seed: seed + UInt64(number)), as: priority)
            let evictions = spool.takeEvictions()
            if !evictions.isEmpty { return evictions }
        }
        Issue.record("200 frames did not fill the spool")
        return []
    }

    @Test("bulk goes first, oldest first, and metric only when no bulk is left to go")
    func order() throws {
        let box = Box(segments: 12)
        var spool = try box.open()
        for number in 0..<12 { try spool.store(.noise(Self.third, seed: UInt64(number)), as: .metric) }
        var evictions = try fill(&spool, .bulk)
        for number in 0..<60 {
            try spool.store(.noise(Self.third, seed: 500 + UInt64(number)), as: .metric)
            evictions += spool.takeEvictions()
        }
        let classes = evictions.map(\.priority)
        let bulk = classes.prefix { $0 == .bulk }.count
        #expect(bulk >= 3)
        #expect(classes.count > bulk, "then came metric")
        #expect(classes.dropFirst(bulk).allSatisfy { $0 == .metric })
        for priority in [PriorityClass.bulk, .metric] {
            let positions = evictions.filter { $0.priority == priority }.map(\.through)
            #expect(positions == positions.sorted() && Set(positions).count == positions.count)
            #expect(spool.released(priority) == positions.last)
        }
        #expect(evictions.allSatisfy { $0.samples == UInt64($0.frames * Self.third) && $0.frames > 0 })
        #expect(spool.takeEvictions().isEmpty, "each is told once")
    }

    @Test("bulk never costs a metric: it evicts its own oldest")
    func bulkEvictsBulk() throws {
        let box = Box(segments: 12)
        var spool = try box.open()
        let kept = try (0..<9).map { try spool.store(.noise(Self.third, seed: $0), as: .metric) }
        for round in 0..<10 {
            let evictions = try fill(&spool, .bulk, seed: UInt64(round) * 1000)
            #expect(evictions.map(\.priority) == [.bulk])
        }
        try spool.synchronize()
        #expect(try spool.headers(of: .metric) == kept)
    }

    @Test("every sample is on disk or declared lost, to the number")
    func arithmetic() throws {
        let box = Box()
        var spool = try box.open()
        var stored: [Stream: UInt64] = [:]
        var frames: [Stream: UInt64] = [:]
        var evicted: (frames: UInt64, samples: UInt64) = (0, 0)
        for number in 0..<80 {
            let priority: PriorityClass = number % 3 == 0 ? .metric : .bulk
            let header = try spool.store(.noise(40 + number, seed: UInt64(number)), as: priority)
            stored[header.stream, default: 0] += UInt64(header.sampleCount)
            frames[header.stream, default: 0] += 1
            for eviction in spool.takeEvictions() {
                evicted.frames += UInt64(eviction.frames)
                evicted.samples += eviction.samples
            }
        }
        try spool.synchronize()
        let losses = try spool.declarations()
        #expect(losses.allSatisfy { $0.reason == .evicted })
        for (stream, samples) in stored {
            let waiting = try spool.headers(of: stream.priority)
            let lost = losses.filter { $0.priority == stream.priority && $0.epoch == stream.epoch }
            let lostSamples = lost.reduce(0) { $0 + UInt64($1.ordinals?.count ?? 0) }
            let lostFrames = lost.reduce(0) { $0 + UInt64($1.sequences.count) }
            #expect(!lost.isEmpty)
            #expect(waiting.reduce(lostSamples) { $0 + UInt64($1.sampleCount) } == samples)
            #expect(UInt64(waiting.count) + lostFrames == frames[stream])
            #expect(lost.first?.sequences.lowerBound == 1)
            #expect(lost.last.map { $0.sequences.upperBound + 1 } == waiting.first?.sequence)
            #expect(lost.last?.ordinals.map { $0.upperBound + 1 } == waiting.first?.firstOrdinal)
        }
        #expect(losses.reduce(0) { $0 + UInt64($1.sequences.count) } == evicted.frames)
        let counted = spool.account.lost
        #expect(counted.keys.allSatisfy { $0.reason == .evicted })
        #expect(counted.values.reduce(0) { $0 + $1.frames } == evicted.frames)
        #expect(counted.values.reduce(0) { $0 + $1.samples } == evicted.samples)
        for priority in PriorityClass.allCases {
            let waiting = try spool.headers(of: priority).reduce(0) { $0 + UInt64($1.sampleCount) }
            let pending = spool.pendingSamples(priority)
            #expect(pending == waiting)
        }
        #expect(losses.reduce(0) { $0 + UInt64($1.ordinals?.count ?? 0) } == evicted.samples)
    }

    /// A spool with all the bulk it has room for, on disk: the next segment of it needs an eviction.
    ///
    /// `durable`: what it then holds.
    private func brimful(_ box: Box, _ durable: inout [FrameHeader]) throws -> Spool<FaultyFileSystem> {
        var spool = try box.open()
        while spool.statistics.freeBytes > 2 * Box.segmentSize || durable.count % 3 != 0 {
            durable.append(try spool.store(.noise(Self.third, seed: UInt64(durable.count)), as: .bulk))
        }
        try spool.synchronize()
        return spool
    }

    @Test("wherever the power is cut, what the eviction took is declared lost or still there")
    func declaredBeforeGone() throws {
        let reference = Box()
        var durable: [FrameHeader] = []
        var whole = try brimful(reference, &durable)
        let start = reference.files.history.count
        _ = try fill(&whole, .bulk, seed: 900)
        let operations = reference.files.history.count - start
        try #require((5..<60).contains(operations))
        for operation in 0...operations {
            for survival in [.nothing, .everything, .seeded(UInt64(operation))] as [SimulatedDisk.Survival] {
                let box = Box(seed: UInt64(operation) + 1)
                var durable: [FrameHeader] = []
                var spool = try brimful(box, &durable)
                box.files.plan(.crash, afterMore: operation)
                do {
                    _ = try fill(&spool, .bulk, seed: 900)
                } catch let error as AgentError {
                    #expect(error.code == .spool)
                }
                _ = consume spool
                box.files.reboot(survival)
                spool = try box.open()
                let there = Set(try spool.headers(of: .bulk).map(\.sequence))
                let losses = try spool.declarations()
                let silent = durable.map(\.sequence).filter { sequence in
                    !there.contains(sequence) && !losses.contains { $0.sequences.contains(sequence) }
                }
                #expect(silent.isEmpty, "crash at operation \(operation), \(survival)")
            }
        }
    }

    @Test("events have segments of their own in reserve, which nothing less precious takes")
    func reserve() throws {
        let box = Box()
        var spool = try box.open()
        _ = try fill(&spool, .bulk)
        try spool.synchronize()
        let before = spool.pending(.bulk)
        // The declarations took the first of the reserve; this fills what is left of it.
        for number in 0..<3 { try spool.store(.noise(Self.third, seed: UInt64(number)), as: .event) }
        #expect(spool.takeEvictions().isEmpty)
        #expect(spool.pending(.bulk) == before)
    }

    @Test("events are never let go: with nothing else left the spool is full, and says so")
    func fullOfEvents() throws {
        let box = Box()
        var spool = try box.open()
        _ = try fill(&spool, .metric)
        var stored: [FrameHeader] = []
        var refusal: AgentError?
        while refusal == nil, stored.count < 200 {
            do {
                stored.append(try spool.store(.noise(Self.third, seed: UInt64(stored.count)), as: .event))
            } catch let error as AgentError {
                refusal = error
            }
        }
        #expect(refusal?.code == .full)
        #expect(refusal?.message == Self.full("event"))
        for priority in [PriorityClass.metric, .bulk] {
            // The segments that are open may have room for a little more.
            let error = #expect(throws: AgentError.self) {
                for number in 0..<100 { try spool.store(.noise(Self.third, seed: UInt64(number)), as: priority) }
            }
            #expect(error?.code == .full)
            #expect(error?.message == Self.full(priority.name))
        }
        try spool.synchronize()
        let kept = Set(try spool.headers(of: .event))
        #expect(stored.allSatisfy(kept.contains), "not one event is gone")
    }

    private static func full(_ name: String) -> String {
        "the spool is full of data at least as precious as class '\(name)'; give 'spool: size' more, or bring the "
            + "collector back"
    }

    @Test("what was delivered makes room without any loss")
    func released() throws {
        let box = Box()
        var spool = try box.open()
        for number in 0..<100 {
            try spool.store(.noise(Self.third, seed: UInt64(number)), as: .metric)
            try spool.synchronize()
            spool.release(through: UInt64(number) + 1, of: .metric)
        }
        #expect(spool.takeEvictions().isEmpty)
        #expect(try spool.declarations().isEmpty)
        #expect(box.files.totalBytes <= Int(box.settings.size) + 2 * 48, "and the budget holds")
    }
}
