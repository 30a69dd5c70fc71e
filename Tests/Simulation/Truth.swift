import Delivery
import Frames
import Telemetry
import TestSupport

/// A promise that was not kept.
struct Violation: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}

/// What really happened, known to nobody in the world: against this it is judged.
struct Truth {
    /// What one stream was given.
    struct StreamTruth {
        /// Frames that were stored, by sequence number; false until they were durable.
        var frames: [UInt64: (header: FrameHeader, isDurable: Bool)] = [:]
        /// Samples accepted so far.
        var samples: UInt64 = 0
    }

    private(set) var streams: [Stream: StreamTruth] = [:]
    private(set) var digests: [Stream: [UInt64: FrameDigest]] = [:]

    /// What the simulated sensor measures at a place in a stream: the place itself, or for bulk data, so that they take up room,
    /// something that cannot be compressed.
    static func measurement(_ ordinal: UInt64, in stream: Stream) -> Int64 {
        guard stream.priority == .bulk else { return Int64(ordinal) }
        var generator = SeededGenerator(seed: ordinal)
        return Int64(bitPattern: generator.next())
    }

    /// The next sample's place in its stream.
    func nextOrdinal(of stream: Stream) -> UInt64 { (streams[stream]?.samples ?? 0) + 1 }

    mutating func stored(_ header: FrameHeader) throws(Violation) {
        let before = streams[header.stream]?.samples ?? 0
        guard header.firstOrdinal == before + 1 else {
            throw Violation("\(header.stream) numbers its samples from \(header.firstOrdinal), not \(before + 1)")
        }
        guard streams[header.stream]?.frames[header.sequence] == nil else {
            throw Violation("\(header.stream) stores two frames under number \(header.sequence)")
        }
        streams[header.stream, default: StreamTruth()].frames[header.sequence] = (header, false)
        streams[header.stream]?.samples += UInt64(header.sampleCount)
    }

    /// Everything the install stored in this epoch is on disk.
    mutating func synchronized(install: UUIDBytes, epoch: UInt64) {
        for stream in streams.keys where stream.install == install && stream.epoch == epoch {
            for sequence in streams[stream]?.frames.keys.map({ $0 }) ?? [] {
                streams[stream]?.frames[sequence]?.isDurable = true
            }
        }
    }

    /// A frame leaves a box: its name must never have stood for other bytes.
    mutating func sent(_ header: FrameHeader, _ bytes: [UInt8]) throws(Violation) {
        let digest = FrameDigest(of: bytes)
        if let other = digests[header.stream]?[header.sequence], other != digest {
            throw Violation("\(header.stream) \(header.sequence) names two payloads")
        }
        digests[header.stream, default: [:]][header.sequence] = digest
    }

    /// A frame is in the archive: it is what was sent, and holds what the sensor measured.
    func check(_ frame: FrameDecoder, _ bytes: [UInt8]) throws(Violation) {
        guard let header = frame.header else { return }
        guard digests[header.stream]?[header.sequence] == FrameDigest(of: bytes) else {
            throw Violation("\(header.stream) \(header.sequence) was never sent like that")
        }
        // The last frame of an epoch has no measurements but says where its streams end.
        let ends = frame.extras.events.compactMap(StreamEnd.init)
        guard ends.isEmpty else {
            guard ends.count == header.sampleCount, ends.allSatisfy({ holds($0, of: header.stream) }) else {
                throw Violation("\(header.stream) does not end like that: \(ends)")
            }
            return
        }
        var measured: [Int64] = []
        frame.forEachColumn { column in
            for index in 0..<column.count {
                if case .integer(let number) = column.value(at: index) { measured.append(number) }
            }
        }
        let expected = header.ordinals.map { $0.map { Self.measurement($0, in: header.stream) } } ?? []
        guard measured.sorted() == expected.sorted() else {
            throw Violation("\(header.stream) \(header.sequence) holds \(measured), not \(expected)")
        }
    }
}

