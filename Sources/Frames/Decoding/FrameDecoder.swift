import Telemetry

/// Turns frames back into columns. Made once and used again.
///
/// A frame is validated to its last byte before anything of it can be seen. Hostile bytes cost at most a small multiple
/// of their own size and of `FrameLimits.samples`: no length is believed before it is bounded by the bytes that are
/// there or by the samples that the header announces.
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
    package private(set) var extras = FrameExtras()

    var lanes: [Lane] = []
    /// Timelines one after another, and where each lies.
    var timestamps: [Int64] = []
    var timelines: [Range<Int>] = []
    var doubles: [Double] = []
    var integers: [Int64] = []
    var booleans: [Bool] = []
    var texts: [UInt32] = []
    var dictionary: [String] = []
    var qualities: [Quality] = []
    var mantissas: [Int64] = []
    var exponents: [UInt8] = []
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
            case .double: .doubles(doubles[lane.values])
            case .integer: .integers(integers[lane.values])
            case .boolean: .booleans(booleans[lane.values])
            case .text: .texts(texts[lane.values], dictionary: dictionary)
            }
        return Column(
            series: SeriesID(rawValue: lane.series), timestamps: timestamps[lane.timestamps], values: values,
            quality: qualities[lane.quality])
    }

    private mutating func removeAll() {
        header = nil
        extras = FrameExtras()
        lanes.removeAll(keepingCapacity: true)
        timestamps.removeAll(keepingCapacity: true)
        timelines.removeAll(keepingCapacity: true)
        doubles.removeAll(keepingCapacity: true)
        integers.removeAll(keepingCapacity: true)
        booleans.removeAll(keepingCapacity: true)
        texts.removeAll(keepingCapacity: true)
        dictionary.removeAll(keepingCapacity: true)
        qualities.removeAll(keepingCapacity: true)
    }
}

extension FrameDecoder {
    private mutating func read(_ frame: [UInt8]) throws(FrameError) -> FrameHeader {
        var reader = try ByteReader(openingFrame: frame, verifyingChecksum: verifiesChecksum)
        let header = try FrameHeader(from: &reader)
        missing = header.sampleCount
        reader.part = .definitions
        for _ in 0..<(try reader.arrayHead()) { extras.definitions.append(try SeriesDefinition(from: &reader)) }
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
            let start = timestamps.count
            try reader.content { (content) throws(FrameError) in
                try readTicks(from: &content, Int(count), reference)
            }
            timelines.append(start..<timestamps.count)
            reference = timestamps[start]
        }
    }

    private mutating func readTicks(
        from content: inout ByteReader, _ count: Int, _ reference: Int64
    ) throws(FrameError) {
        let exponent = Int(try content.byte())
        guard TimeUnit.exponents.contains(exponent) else { throw content.malformed("a timeline has no known unit") }
        let unit = Decimal.integerPowers[exponent]
        let origin = TimeUnit.quotient(reference, by: unit)
        let start = timestamps.count
        try content.block(count, into: &timestamps)
        for place in start..<timestamps.count {
            let (nanoseconds, overflow) = (timestamps[place] &+ origin).multipliedReportingOverflow(by: unit)
            guard !overflow else { throw content.malformed("a timestamp is beyond 64 bits of nanoseconds") }
            timestamps[place] = nanoseconds
        }
    }
}
