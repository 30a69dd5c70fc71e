/// Finds out what a log's directory holds. It changes nothing a second recovery could miss: it completes and renames
/// files, but writes into none that holds records.
struct Recovery<Files: FileSystem> {
    let files: Files
    let directory: LogDirectory
    let options: LogOptions

    var report = RecoveryReport()
    var lanes: [LaneState]
    /// Segment files ready for use, by the number in their name.
    var free: [UInt64] = []
    var fileCount = 0
    var nextSegment: UInt64 = 1
    private var found: [SegmentHeader] = []
    /// What was found in a segment file.
    private struct FoundSegment {
        let header: SegmentHeader
        let sections: [SectionScan]
        /// There is nothing behind its header.
        let isBare: Bool
    }
    private var wasClosed = false
    private var wasDurable = LanePositions()
    private var buffer: [UInt8] = []

    init(directory: LogDirectory, options: LogOptions, files: Files) {
        self.directory = directory
        self.options = options
        self.files = files
        lanes = Array(repeating: LaneState(), count: options.laneCount)
    }

    /// Takes stock of all segment files, given what the cursor says.
    ///
    /// `progress`: called after each.
    mutating func run(cursor slot: CursorSlot?, cursorIsLost: Bool, _ progress: () -> Void = {}) throws(LogError) {
        try readHeaders()
        report.cursorLost = cursorIsLost && !found.isEmpty
        wasDurable = slot?.durable ?? LanePositions()
        wasClosed = slot?.isClosed ?? found.isEmpty
        var released = slot?.released ?? LanePositions()
        var next = LanePositions()
        for header in found { released.raise(to: header.released) }
        buffer = [UInt8](repeating: 0, count: found.isEmpty ? 0 : options.segmentSize)
        var chains: [[FoundSegment]] = []
        for index in lanes.indices {
            let headers = found.filter { $0.lane == Lane(index) }.sorted { $0.id < $1.id }
            var chain: [FoundSegment] = []
            for header in headers {
                let isNewest = header.id == headers.last?.id
                let segment = try scan(header, released: released[Lane(index)], isNewest: isNewest)
                for section in segment.sections {
                    released.raise(to: section.header.released)
                    next.raise(to: section.header.next)
                }
                chain.append(segment)
                progress()
            }
            chains.append(chain)
        }
        buffer = []
        for (index, chain) in chains.enumerated() {
            let lane = Lane(index)
            lanes[index].released = released[lane]
            if report.cursorLost, let first = chain.first {
                lanes[index].released = max(released[lane], Position(first.header.follows))
            }
            lanes[index].next = max(next[lane].number, lanes[index].released.number + 1)
            report.lanes.append(try recover(lane, chain))
        }
    }

    /// Reads the first block of every segment file and gives each file the name its header asks for.
    private mutating func readHeaders() throws(LogError) {
        var names: [UInt64: UInt64] = [:]
        let entries = try files.entries(of: directory.path).sorted()
        for entry in entries {
            switch LogDirectory.role(of: entry) {
            case .lock, .cursor: continue
            case .foreign: report.foreign.append(entry)
            case .segment(let name):
                nextSegment = max(nextSegment, name + 1)
                guard let header = try readHeader(name, entry) else { continue }
                if let other = names.updateValue(name, forKey: header.id) {
                    throw LogError(
                        .foreign,
                        "it is a copy of \(LogDirectory.name(ofSegment: other)); move one of them elsewhere",
                        path: directory.segment(name))
                }
                found.append(header)
                fileCount += 1
            }
        }
        for header in found {
            nextSegment = max(nextSegment, header.id + 1)
            guard let name = names[header.id], name != header.id else { continue }
            let wanted = LogDirectory.name(ofSegment: header.id)
            guard !entries.contains(wanted) else {
                throw LogError(
                    .foreign, "its name belongs to \(LogDirectory.name(ofSegment: name)); move it elsewhere",
                    path: directory.segment(header.id))
            }
            try files.rename(directory.segment(name), to: directory.segment(header.id))
        }
    }

