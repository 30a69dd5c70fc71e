import Telemetry

/// Turns frames back into columns. Made once and used again.
///
/// A frame is validated to its last byte before anything of it can be seen. Hostile bytes cost at most a small multiple
/// of their own size and of `FrameLimits.samples`: no length is believed before it is bounded by the bytes that are
/// there or by the samples that the header announces, and nothing is decompressed that says to be more than
/// `Compression.greatestRatio` times its bytes, or more than a frame may have.
package struct FrameDecoder: Sendable {
    /// Where the parts of a column lie in the decoder's arrays.
    struct Lane {
        let series: UInt32
        let kind: ValueKind
        let timestamps: Range<Int>
        let values: Range<Int>
        var quality = 0..<0

        /// Ascending order of columns.
        var key: UInt64 { UInt64(series) << 2 | UInt64(kind.rawValue) }
    }

    private let verifiesChecksum: Bool
    /// Of the frame last decoded; nil before the first and after a failure.
    package private(set) var header: FrameHeader?
    /// Of the frame last decoded.
    package internal(set) var extras = FrameExtras()

    var lanes: [Lane] = []
    /// Timelines one after another, and where each lies.
    var timestamps = Room<Int64>()
    var timelines: [Range<Int>] = []
    var doubles = Room<Double>()
    var integers = Room<Int64>()
    var booleans = Room<Bool>()
    var texts = Room<UInt32>()
    var dictionary: [String] = []
    var qualities: [Quality] = []
    /// The entries of one lane's dictionary, or values that are yet to be narrowed.
    var entries = Room<Int64>()
    var exponents = Room<UInt8>()
    var patches: [Patch] = []
    /// The content of what was compressed, of one column at a time.
    var expanded: [UInt8] = []
    /// Bytes that may still be decompressed.
    var expansion = 0
    let decompressor = Decompressor()
    /// Samples that the header announces and no column has given yet.
    var missing = 0

    /// - Parameter verifyingChecksum: false only for bytes that have just been verified.
    package init(verifyingChecksum: Bool = true) { verifiesChecksum = verifyingChecksum }

    /// Decodes all of `frame`. On failure the decoder holds no frame.
    ///
    /// - Throws: `notAFrame`, `unsupportedVersion`, `checksumMismatch`, `malformed` or `tooLarge`.
    @discardableResult
    package mutating func decode(_ frame: [UInt8]) throws(FrameError) -> FrameHeader {
        removeAll()
        do throws(FrameError) {
            let decoded = try read(frame)
            header = decoded
            return decoded
        } catch {
            removeAll()
            throw error
        }
    }

    /// The columns of the frame last decoded, by ascending series id, then doubles, integers, booleans, texts.
    package var columns: some RandomAccessCollection<Column> { lanes.lazy.map(column) }

    /// Calls `body` with each of `columns` in turn.
    package func forEachColumn<Failure: Error>(_ body: (Column) throws(Failure) -> Void) throws(Failure) {
        for lane in lanes { try body(column(lane)) }
    }

    private func column(_ lane: Lane) -> Column {
        let values: ColumnValues =
            switch lane.kind {
            case .double: .doubles(doubles.elements[lane.values])
            case .integer: .integers(integers.elements[lane.values])
            case .boolean: .booleans(booleans.elements[lane.values])
            case .text: .texts(texts.elements[lane.values], dictionary: dictionary)
            }
        return Column(
            series: SeriesID(rawValue: lane.series), timestamps: timestamps.elements[lane.timestamps], values: values,
            quality: qualities[lane.quality])
    }

    private mutating func removeAll() {
        header = nil
        extras = FrameExtras()
        lanes.removeAll(keepingCapacity: true)
        timestamps.removeAll()
        timelines.removeAll(keepingCapacity: true)
        doubles.removeAll()
        integers.removeAll()
        booleans.removeAll()
        texts.removeAll()
        dictionary.removeAll(keepingCapacity: true)
        qualities.removeAll(keepingCapacity: true)
    }
}

extension FrameDecoder {
    private mutating func read(_ frame: [UInt8]) throws(FrameError) -> FrameHeader {
        var reader = try ByteReader(openingFrame: frame, verifyingChecksum: verifiesChecksum)
        let header = try FrameHeader(from: &reader)
        missing = header.sampleCount
        expansion = FrameLimits.bytes - frame.count
        try readDefinitions(from: &reader)
        try readTimelines(from: &reader, reference: header.clock.wall.nanoseconds)
        try readColumns(from: &reader)
        reader.part = .events
        for _ in 0..<(try reader.arrayHead()) { extras.events.append(try Event(from: &reader)) }
        guard extras.events.count == missing else {
            throw reader.malformed("the frame has more or fewer samples than its header announces")
        }
        reader.part = .losses
        for _ in 0..<(try reader.arrayHead()) { extras.losses.append(try LossDeclaration(from: &reader)) }
        guard reader.isAtEnd else { throw reader.malformed("there are bytes left over") }
        return header
    }

    private mutating func readTimelines(from reader: inout ByteReader, reference: Int64) throws(FrameError) {
        reader.part = .timelines
        var reference = reference
        for _ in 0..<(try reader.arrayHead()) {
            try reader.arrayHead(of: 3)
            let count = try reader.unsigned()
            // Every timeline has a series of its own, so that together they are no longer than all samples.
            guard count >= 1, count <= UInt64(missing - timestamps.count) else {
                throw reader.malformed("a timeline has no timestamp, or more than the header announces")
            }
            guard try reader.unsigned() == UInt64(Codec.integer.rawValue) else {
                throw reader.malformed("a timeline is in no known codec")
            }
            let timeline = try timestamps.append(Int(count), placeholder: 0) { (ticks) throws(FrameError) in
                try reader.content { (content) throws(FrameError) in try Self.read(ticks, reference, from: &content) }
            }
            timelines.append(timeline)
            reference = timestamps.elements[timeline.lowerBound]
        }
    }

    private static func read(
        _ ticks: UnsafeMutableBufferPointer<Int64>, _ reference: Int64, from content: inout ByteReader
    ) throws(FrameError) {
        let exponent = Int(try content.byte())
        guard TimeUnit.exponents.contains(exponent) else { throw content.malformed("a timeline has no known unit") }
        let unit = Decimal.integerPowers[exponent]
        let origin = TimeUnit.quotient(reference, by: unit)
        try content.block(ticks)
        for place in ticks.indices {
            let (nanoseconds, overflow) = (ticks[place] &+ origin).multipliedReportingOverflow(by: unit)
            guard !overflow else { throw content.malformed("a timestamp is beyond 64 bits of nanoseconds") }
            ticks[place] = nanoseconds
        }
    }
}
