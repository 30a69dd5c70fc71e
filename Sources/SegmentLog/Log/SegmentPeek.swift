import Checksums

/// Reads records by their location without the log's lock and without changing anything, also beside the process that writes the log.
///
/// What is durable never changes, so a record whose location was learnt after it was synchronized is read as it was written, or its segment
/// has gone. Keeps the few segments in memory that were read last.
package struct SegmentPeek<Files: FileSystem>: Sendable {
    private struct Segment {
        let id: UInt64
        let bytes: [UInt8]
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
        directory = LogDirectory(path: path)
        self.files = files
    }

    /// The payload of the record at a location, checked against its checksum.
    ///
    /// - Throws: ``LogError/Code/notFound`` if the segment is gone or no record begins there, ``LogError/Code/corrupt`` if the record
    ///   is damaged.
    package mutating func read(at location: Location) throws(LogError) -> [UInt8] {
        if let known = segments.firstIndex(where: { $0.id == location.segment }) {
            let segment = segments.remove(at: known)
            segments.append(segment)
            if let payload = Self.payload(at: Int(location.offset), in: segment) { return payload }
            // It may have been written after the segment was read.
            segments.removeLast()
        }
        let segment = try load(location.segment)
        if segments.count == Self.capacity { segments.removeFirst() }
        segments.append(segment)
        if let payload = Self.payload(at: Int(location.offset), in: segment) { return payload }
        throw LogError(
            .corrupt, "no intact record begins at \(location.offset)", path: directory.segment(location.segment))
    }

    private func load(_ id: UInt64) throws(LogError) -> Segment {
        let path = directory.segment(id)
        let file = try files.open(path, .read)
        defer { files.close(file) }
        var bytes = [UInt8](repeating: 0, count: try files.size(of: file))
        let count = try files.readAll(file, at: 0, into: &bytes, range: bytes.indices)
        bytes.removeSubrange(count...)
        guard bytes.count >= SegmentHeader.blockSize,
            case .header(let header) = SegmentHeader.read(bytes.span.bytes.extracting(0..<SegmentHeader.blockSize))
        else { throw LogError(.corrupt, "the header of the segment is damaged", path: path) }
        var sections = [(start: 0, salt: header.salt)]
        var start = SegmentHeader.blockSize
        while start + SegmentHeader.blockSize <= bytes.count {
            let block = bytes.span.bytes.extracting(start..<start + SegmentHeader.blockSize)
            if let section = header.section(in: block) { sections.append((start, section.salt)) }
            start += SegmentHeader.blockSize
        }
        return Segment(id: id, bytes: bytes, sections: sections)
    }

    private static func payload(at offset: Int, in segment: Segment) -> [UInt8]? {
        guard let section = segment.sections.last(where: { $0.start <= offset }),
            let header = RecordHeader(in: segment.bytes.span.bytes, at: offset, salt: section.salt, offset: offset)
        else { return nil }
        let range = offset + RecordHeader.size..<offset + RecordHeader.size + header.length
        guard range.upperBound <= segment.bytes.count,
            CRC32C.checksum(of: segment.bytes.span.bytes.extracting(range)) == header.payloadChecksum
        else { return nil }
        return Array(segment.bytes[range])
    }
}
