/// A durable log of byte records in one directory. ``SegmentLog`` tells its invariants and format.
///
/// One owner at a time; nothing here is synchronized, and every call may block on the device. Dropping a log without
/// ``close()`` is as good as a crash: what was not synchronized is gone, everything else is there the next time.
package struct SegmentedLog<Files: FileSystem>: ~Copyable, Sendable {
    let files: HeldFiles<Files>
    let directory: LogDirectory
    let options: LogOptions
    /// What was found at the start.
    package let recovery: RecoveryReport

    var cursor: CursorFile
    var lanes: [LaneState]
    /// Segment files ready for use, by the number in their name; the one longest unused comes first.
    var free: [UInt64]
    /// Segment files of the log, in use, free, or given up after a failed write.
    var fileCount: Int
    var nextSegment: UInt64
    var readFiles = ReadFiles()
    /// What was read ahead for whoever reads by location.
    var lookup = LogReader(lane: Lane(0), after: .start)
    /// Moved since ``synchronize()`` last told.
    var relocations: [Relocation] = []

    /// Opens the log in `directory`, which is created if its parent exists, and recovers what it holds.
    ///
    /// With a budget all files are allocated here. Throws ``LogError/Code/outOfSpace`` if the file system cannot hold
    /// the budget, ``LogError/Code/locked`` if another process has the directory, ``LogError/Code/options`` if the
    /// options contradict the files, ``LogError/Code/newerFormat`` if a later version of the program wrote them, and
    /// ``LogError/Code/foreign`` for a segment file that is there twice. `progress`: called after each file that was looked through or made.
    package init(
        directory path: String, options: LogOptions, files: Files, progress: () -> Void = {}
    ) throws(LogError) {
        try options.validate(path: path)
        let files = HeldFiles(files)
        // Before anything is made, so that a directory of a later version stays as it is, to the byte.
        try LogFormat.require(in: path, files)
        try files.createDirectory(path)
        let directory = LogDirectory(path: path)
        let lock = try files.open(directory.lock, .create)
        guard try files.lock(lock) else {
            throw LogError(
                .locked, "another process uses this directory; stop it or configure another directory", path: path)
        }
        let (cursor, slot, isLost) = try CursorFile.open(directory, files)
        var recovery = Recovery(directory: directory, options: options, files: files)
        try recovery.run(cursor: slot, cursorIsLost: isLost, progress)
        try recovery.fitFilesToBudget(progress)
        self.init(recovery, cursor: cursor, directory: directory, options: options, files: files)
    }

    /// Not where something throws: Swift 6.2 would destroy what has a value from its declaration, before it has it.
    private init(
        _ recovery: Recovery<HeldFiles<Files>>, cursor: CursorFile, directory: LogDirectory, options: LogOptions,
        files: HeldFiles<Files>
    ) {
        self.files = files
        self.directory = directory
        self.options = options
        self.recovery = recovery.report
        self.cursor = cursor
        lanes = recovery.lanes
        free = recovery.free
        fileCount = recovery.fileCount
        nextSegment = recovery.nextSegment
    }

    /// The highest position in the lane that survives a crash.
    package func durable(_ lane: Lane) -> Position { lanes[lane.index].durable }

    /// Everything in the lane up to here was released.
    package func released(_ lane: Lane) -> Position { lanes[lane.index].released }

    /// Bytes appended to the lane since its last synchronization: what a group commit goes by.
    package func unsynchronizedBytes(_ lane: Lane) -> Int { lanes[lane.index].unsynchronized.count }

    /// How full the log is now.
    package var statistics: LogStatistics {
        LogStatistics(
            capacityBytes: options.segmentCapacity.map { $0 * options.segmentSize + CursorSlot.fileSize },
            usedBytes: (fileCount - free.count) * options.segmentSize, freeBytes: free.count * options.segmentSize,
            lanes: lanes.map { .init(pending: $0.pending, segments: $0.segmentCount) })
    }

    /// Makes everything durable, seals what is open so that the next start knows where it ends, and gives the
    /// directory free. The first error is thrown after all has been tried.
    package consuming func close() throws(LogError) {
        var first: LogError?
        for index in lanes.indices {
            do throws(LogError) {
                try flush(Lane(index))
                try seal(Lane(index), synchronizing: true)
            } catch {
                first = first ?? error
            }
        }
        do throws(LogError) {
            // Not after an error: then the next start must not take the tails for clean.
            if first == nil {
                try cursor.persist(
                    released: releasedPositions, durable: durablePositions, closing: true, files)
            }
        } catch {
            first = first ?? error
        }
        if let first { throw first }
    }

    var durablePositions: LanePositions {
        var positions = LanePositions()
        for (index, lane) in lanes.enumerated() { positions[Lane(index)] = lane.durable }
        return positions
    }

    var releasedPositions: LanePositions {
        var positions = LanePositions()
        for (index, lane) in lanes.enumerated() { positions[Lane(index)] = lane.released }
        return positions
    }
}

extension Recovery {
    /// With a budget: creates the segment files that are missing and removes those that are too many. `progress`: called after each that is made.
    mutating func fitFilesToBudget(_ progress: () -> Void) throws(LogError) {
        let capacity = options.segmentCapacity ?? fileCount
        while fileCount > capacity, let id = free.popLast() {
            try files.remove(directory.segment(id))
            fileCount -= 1
        }
        let present = fileCount
        while fileCount < capacity {
            do throws(LogError) {
                try addFile()
                progress()
            } catch {
                // A budget that the disk cannot hold must not leave it full, with no room for anybody else.
                try? files.remove(directory.segment(nextSegment))
                while fileCount > present, let id = free.popLast() {
                    try? files.remove(directory.segment(id))
                    fileCount -= 1
                }
                throw error
            }
        }
        // Even if nothing was missing: whoever created the files may have been killed before doing this.
        try files.synchronizeDirectory(directory.path)
    }

    private mutating func addFile() throws(LogError) {
        let file = try files.open(directory.segment(nextSegment), .create)
        defer { files.close(file) }
        try files.allocate(file, size: options.segmentSize)
        try files.synchronize(file)
        free.append(nextSegment)
        fileCount += 1
        nextSegment += 1
    }
}
