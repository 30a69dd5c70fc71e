/// The few segment files that are open for reading: as many as readers usually are at once.
struct ReadFiles {
    private static let capacity = 4
    private var open: [(segment: UInt64, file: OpenFile)] = []

    init() { open.reserveCapacity(Self.capacity) }

    mutating func file<Files: FileSystem>(
        _ segment: UInt64, _ directory: LogDirectory, _ files: Files
    ) throws(LogError) -> OpenFile {
        if let known = open.first(where: { $0.segment == segment }) { return known.file }
        let file = try files.open(directory.segment(segment), .read)
        if open.count == Self.capacity { files.close(open.removeFirst().file) }
        open.append((segment, file))
        return file
    }

    /// Closes the file before its name or content goes.
    mutating func close<Files: FileSystem>(_ segment: UInt64, _ files: Files) {
        guard let index = open.firstIndex(where: { $0.segment == segment }) else { return }
        files.close(open.remove(at: index).file)
    }
}
