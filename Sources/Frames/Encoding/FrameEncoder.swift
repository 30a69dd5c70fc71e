import Checksums
package import Telemetry

/// Turns batches into frames. Made once and used again: its working memory is kept, so that in steady state nothing is
/// allocated per sample.
///
/// The same batch at the same head gives the same bytes.
package struct FrameEncoder: Sendable {
    /// The columns to be, by series and value type; their samples lie together in the arrays below.
    var lanes: [ActiveLane] = []
    /// Nanoseconds since 1970.
    var timestamps: [Int64] = []
    /// As in `SampleBatch.Entry`.
    var payloads: [UInt64] = []
    var qualities: [UInt8] = []
    /// Integers and mantissas.
    var integers: [Int64] = []
    var timelines: [Timeline] = []
    /// Open addressing over `timelines` by hash.
    var timelineTable: [Int32] = []
    /// One timeline in its unit.
    var ticks: [Int64] = []
    /// By lane of the batch, where its next sample goes.
    var nextPlaces: [Int] = []
    /// By text of the batch, its place in the column's dictionary.
    var dictionaryPlaces: [UInt32] = []
    /// The integers of one column's lanes that have one sample.
    var singles: [Int64] = []
    /// One lane in another form than `integers` has, while codecs are tried.
    var trial: [Int64] = []
    var distinct = DistinctValues()
    /// Lanes' distinct values, and the places and bits of doubles that are no decimals.
    var entries: [Int64] = []
    var patches: [Patch] = []
    var writer = ByteWriter()
    /// A byte string whose length must be known before it is written, and the same compressed.
    var content = ByteWriter()
    var compressed: [UInt8] = []
    let compressor = Compressor()

    package init() {}

    /// Encodes `batch` and `extras` as the frame at `head`.
    ///
    /// - Parameters:
    ///   - batch: the samples.
    ///   - extras: what else the frame carries.
    ///   - head: where the stream stands; advance it once the frame is kept.
    ///   - clock: the box's clocks now. Timestamps near its wall clock are shorter.
    ///   - frame: emptied first, its capacity kept; left empty when the frame cannot be made.
    /// - Returns: the header that the frame carries.
    /// - Throws: `tooLarge` when `extras` do not fit (a batch alone always does), `textTooLong`, or `invalid`.
    package mutating func encode(
        _ batch: SampleBatch, _ extras: FrameExtras = FrameExtras(), at head: StreamHead, clock: ClockReading,
        into frame: inout [UInt8]
    ) throws(FrameError) -> FrameHeader {
        frame.removeAll(keepingCapacity: true)
        let sampleCount = batch.count + extras.events.count
        guard sampleCount <= FrameLimits.samples else {
            throw FrameError(.tooLarge, "a frame holds at most \(FrameLimits.samples) samples and events")
        }
        let counters = [head.stream.epoch, head.sequence, head.firstOrdinal]
        guard counters.allSatisfy({ $0 < FrameLimits.counter }) else {
            throw FrameError(.invalid, "epoch, sequence number and ordinal must be below 2^62")
        }
        try extras.validate()
        let header = FrameHeader(
            stream: head.stream, sequence: head.sequence, sampleCount: sampleCount, firstOrdinal: head.firstOrdinal,
            clock: clock, previous: head.previous)

        swap(&frame, &writer.bytes)
        write(header, batch, extras)
        swap(&frame, &writer.bytes)
        guard frame.count <= FrameLimits.bytes else {
            let size = frame.count
            frame.removeAll(keepingCapacity: true)
            throw FrameError(.tooLarge, "the frame would have \(size) bytes; at most \(FrameLimits.bytes) are allowed")
        }
        return header
    }

    /// As an array, or as a byte string with the array compressed.
    private mutating func writeDefinitions(_ definitions: [SeriesDefinition]) {
        content.bytes.removeAll(keepingCapacity: true)
        content.arrayHead(definitions.count)
        for definition in definitions { definition.write(to: &content) }
        if compressContent(of: Compression.leastContent) {
            writer.byteString(compressed)
        } else {
            writer.bytes.append(contentsOf: content.bytes)
        }
    }

    /// Compresses `content` into `compressed`, if it has at least `least` bytes and that is worthwhile.
    mutating func compressContent(of least: Int) -> Bool {
        let size = content.bytes.count
        guard size >= least, content.bytes.withUnsafeBytes(Compression.looksPromising),
            compressor.compress(content.bytes, into: &compressed)
        else { return false }
        return Compression.isWorthwhile(size, compressed: compressed.count)
    }

    private mutating func write(_ header: FrameHeader, _ batch: SampleBatch, _ extras: FrameExtras) {
        gather(batch)
        shareTimelines()
        chooseCodecs()

        writer.bytes.append(contentsOf: Envelope.opening)
        header.write(to: &writer)
        writeDefinitions(extras.definitions)
        writeTimelines(reference: header.clock.wall.nanoseconds)
        writeColumns(texts: batch.texts, anyQuality: batch.anyQuality)
        writer.arrayHead(extras.events.count)
        for event in extras.events { event.write(to: &writer) }
        writer.arrayHead(extras.losses.count)
        for loss in extras.losses { loss.write(to: &writer) }
        writer.head(.bytes, UInt64(Envelope.checksumSize))
        writer.bigEndian(writer.bytes.withUnsafeBytes { CRC32C.checksum(of: $0) })
    }
}