    private mutating func readHeader(_ name: UInt64, _ entry: String) throws(LogError) -> SegmentHeader? {
        let path = directory.segment(name)
        let file = try files.open(path, .readWrite)
        defer { files.close(file) }
        var block = [UInt8](repeating: 0, count: SegmentHeader.blockSize)
        _ = try files.readAll(file, at: 0, into: &block, range: block.indices)
        let size = try files.size(of: file)
        switch SegmentHeader.read(block.span.bytes) {
        case .header(let header):
            try check(header, path)
            // A shortened file reads as zeros behind its end; what stood there is then found missing.
            try files.allocate(file, size: options.segmentSize)
            return header
        case .unknownVersion(let version):
            throw .newer(segment: version, path)
        case .damaged, .blank:
            let isBlank = block.span.bytes.isZero
            if !isBlank { report.unreadable.append(entry) }
            guard size <= options.segmentSize else {
                if isBlank { report.foreign.append(entry) }
                return nil
            }
            if case .growing = options.capacity {
                if isBlank { try files.remove(path) }
                return nil
            }
            try files.allocate(file, size: options.segmentSize)
            free.append(name)
            fileCount += 1
            return nil
        }
    }

    private func check(_ header: SegmentHeader, _ path: String) throws(LogError) {
        guard header.segmentSize == options.segmentSize else {
            throw LogError(
                .options,
                """
                the log was created with segments of \(header.segmentSize) bytes, not \(options.segmentSize); \
                set them as they were, or use another directory
                """, path: path)
        }
        guard header.lane.index < options.laneCount else {
            throw LogError(
                .options,
                "the log was created with \(header.laneCount) lanes, not \(options.laneCount); use another directory",
                path: path)
        }
    }

    /// Rebuilds one lane from its segments, oldest first.
    private mutating func recover(
        _ lane: Lane, _ chain: [FoundSegment]
    ) throws(LogError) -> RecoveryReport.LaneReport {
        var laneReport = RecoveryReport.LaneReport()
        let released = lanes[lane.index].released
        laneReport.released = released
        var kept: [Section] = []
        var lost: [ClosedRange<Position>] = []
        var last = released.number
        var tornBytes = 0
        // The last one that stays.
        var newest: FoundSegment?
        for (index, segment) in chain.enumerated() {
            let (begins, reach) = (min(segment.header.first, segment.header.follows + 1), last)
            // Nothing was durable behind what a younger segment follows: it is void, held once more by that one or by none.
            let limit =
                chain[(index + 1)...].map { min($0.header.first, $0.header.follows + 1) }.min() ?? .max
            for section in segment.sections {
                let header = section.header
                let end = min(section.end, limit)
                if last < header.follows { lost.append(positions: last + 1..<header.follows + 1) }
                for range in section.lost where range.lowerBound.number < end {
                    lost.append(positions: range.lowerBound.number..<min(range.upperBound.number + 1, end))
                }
                last = max(last, header.follows, end > header.first ? end - 1 : 0)
                if end > header.first, end > released.number + 1 {
                    kept.append(Section(section, segmentSalt: segment.header.salt, end: end))
                }
            }
            guard kept.last?.segment != segment.header.id else {
                newest = segment
                continue
            }
            // What a younger segment follows was in this one, or this one makes records of others void, or tells of a loss: the next
            // recovery must find that again.
            let isTelling =
                index + 1 < chain.count && chain[index + 1].header.follows >= segment.header.first
                || begins <= reach || segment.header.follows > reach || begins < Self.end(of: chain[..<index])
            if try !discard(segment, released, isTelling: isTelling) { newest = segment }
        }
        if let last = newest?.sections.last, !last.isSealed { tornBytes = last.tornBytes }
        if let youngest = chain.last?.sections.last, !youngest.isSealed || !wasClosed {
            // Whatever was appended to this section, or to one behind it whose header is lost, had a lower number: none is given twice,
            // seen or unseen.
            lanes[lane.index].next = max(lanes[lane.index].next, youngest.header.first + options.mostRecords)
        }
        if last < wasDurable[lane].number {
            lost.append(positions: last + 1..<wasDurable[lane].number + 1)
            last = wasDurable[lane].number
        }
        lanes[lane.index].sections = kept
        // One that was sealed, in a log that was not closed, may have a further section whose header is lost: nothing is written there.
        let mayHoldMore = !wasClosed && chain.last?.sections.last?.isSealed == true
        lanes[lane.index].youngestFound = chain.last.map { $0.header.id + (mayHoldMore ? 1 : 0) } ?? 0
        lanes[lane.index].durable = Position(last)
        lanes[lane.index].next = max(lanes[lane.index].next, last + 1)
        laneReport.durable = Position(last)
        laneReport.tail = wasClosed ? .clean : .unknown(tornBytes: tornBytes)
        laneReport.pending = lanes[lane.index].pending
        laneReport.lost = lost.compactMap { range in
            range.upperBound <= released ? nil : max(range.lowerBound, Position(released.number + 1))...range.upperBound
        }
        return laneReport
    }

