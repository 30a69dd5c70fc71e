package import Telemetry

/// Samples on their way into one frame. Made once and used again: it keeps its memory when emptied.
///
/// Order is kept within a series for samples of one value type; nothing else depends on the order of appending.
package struct SampleBatch: Sendable {
    /// One sample, its series and value type replaced by the index of a lane.
    struct Entry {
        var lane: UInt32
        var quality: UInt8
        var timestamp: Int64
        /// A double's bits, an integer's, 0 or 1, or an index into `texts`.
        var payload: UInt64
    }

    private(set) var entries: [Entry] = []
    private(set) var lanes = LaneTable()
    private(set) var texts: [String] = []
    private var textIndices: [ExactText: UInt32] = [:]
    private var textBytes = 0
    /// All qualities of the batch in one: 0 means that none needs to be written.
    private(set) var anyQuality: UInt8 = 0

    package init() {}

    package var count: Int { entries.count }

    package var isEmpty: Bool { entries.isEmpty }

    /// A rough size of the encoded samples, to close a frame by: what samples of short decimals take at most, usually.
    package var estimatedBytes: Int { 128 + 4 * entries.count + textBytes }

    /// Takes a sample in.
    ///
    /// - Returns: ``estimatedBytes``. To ask for it where the batch stands in an array would copy the batch.
    /// - Throws: `batchFull` when a frame could not hold it too: encode the batch, empty it, append again. `textTooLong` for a
    ///   text that no frame holds.
    @discardableResult
    package mutating func append(_ sample: Sample) throws(FrameError) -> Int {
        guard entries.count < FrameLimits.samples else {
            throw FrameError(.batchFull, "the batch has \(FrameLimits.samples) samples; encode it first")
        }
        let kind: ValueKind
        let payload: UInt64
        switch sample.value {
        case .double(let number): (kind, payload) = (.double, number.bitPattern)
        case .integer(let number): (kind, payload) = (.integer, UInt64(bitPattern: number))
        case .boolean(let flag): (kind, payload) = (.boolean, flag ? 1 : 0)
        case .text(let text): (kind, payload) = (.text, UInt64(try index(of: text)))
        }
        let lane = lanes.count(series: sample.series, kind: kind)
        anyQuality |= sample.quality.rawValue
        entries.append(
            Entry(
                lane: lane, quality: sample.quality.rawValue, timestamp: sample.timestamp.nanoseconds, payload: payload)
        )
        return estimatedBytes
    }

    /// Calls `body` with every sample, in the order of appending.
    package func forEach(_ body: (Sample) -> Void) {
        for entry in entries {
            let key = lanes.keys[Int(entry.lane)]
            let value: Value
            switch LaneTable.kind(of: key) {
            case .double: value = .double(Double(bitPattern: entry.payload))
            case .integer: value = .integer(Int64(bitPattern: entry.payload))
            case .boolean: value = .boolean(entry.payload != 0)
            case .text: value = .text(texts[Int(entry.payload)])
            }
            body(
                Sample(
                    series: SeriesID(rawValue: LaneTable.series(of: key)),
                    timestamp: Timestamp(nanoseconds: entry.timestamp), value: value,
                    quality: Quality(rawValue: entry.quality)))
        }
    }

    /// Empties the batch and keeps its memory for the next frame.
    package mutating func removeAll() {
        entries.removeAll(keepingCapacity: true)
        lanes.removeCounts()
        if !texts.isEmpty {
            texts.removeAll(keepingCapacity: true)
            textIndices.removeAll(keepingCapacity: true)
        }
        textBytes = 0
        anyQuality = 0
    }

    private mutating func index(of text: String) throws(FrameError) -> UInt32 {
        let key = ExactText(text: text)
        if let index = textIndices[key] { return index }
        try FrameLimits.check(text: text)
        // Texts share a frame with the greatest number of samples at their worst, see `FrameLimits.worstSampleBytes`.
        let size = text.utf8.count + 16
        guard textBytes + size <= FrameLimits.batchTextBytes else {
            throw FrameError(.batchFull, "the batch's texts fill a frame; encode it first")
        }
        textBytes += size
        let index = UInt32(texts.count)
        texts.append(text)
        textIndices[key] = index
        return index
    }
}

extension FrameLimits {
    /// What one sample that shares nothing with others takes at most: a timeline of its own (16 bytes), its places in
    /// the lists of series and timelines (6 and 4), a value (10), a run of quality (4).
    static let worstSampleBytes = 40
    /// Bytes of texts in one batch, so that whatever a batch accepted fits a frame, header and all.
    static let batchTextBytes = bytes - samples * worstSampleBytes - 4096
}

/// A text that equals another only byte for byte; Swift's own strings are equal when they look the same.
private struct ExactText: Hashable, Sendable {
    let text: String

    static func == (a: ExactText, b: ExactText) -> Bool { a.text.utf8.elementsEqual(b.text.utf8) }

    func hash(into hasher: inout Hasher) { for byte in text.utf8 { hasher.combine(byte) } }
}