/// What stands around the content of every frame.
enum Envelope {
    /// Tag 55799, "self-described CBOR" (RFC 8949, section 3.4.6), and the head of an array of seven.
    static let opening: [UInt8] = [0xD9, 0xD9, 0xF7, 0x87]
    static let checksumSize = 4
    /// The head of the checksum's byte string, and the checksum.
    static let closingSize = 1 + checksumSize
}

/// Samples of one series and value type, while they are being encoded.
struct ActiveLane {
    let series: UInt32
    let kind: ValueKind
    /// Where its samples lie in the encoder's arrays.
    let samples: Range<Int>
    /// Index into `timelines`.
    var timeline = 0
    var codec = Codec.binary64
    var exponent = 0
    /// Of the lane's integers, as the encoder's `integers` has them when all codecs are chosen.
    var block: IntegerBlock?
    /// Where in the encoder's `entries` its distinct values lie.
    var entries = 0..<0
    /// Where in the encoder's `patches` its doubles lie that are no decimals.
    var patches = 0..<0
}

/// Timestamps that one or more lanes share.
struct Timeline {
    /// Where they lie in the encoder's `timestamps`.
    let samples: Range<Int>
    let hash: UInt64
}

extension FrameEncoder {
    /// Brings the samples of each lane together, in the order in which they were appended.
    private mutating func gather(_ batch: SampleBatch) {
        lanes.removeAll(keepingCapacity: true)
        Self.grow(&timestamps, to: batch.count)
        Self.grow(&payloads, to: batch.count)
        Self.grow(&integers, to: batch.count)
        Self.grow(&trial, to: batch.count)
        Self.grow(&nextPlaces, to: batch.lanes.keys.count)
        var start = 0
        for lane in batch.lanes.order {
            let lane = Int(lane)
            let count = batch.lanes.counts[lane]
            if count == 0 { continue }
            let key = batch.lanes.keys[lane]
            nextPlaces[lane] = start
            lanes.append(
                ActiveLane(
                    series: LaneTable.series(of: key), kind: LaneTable.kind(of: key), samples: start..<(start + count)))
            start += count
        }
        scatter(batch)
    }

    private mutating func scatter(_ batch: SampleBatch) {
        nextPlaces.withUnsafeMutableBufferPointer { nextPlaces in
            timestamps.withUnsafeMutableBufferPointer { timestamps in
                payloads.withUnsafeMutableBufferPointer { payloads in
                    batch.entries.withUnsafeBufferPointer { entries in
                        for entry in entries {
                            let place = nextPlaces[Int(entry.lane)]
                            nextPlaces[Int(entry.lane)] = place &+ 1
                            timestamps[place] = entry.timestamp
                            payloads[place] = entry.payload
                        }
                    }
                }
            }
        }
        if batch.anyQuality != 0 { scatterQualities(batch) }
    }

    private mutating func scatterQualities(_ batch: SampleBatch) {
        Self.grow(&qualities, to: batch.count)
        for lane in batch.lanes.counts.indices { nextPlaces[lane] -= batch.lanes.counts[lane] }
        for entry in batch.entries {
            let place = nextPlaces[Int(entry.lane)]
            nextPlaces[Int(entry.lane)] = place + 1
            qualities[place] = entry.quality
        }
    }

    static func grow<Number: FixedWidthInteger>(_ array: inout [Number], to count: Int) {
        if array.count < count { array.append(contentsOf: repeatElement(0, count: count - array.count)) }
    }
}