extension Truth {
    private func holds(_ end: StreamEnd, of stream: Stream) -> Bool {
        var ended = stream
        ended.priority = end.priority
        let truth = streams[ended]
        return end.epoch == stream.epoch && end.samples == truth?.samples ?? 0
            && end.frames >= UInt64(truth?.frames.count ?? 0)
    }
}

/// What became of the samples of a world.
struct Tally: Sendable {
    var accepted: UInt64 = 0
    var delivered: UInt64 = 0
    var declaredLost: UInt64 = 0
    /// Never durable, and gone in a crash.
    var crashTail: UInt64 = 0
    /// Gone from the end of a stream that nobody closed: flipped bits on a disk, or an archive restored from a copy.
    var missing: UInt64 = 0
    var duplicates: UInt64 = 0
    var frames: UInt64 = 0
    /// Power cuts that were planned and came.
    var crashes = 0

    static func += (a: inout Tally, b: Tally) {
        a.accepted += b.accepted
        a.delivered += b.delivered
        a.declaredLost += b.declaredLost
        a.crashTail += b.crashTail
        a.missing += b.missing
        a.duplicates += b.duplicates
        a.frames += b.frames
        a.crashes += b.crashes
    }
}

extension Truth {
    /// Compares with what the collector says in the end.
    ///
    /// `isDamaged`: bits were flipped, or the archive was restored from a copy: then what is gone must be declared, unless nothing
    /// came after it that says where its stream ended.
    func judge(_ ledgers: [Stream: StreamLedger], isDamaged: Bool) throws(Violation) -> Tally {
        var tally = Tally()
        for (stream, truth) in streams {
            let ledger = ledgers[stream] ?? StreamLedger()
            for (sequence, frame) in truth.frames where frame.isDurable && !ledger.has(sequence) {
                if ledger.declaredFrames.contains(sequence) { continue }
                // Whatever can be asked for has been, and was declared.
                let isAtTheEnd = sequence > ledger.received.greatest ?? 0
                guard isDamaged, isAtTheEnd, !ledger.hasProvenEnd else {
                    throw Violation("\(stream) \(sequence) was durable and is silently lost")
                }
            }
            if ledger.hasProvenEnd {
                guard ledger.acceptedCount == truth.samples, ledger.missingCount == 0 else {
                    throw Violation("\(stream) has ended with \(truth.samples) samples; the ledger: \(ledger)")
                }
            }
            let kept = truth.frames.values.filter { ledger.has($0.header.sequence) }
            let delivered = kept.reduce(0) { $0 + UInt64($1.header.sampleCount) }
            guard ledger.deliveredCount == delivered else {
                throw Violation("\(stream): the ledger counts \(ledger.deliveredCount) samples, not \(delivered)")
            }
            let lost = ledger.lostCount
            let open = truth.frames.values.filter { frame in
                !ledger.has(frame.header.sequence) && !ledger.declaredFrames.contains(frame.header.sequence)
            }
            let tail = open.filter { !$0.isDurable }.reduce(0) { $0 + UInt64($1.header.sampleCount) }
            var missing = open.filter(\.isDurable).reduce(0) { $0 + UInt64($1.header.sampleCount) }
            if ledger.uncountedFrames > 0 {
                // Declared, but nothing behind them tells what they held; unless another declaration did.
                let last = ledger.received.greatest ?? 0
                let uncounted = truth.frames.values.map(\.header).filter { header in
                    header.sequence > last && ledger.uncounted.contains(header.sequence)
                }
                missing += IntervalSet(uncounted.compactMap(\.ordinals)).subtracting(ledger.declaredSamples).count
            }
            guard truth.samples == delivered + lost + tail + missing else {
                throw Violation(
                    "\(stream): \(truth.samples) accepted, but \(delivered) delivered, \(lost) declared lost, \(tail) in "
                        + "the crash tail, \(missing) missing")
            }
            tally.accepted += truth.samples
            tally.delivered += delivered
            tally.declaredLost += lost
            tally.crashTail += tail
            tally.missing += missing
            tally.duplicates += ledger.duplicates
            tally.frames += UInt64(truth.frames.count)
        }
        return tally
    }
}
