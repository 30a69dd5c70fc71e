import Checksums

/// Reads records by their location without the log's lock and without changing anything, also beside the process that writes the log.
///
/// What is durable never changes, so a record whose location was learnt after it was synchronized is read as it was written, or its segment
/// has gone. Keeps the few segments in memory that were read last.
package struct SegmentPeek<Files: FileSystem>: Sendable {
    private struct Segment {
        let id: UInt64
        var bytes: [UInt8]
        /// Where each section begins, and the salt of its records.
        let sections: [(start: Int, salt: UInt64)]
    }

    /// Of the two lanes of an archive one segment each is read at a time, and the next one begins.
    private static var capacity: Int { 4 }

    private let directory: LogDirectory
    private let files: Files
    /// The one longest unused comes first.
    private var segments: [Segment] = []

    /// `path`: the log's directory.
    package init(directory path: String, files: Files) {
        self.init(LogDirectory(path: path), files)
    }

    init(_ directory: LogDirectory, _ files: Files) {
        self.directory = directory
        self.files = files
    }

    /// The payload of the record at a location, checked against its checksum.
    ///
    /// - Throws: ``LogError/Code/notFound`` if the segment is gone or no record begins there, ``LogError/Code/corrupt`` if the record
    ///   is damaged.
    package mutating func read(at location: Location) throws(LogError) -> [UInt8] {
        var payload: [UInt8] = []
        try read(at: location, into: &payload)
        return payload
    }

    /// The same into `payload`, whose capacity is reused.
    package mutating func read(at location: Location, into payload: inout [UInt8]) throws(LogError) {
        var spare: [UInt8] = []
        if let known = segments.lastIndex(where: { $0.id == location.segment }) {
            if known != segments.count - 1 { segments.append(segments.remove(at: known)) }
            if Self.load(at: Int(location.offset), in: segments[segments.count - 1], into: &payload) { return }
            // It may have been written after the segment was read.
            spare = segments.removeLast().bytes
        } else if segments.count == Self.capacity {
            spare = segments.removeFirst().bytes
        }
        segments.append(try load(location.segment, into: spare))
        guard Self.load(at: Int(location.offset), in: segments[segments.count - 1], into: &payload) else {
            throw LogError(
                .corrupt, "no intact record begins at \(location.offset)", path: directory.segment(location.segment))
        }
    }

    /// Reads a whole segment, into memory that was another's.
    private func load(_ id: UInt64, into spare: consuming [UInt8]) throws(LogError) -> Segment {
        let path = directory.segment(id)
        let file = try files.open(path, .read)
        defer { files.close(file) }
        var bytes = spare
        let size = try files.size(of: file)
        if bytes.count > size { bytes.removeLast(bytes.count - size) }
        if bytes.count < size { bytes.appendZeros(size - bytes.count) }
        let count = try files.readAll(file, at: 0, into: &bytes, range: bytes.indices)
        bytes.removeSubrange(count...)
        let header: SegmentHeader
        switch SegmentHeader.read(bytes.span.bytes.extracting(0..<min(SegmentHeader.blockSize, bytes.count))) {
        case .header(let read) where bytes.count >= SegmentHeader.blockSize: header = read
        case .unknownVersion(let version): throw .newer(segment: version, path)
        default: throw LogError(.corrupt, "the header of the segment is damaged", path: path)
        }
        var sections = [(start: 0, salt: header.salt)]
        var start = SegmentHeader.blockSize
        while start + SegmentHeader.blockSize <= bytes.count {
            let block = bytes.span.bytes.extracting(start..<start + SegmentHeader.blockSize)
            if let section = header.section(in: block) { sections.append((start, section.salt)) }
            start += SegmentHeader.blockSize
        }
        return Segment(id: id, bytes: bytes, sections: sections)
    }

    /// False where no intact record begins.
    private static func load(at offset: Int, in segment: Segment, into payload: inout [UInt8]) -> Bool {
        let bytes = segment.bytes.span.bytes
        guard let section = segment.sections.last(where: { $0.start <= offset }), offset <= bytes.byteCount,
            let header = RecordHeader(in: bytes, at: offset, salt: section.salt, offset: offset)
        else { return false }
        let range = offset + RecordHeader.size..<offset + RecordHeader.size + header.length
        guard range.upperBound <= bytes.byteCount,
            CRC32C.checksum(of: bytes.extracting(range)) == header.payloadChecksum
        else { return false }
        payload.removeAll(keepingCapacity: true)
        payload.append(copying: bytes.extracting(range))
        return true
    }
}
