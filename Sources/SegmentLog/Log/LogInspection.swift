import Checksums

/// What the files of a log hold, found without changing any of them and without the log's lock.
///
/// Beside a running log the newest records may be missing, and one may look torn that is just being written.
package struct LogInspection: Sendable {
    /// One segment file that holds records.
    package struct SegmentFinding: Hashable, Sendable {
        /// The name of the file in the log's directory.
        package let name: String
        package let lane: Lane
        /// Position of the first record.
        package let first: Position
        /// Position of the last intact record; one less than `first` if there is none.
        package let last: Position
        /// Records that were there and are damaged.
        package let lost: [ClosedRange<Position>]
        /// Bytes that were begun as a record and not finished.
        package let tornBytes: Int
        /// Ended in good order.
        package let isSealed: Bool
    }

    /// What ``read(_:_:)`` found, in the order of the lanes, oldest first.
    package private(set) var segments: [SegmentFinding] = []
    /// Segment files that were never used.
    package private(set) var blank = 0
    /// Segment files whose header is damaged in both copies.
    package private(set) var unreadable: [String] = []
    /// Names that are not the log's.
    package private(set) var foreign: [String] = []
    /// Everything up to here was released, by lane.
    package private(set) var released: [Position] = []
    /// Neither slot of the cursor is intact.
    package private(set) var cursorIsLost = false
    /// The log was closed in good order.
    package private(set) var wasClosed = false
    /// Bytes per segment file; 0 if there are none.
    package private(set) var segmentSize = 0

    private let directory: LogDirectory
    private var found: [(name: String, header: SegmentHeader)] = []

    /// Reads the cursor, and the header of every segment in `path`.
    ///
    /// - Throws: ``LogError`` when a file cannot be read; ``LogError/Code/notFound`` when there is no such directory;
    ///   ``LogError/Code/newerFormat`` when a later version of the program wrote a file.
    package init(directory path: String, files: some FileSystem) throws(LogError) {
        directory = LogDirectory(path: path)
        var found: [(name: String, header: SegmentHeader)] = []
        for name in try files.entries(of: path).sorted() {
            switch LogDirectory.role(of: name) {
            case .lock, .cursor: continue
            case .foreign: foreign.append(name)
            case .segment:
                guard let block = try Self.read(path + "/" + name, upTo: SegmentHeader.blockSize, files) else {
                    continue
                }
                switch SegmentHeader.read(block.span.bytes) {
                case .header(let header): found.append((name, header))
                case .blank: blank += 1
                case .damaged: unreadable.append(name)
                case .unknownVersion(let version): throw .newer(segment: version, path + "/" + name)
                }
            }
        }
        try LogFormat.requireCursor(directory, files)
        let cursor = try files.readFile(directory.cursor).flatMap { CursorSlot.newest(in: $0.span.bytes) }
        cursorIsLost = cursor == nil && !found.isEmpty
        wasClosed = cursor?.isClosed ?? false
        var positions = cursor?.released ?? LanePositions()
        for (_, header) in found { positions.raise(to: header.released) }
        segmentSize = found.map(\.header.segmentSize).max() ?? 0
        released = (0..<(found.map(\.header.laneCount).max() ?? 0)).map { positions[Lane($0)] }
        self.found = found
    }

    /// Reads every segment and hands `visit` every intact record, oldest first in each lane, released ones that are still there
    /// included. Holds one segment in memory.
    ///
    /// - Throws: ``LogError`` when a file cannot be read.
    package mutating func read(
        _ files: some FileSystem, _ visit: (Lane, Position, [UInt8]) -> Void
    ) throws(LogError) {
        let laneCount = released.count
        for index in 0..<laneCount {
            let chain = found.filter { $0.header.lane.index == index }.sorted { $0.header.id < $1.header.id }
            for (place, segment) in chain.enumerated() {
                // Nothing was durable behind what a younger segment follows.
                let limit =
                    chain[(place + 1)...].map { min($0.header.first, $0.header.follows + 1) }.min() ?? .max
                try inspect(segment.name, segment.header, limit, files, visit)
            }
        }
    }

    private mutating func inspect(
        _ name: String, _ header: SegmentHeader, _ limit: UInt64, _ files: some FileSystem,
        _ visit: (Lane, Position, [UInt8]) -> Void
    ) throws(LogError) {
        guard var bytes = try Self.read(directory.path + "/" + name, upTo: header.segmentSize, files) else { return }
        bytes.append(contentsOf: repeatElement(0, count: header.segmentSize - bytes.count))
        let recordLimit = header.segmentSize - SegmentSeal.size
        let sections = SectionScan.sections(of: bytes.span.bytes, header, recordLimit: recordLimit)
        let end = min(sections.last?.end ?? header.first, limit)
        segments.append(
            SegmentFinding(
                name: name, lane: header.lane, first: Position(header.first), last: Position(max(end, 1) - 1),
                lost: sections.flatMap(\.lost).filter { $0.lowerBound.number < end },
                tornBytes: sections.reduce(0) { $0 + $1.tornBytes }, isSealed: sections.last?.isSealed ?? false))
        for section in sections {
            var offset = section.start + SegmentHeader.blockSize
            var expected = section.header.first
            while let (record, start) = SectionScan.record(
                atOrAfter: expected, in: bytes.span.bytes, from: offset, limit: section.byteEnd,
                salt: section.header.salt), record.position < end
            {
                offset = start + record.extent
                expected = record.position + 1
                let payload = start + RecordHeader.size..<start + RecordHeader.size + record.length
                guard CRC32C.checksum(of: bytes.span.bytes.extracting(payload)) == record.payloadChecksum else {
                    continue
                }
                visit(header.lane, Position(record.position), Array(bytes[payload]))
            }
        }
    }

    /// The beginning of a file; nil if it has gone meanwhile.
    private static func read(
        _ path: String, upTo count: Int, _ files: some FileSystem
    ) throws(LogError) -> [UInt8]? {
        let file: OpenFile
        do throws(LogError) {
            file = try files.open(path, .read)
        } catch  where error.code == .notFound {
            return nil
        }
        defer { files.close(file) }
        var bytes = [UInt8](repeating: 0, count: min(count, try files.size(of: file)))
        let read = try files.readAll(file, at: 0, into: &bytes, range: bytes.indices)
        bytes.removeSubrange(read...)
        return bytes
    }
}
