import Checksums

extension SegmentedLog {
    /// A reader that begins behind `position`, or behind what is released if that is later.
    package func reader(of lane: Lane, after position: Position = .start) -> LogReader {
        precondition(lane.index < lanes.count, "the log has no such lane")
        return LogReader(lane: lane, after: max(position, lanes[lane.index].released))
    }

    /// Reads the next record of the reader's lane into `payload`, whose capacity is reused.
    ///
    /// Every payload delivered has been checked against its checksum just now. What was released meanwhile is skipped.
    package mutating func next(
        _ reader: inout LogReader, into payload: inout [UInt8], including visibility: Visibility = .durable
    ) throws(LogError) -> ReadStep {
        let lane = lanes[reader.lane.index]
        if reader.position < lane.released { reader.seek(after: lane.released) }
        var target = reader.position.number + 1
        guard let index = lane.indexOfSection(endingAfter: target) else {
            // Recovery knew of more than it found.
            return target <= lane.durable.number ? pass(&reader, target..<lane.durable.number + 1) : .end
        }
        let section = lane.sections[index]
        if target < section.first {
            if target <= section.follows { return pass(&reader, target..<section.follows + 1) }
            target = section.first
        }
        guard visibility == .appended || target <= lane.durable.number else { return .end }
        return try step(&reader, to: target, in: section, into: &payload)
    }

    /// Reads the record at `target`, which is one of the section's, or tells how much from there on is damaged.
    mutating func step(
        _ reader: inout LogReader, to target: UInt64, in section: Section, into payload: inout [UInt8]
    ) throws(LogError) -> ReadStep {
        if reader.place?.segment != section.segment || Int(reader.place?.offset ?? 0) < section.firstRecord {
            let isFirst = target == section.first
            reader.place =
                try isFirst
                ? Location(segment: section.segment, offset: UInt32(section.firstRecord))
                : place(atOrAfter: target, in: section, of: reader.lane)?.location
        }
        guard let place = reader.place else { return pass(&reader, target..<section.end) }
        let offset = Int(place.offset)
        guard let header = try header(at: offset, in: section, &reader), header.position == target else {
            // Damage: the next intact header tells how much is gone.
            reader.window.removeAll(keepingCapacity: true)
            let found = try self.place(atOrAfter: target, in: section, of: reader.lane)
            guard let found else { return pass(&reader, target..<section.end) }
            reader.place = found.location
            if found.position.number == target {
                return try step(&reader, to: target, in: section, into: &payload)
            }
            return pass(&reader, target..<found.position.number, keeping: found.location)
        }
        let following = Location(segment: section.segment, offset: UInt32(offset + header.extent))
        guard try load(header, at: offset, in: section, &reader, into: &payload) else {
            return pass(&reader, target..<target + 1, keeping: following)
        }
        reader.position = Position(target)
        reader.place = following
        return .record(Entry(position: Position(target), location: place))
    }

    /// Reads what is durable of this log by location, on another thread too and while this goes on.
    package var peek: SegmentPeek<Files> { SegmentPeek(directory, files.files) }

    /// Reads the record at a location into `payload`, and tells its position. Reads ahead, as whoever asks for one record tends to ask for
    /// the one behind it next.
    ///
    /// - Throws: ``LogError/Code/notFound`` if the segment is gone or no record begins there,
    ///   ``LogError/Code/corrupt`` if the record is damaged.
    package mutating func read(at location: Location, into payload: inout [UInt8]) throws(LogError) -> Position {
        var reader = LogReader(lane: Lane(0), after: .start)
        swap(&reader, &lookup)
        defer { swap(&reader, &lookup) }
        for index in lanes.indices {
            guard let section = lanes[index].section(at: location) else { continue }
            reader.lane = Lane(index)
            let offset = Int(location.offset)
            guard let header = try header(at: offset, in: section, &reader), header.position < section.end else {
                break
            }
            guard try load(header, at: offset, in: section, &reader, into: &payload) else {
                throw LogError(
                    .corrupt, "the record at \(location.offset) is damaged", path: directory.segment(section.segment))
            }
            return Position(header.position)
        }
        throw LogError(
            .notFound, "no record begins at \(location.offset)", path: directory.segment(location.segment))
    }

    private func pass(
        _ reader: inout LogReader, _ lost: Range<UInt64>, keeping place: Location? = nil
    ) -> ReadStep {
        reader.position = Position(lost.upperBound - 1)
        reader.place = place
        return .lost(Position(lost.lowerBound)...reader.position)
    }
}

extension SegmentedLog {
    private static var windowSize: Int { 64 << 10 }

