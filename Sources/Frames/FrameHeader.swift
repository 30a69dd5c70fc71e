package import Telemetry

/// What a frame says of itself.
package struct FrameHeader: Hashable, Sendable {
    package let stream: Stream
    /// The frame's number in its stream, from 1 without gaps.
    package let sequence: UInt64
    /// How many samples and events it carries; each has one ordinal.
    package let sampleCount: Int
    /// The number, from 1, of its first sample in the stream. A hole between two frames tells by it how much it held.
    package let firstOrdinal: UInt64
    /// The box's clocks at encoding.
    package let clock: ClockReading
    /// Names the frame before it in the stream.
    package let previous: ChainLink

    package init(
        stream: Stream, sequence: UInt64, sampleCount: Int, firstOrdinal: UInt64, clock: ClockReading,
        previous: ChainLink
    ) {
        self.stream = stream
        self.sequence = sequence
        self.sampleCount = sampleCount
        self.firstOrdinal = firstOrdinal
        self.clock = clock
        self.previous = previous
    }

    /// The numbers of its samples and events in the stream; nil when it has none.
    package var ordinals: ClosedRange<UInt64>? {
        sampleCount == 0 ? nil : firstOrdinal...(firstOrdinal + UInt64(sampleCount - 1))
    }

    /// Reads only the header of `frame`.
    ///
    /// - Parameters:
    ///   - frame: a whole frame.
    ///   - verifyingChecksum: whether the whole frame's checksum is verified first; without it the header is only as good
    ///     as whatever else protects the bytes.
    /// - Returns: what the frame says of itself.
    /// - Throws: `notAFrame`, `unsupportedVersion`, `checksumMismatch`, `malformed` or `tooLarge`.
    package static func peek(
        _ frame: [UInt8], verifyingChecksum: Bool = true
    ) throws(FrameError) -> FrameHeader {
        var reader = try ByteReader(openingFrame: frame, verifyingChecksum: verifyingChecksum)
        return try FrameHeader(from: &reader)
    }
}

extension FrameHeader {
    /// The version of the format that this module writes, and the only one that it reads.
    static let version: UInt64 = 1

    /// Entries of the header's array, in this order.
    enum Entry: CaseIterable {
        case version, site, agent, install, epoch, priority, sequence, sampleCount, firstOrdinal
        case boot, sinceBoot, wall, isSynchronised, maximumError, previous
    }

    func write(to writer: inout ByteWriter) {
        writer.arrayHead(Entry.allCases.count)
        for entry in Entry.allCases {
            switch entry {
            case .version: writer.unsigned(Self.version)
            case .site: writer.text(stream.site.text)
            case .agent: writer.text(stream.agent.text)
            case .install: writer.byteString(stream.install)
            case .epoch: writer.unsigned(stream.epoch)
            case .priority: writer.unsigned(UInt64(stream.priority.rawValue))
            case .sequence: writer.unsigned(sequence)
            case .sampleCount: writer.unsigned(UInt64(sampleCount))
            case .firstOrdinal: writer.unsigned(firstOrdinal)
            case .boot: writer.byteString(clock.boot)
            case .sinceBoot: writer.integer(clock.sinceBoot)
            case .wall: writer.integer(clock.wall.nanoseconds)
            case .isSynchronised: writer.boolean(clock.state.isSynchronised)
            case .maximumError: writer.integer(clock.state.maximumError)
            case .previous: writer.byteString(previous.bytes)
            }
        }
    }

    /// The version is judged before anything that another version might arrange otherwise.
    init(from reader: inout ByteReader) throws(FrameError) {
        reader.part = .header
        let entries = try reader.arrayHead()
        guard try reader.unsigned() == Self.version else {
            throw FrameError(.unsupportedVersion, "the frame is of a later version; upgrade this program")
        }
        guard entries == Entry.allCases.count else {
            throw reader.malformed("the header has the wrong number of entries")
        }
        let site = try reader.identifier()
        let agent = try reader.identifier()
        let install = try reader.sixteenBytes()
        let epoch = try reader.counter()
        guard let priority = PriorityClass(rawValue: UInt8(clamping: try reader.unsigned())) else {
            throw reader.malformed("the frame is of no known class")
        }
        stream = Stream(site: site, agent: agent, install: install, epoch: epoch, priority: priority)
        sequence = try reader.counter()
        let count = try reader.unsigned()
        guard count <= UInt64(FrameLimits.samples) else {
            throw FrameError(.tooLarge, "the frame claims more samples than a frame may have", at: reader.place)
        }
        sampleCount = Int(count)
        firstOrdinal = try reader.counter()
        guard sequence >= 1, firstOrdinal >= 1 else { throw reader.malformed("frames and samples count from 1") }
        let boot = try reader.sixteenBytes()
        let sinceBoot = try reader.integer()
        let wall = Timestamp(nanoseconds: try reader.integer())
        let isSynchronised = try reader.boolean()
        let state = ClockState(isSynchronised: isSynchronised, maximumError: try reader.integer())
        clock = ClockReading(boot: boot, sinceBoot: sinceBoot, wall: wall, state: state)
        previous = ChainLink(try reader.sixteenBytes())
    }
}

extension ByteReader {
    fileprivate mutating func identifier() throws(FrameError) -> Identifier {
        guard let identifier = Identifier(try text()) else { throw malformed("an id must be \(Identifier.rule)") }
        return identifier
    }

    fileprivate mutating func sixteenBytes() throws(FrameError) -> UUIDBytes {
        let range = try byteString()
        guard range.count == 16 else { throw malformed("16 bytes were expected") }
        return UUIDBytes(bigEndian: bytes[range])
    }
}
