/// Which formats this program knows, asked of a directory before anything in it is opened for writing.
package enum LogFormat {
    /// Refuses a directory in which a file is of a later format, and reads no more of it than the headers. One that is not there yet is good.
    ///
    /// - Throws: ``LogError/Code/newerFormat``, naming the file; any other ``LogError`` when a file cannot be read.
    package static func require(in path: String, _ files: some FileSystem) throws(LogError) {
        let directory = LogDirectory(path: path)
        let entries: [String]
        do throws(LogError) {
            entries = try files.entries(of: path)
        } catch  where error.code == .notFound {
            return
        }
        try requireCursor(directory, files)
        var block = [UInt8](repeating: 0, count: SegmentHeader.blockSize)
        for entry in entries.sorted() {
            guard case .segment(let name) = LogDirectory.role(of: entry) else { continue }
            let file: OpenFile
            do throws(LogError) {
                file = try files.open(directory.segment(name), .read)
            } catch  where error.code == .notFound {
                // Beside a running log a released one may go meanwhile.
                continue
            }
            defer { files.close(file) }
            let count = try files.readAll(file, at: 0, into: &block, range: block.indices)
            if case .unknownVersion(let version) = SegmentHeader.read(block.span.bytes.extracting(0..<count)) {
                throw .newer(segment: version, directory.segment(name))
            }
        }
    }

    static func requireCursor(_ directory: LogDirectory, _ files: some FileSystem) throws(LogError) {
        guard let bytes = try files.readFile(directory.cursor),
            let version = CursorSlot.unknownVersion(in: bytes.span.bytes)
        else { return }
        throw LogError(
            newer: "this cursor has format \(version), and \(CursorSlot.version) is known", path: directory.cursor)
    }
}

extension LogError {
    static func newer(segment version: Int, _ path: String) -> LogError {
        LogError(newer: "this segment has format \(version), and \(SegmentHeader.version) is known", path: path)
    }
}
