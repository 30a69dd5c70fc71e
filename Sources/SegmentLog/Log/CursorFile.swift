/// The file that keeps what was released, in two alternating slots.
struct CursorFile {
    private var file: OpenFile
    private var generation: UInt64 = 0
    /// The file does not say what it must before a segment is begun: what was released, and that the log is open.
    var isDirty: Bool

    /// Opens the file, creates it if need be, and reads the younger intact slot.
    ///
    /// `slot` is nil if none is intact; `isLost` tells whether there should have been one.
    static func open<Files: FileSystem>(
        _ directory: LogDirectory, _ files: Files
    ) throws(LogError) -> (cursor: CursorFile, slot: CursorSlot?, isLost: Bool) {
        let existing = try files.readFile(directory.cursor)
        let slot = existing.flatMap { CursorSlot.newest(in: $0.span.bytes) }
        let file = try files.open(directory.cursor, .create)
        do throws(LogError) {
            try files.allocate(file, size: CursorSlot.fileSize)
            // A slot that was just read may have been written by a process killed before it could synchronize.
            try files.synchronize(file)
            if existing == nil { try files.synchronizeDirectory(directory.path) }
        } catch {
            files.close(file)
            throw error
        }
        let isBlank = existing?.span.bytes.isZero ?? false
        let cursor = CursorFile(file: file, generation: slot?.generation ?? 0, isDirty: slot?.isClosed ?? true)
        return (cursor, slot, slot == nil && !isBlank)
    }

    private init(file: OpenFile, generation: UInt64, isDirty: Bool) {
        self.file = file
        self.generation = generation
        self.isDirty = isDirty
    }

    /// Makes what was released and what is there, and whether the log is closed, durable in the slot that holds the older generation.
    ///
    /// After a failure the descriptor is given up and the same slot is written once more through a new one: the other
    /// slot stays as it is, whatever happens.
    mutating func persist<Files: FileSystem>(
        released: LanePositions, durable: LanePositions, closing: Bool, _ files: Files
    ) throws(LogError) {
        let slot = CursorSlot(
            generation: generation + 1, released: released, durable: durable, isClosed: closing)
        do throws(LogError) {
            try write(slot, files)
        } catch {
            do throws(LogError) {
                let second = try files.open(file.path, .readWrite)
                files.close(file)
                file = second
                try write(slot, files)
            } catch {
                throw LogError(
                    .degraded, "could not record what was released (\(error.message)); check the device",
                    path: file.path, errno: error.errno)
            }
        }
        generation += 1
        isDirty = false
    }

    private func write<Files: FileSystem>(_ slot: CursorSlot, _ files: Files) throws(LogError) {
        try files.writeAll(file, at: slot.offset, slot.encode().span.bytes)
        try files.synchronize(file)
    }
}