    /// Finds the first intact record header of the section with at least this position, by walking the section.
    private mutating func place(
        atOrAfter position: UInt64, in section: Section, of lane: Lane
    ) throws(LogError) -> (position: Position, location: Location)? {
        var bytes = [UInt8](repeating: 0, count: section.byteEnd)
        let durableEnd = durableBytes(of: section, lane)
        let file = try readFiles.file(section.segment, directory, files)
        _ = try files.readAll(file, at: section.start, into: &bytes, range: section.start..<durableEnd)
        if durableEnd < section.byteEnd {
            bytes.replaceSubrange(durableEnd..., with: lanes[lane.index].unsynchronized)
        }
        guard
            let found = SectionScan.record(
                atOrAfter: position, in: bytes.span.bytes, from: section.firstRecord, limit: bytes.count,
                salt: section.salt), found.header.position < section.end
        else { return nil }
        return (
            Position(found.header.position), Location(segment: section.segment, offset: UInt32(found.offset))
        )
    }

    /// The record header at `offset`; nil if none is intact there.
    private mutating func header(
        at offset: Int, in section: Section, _ reader: inout LogReader
    ) throws(LogError) -> RecordHeader? {
        let durableEnd = durableBytes(of: section, reader.lane)
        let header: RecordHeader?
        if offset >= durableEnd {
            header = lanes[reader.lane.index].unsynchronizedHeader(
                at: offset - durableEnd, salt: section.salt, offset: offset)
        } else {
            try fill(&reader, section, offset..<min(offset + RecordHeader.size, durableEnd), upTo: durableEnd)
            header = RecordHeader(
                in: reader.window.span.bytes, at: offset - reader.windowStart, salt: section.salt, offset: offset)
        }
        guard let header, offset + header.extent <= section.byteEnd else { return nil }
        return header
    }

    /// Puts the payload of the record at `offset` into `payload`; false if it is damaged.
    private mutating func load(
        _ header: RecordHeader, at offset: Int, in section: Section, _ reader: inout LogReader,
        into payload: inout [UInt8]
    ) throws(LogError) -> Bool {
        let range = offset + RecordHeader.size..<offset + RecordHeader.size + header.length
        let durableEnd = durableBytes(of: section, reader.lane)
        payload.removeAll(keepingCapacity: true)
        if offset >= durableEnd {
            let start = range.lowerBound - durableEnd
            payload.append(contentsOf: lanes[reader.lane.index].unsynchronized[start..<start + header.length])
        } else if range.count > Self.windowSize {
            payload.appendZeros(range.count)
            let file = try readFiles.file(section.segment, directory, files)
            let count = try files.readAll(file, at: range.lowerBound, into: &payload, range: payload.indices)
            guard count == range.count else { return false }
        } else {
            try fill(&reader, section, range, upTo: durableEnd)
            let start = range.lowerBound - reader.windowStart
            guard start + range.count <= reader.window.count else { return false }
            payload.append(copying: reader.window.span.bytes.extracting(start..<start + range.count))
        }
        return CRC32C.checksum(of: payload.span.bytes) == header.payloadChecksum
    }

    /// Sees to it that the reader's window holds `range` of the section's segment, reading ahead as far as bytes are durable:
    /// those never change.
    private mutating func fill(
        _ reader: inout LogReader, _ section: Section, _ range: Range<Int>, upTo durableEnd: Int
    ) throws(LogError) {
        let windowEnd = reader.windowStart + reader.window.count
        if reader.windowSegment == section.segment, reader.windowStart <= range.lowerBound,
            range.upperBound <= windowEnd
        {
            return
        }
        let count = min(max(Self.windowSize, range.count), durableEnd - range.lowerBound)
        reader.windowSegment = section.segment
        reader.windowStart = range.lowerBound
        if reader.window.count < count { reader.window.appendZeros(count - reader.window.count) }
        if reader.window.count > count { reader.window.removeLast(reader.window.count - count) }
        let file = try readFiles.file(section.segment, directory, files)
        let read = try files.readAll(file, at: range.lowerBound, into: &reader.window, range: reader.window.indices)
        if read < count { reader.window.removeLast(count - read) }
    }

    /// Up to where the section's bytes are in the file for good; behind that they are in memory.
    private func durableBytes(of section: Section, _ lane: Lane) -> Int {
        guard let active = lanes[lane.index].active, let last = lanes[lane.index].sections.last,
            (last.segment, last.start) == (section.segment, section.start)
        else {
            return section.byteEnd
        }
        return active.synchronizedBytes
    }
}