    /// The position after all that the segments were found to hold.
    private static func end(of segments: ArraySlice<FoundSegment>) -> UInt64 {
        segments.lazy.flatMap(\.sections).map(\.end).max() ?? 0
    }

    /// Whether the file is gone.
    private mutating func discard(
        _ segment: FoundSegment, _ released: Position, isTelling: Bool
    ) throws(LogError) -> Bool {
        guard options.capacity == .growing else {
            free.append(segment.header.id)
            return false
        }
        // Begun and never synchronized, or evicted and not yet removed. Anything else stays for whoever wants to look at it.
        guard segment.isBare && !isTelling && !report.cursorLost || segment.header.first <= released.number else {
            return false
        }
        try files.remove(directory.segment(segment.header.id))
        fileCount -= 1
        return true
    }

    private mutating func scan(
        _ header: SegmentHeader, released: Position, isNewest: Bool
    ) throws(LogError) -> FoundSegment {
        let file = try files.open(directory.segment(header.id), .read)
        defer { files.close(file) }
        // What is found must be durable before it counts as such: a process may have been killed between writing and
        // synchronizing. What counts of older segments was synchronized before the newest was begun.
        if isNewest { try files.synchronize(file) }
        let sealRange = options.recordLimit..<options.segmentSize
        _ = try files.readAll(file, at: sealRange.lowerBound, into: &buffer, range: sealRange)
        if let seal = SegmentSeal(in: buffer.span.bytes, at: sealRange.lowerBound, salt: header.salt),
            options.scan == .unsealed || seal.end <= released.number + 1,
            try !isFollowed(seal, in: file, header)
        {
            let section = SectionScan(header, trusting: seal)
            return FoundSegment(header: header, sections: [section], isBare: false)
        }
        let count = try files.readAll(file, at: 0, into: &buffer, range: 0..<options.segmentSize)
        guard count == options.segmentSize else {
            throw LogError(.io, "the file ended early while it was read; check the device", path: file.path)
        }
        let bytes = buffer.span.bytes
        return FoundSegment(
            header: header,
            sections: SectionScan.sections(of: bytes, header, recordLimit: options.recordLimit),
            isBare: bytes.extracting(SegmentHeader.blockSize..<bytes.byteCount).isZero)
    }

    /// Whether another section was begun behind the one that the seal ended.
    private mutating func isFollowed(
        _ seal: SegmentSeal, in file: OpenFile, _ header: SegmentHeader
    ) throws(LogError) -> Bool {
        let start = SegmentHeader.blockOffset(atOrAfter: seal.byteEnd)
        let block = start..<start + SegmentHeader.blockSize
        guard block.upperBound <= options.recordLimit else { return false }
        _ = try files.readAll(file, at: start, into: &buffer, range: block)
        return header.section(in: buffer.span.bytes.extracting(block)) != nil
    }
}
