package import Configuration

/// What can be set of an input `tail`.
package struct TailSettings: ConfigurationDecodable, Sendable {
    enum Start: String, CaseIterable, Sendable {
        case start, end
    }

    /// The file; its last part may be a pattern with `*`, `?` and `[…]`.
    var path: String
    /// Where a file that is there in the beginning is read from. What appears later is read from its start.
    var from = Start.end
    /// The tag that says which file a series came from, by the file's name; nil for none.
    var fileTag: String?
    var terminator = RecordSplitter.Terminator.byte(UInt8(ascii: "\n"))
    var records: RecordSettings

    init(_ path: String, from: Start = .end, _ records: RecordSettings) {
        self.path = path
        self.from = from
        self.records = records
    }

    package init(from reader: inout MappingReader) {
        path = reader.required("path", as: .absolutePath)
        from = reader.value("from", as: .enumeration, default: .end)
        fileTag = reader.optional("file-tag", as: .recordTagKey)
        terminator = reader.value("terminator", as: .terminator, default: .byte(UInt8(ascii: "\n")))
        records = RecordSettings(from: &reader)
        if reader.isSound("path"), Self.hasPattern(directory) {
            reader.report("only the last part of the path may be a pattern", key: "path")
        }
    }

    var directory: String {
        guard let slash = path.lastIndex(of: "/"), slash > path.startIndex else { return "/" }
        return String(path[..<slash])
    }

    /// The last part of the path.
    var name: String { path.split(separator: "/").last.map(String.init) ?? "" }

    var hasPattern: Bool { Self.hasPattern(path) }

    private static func hasPattern(_ path: String) -> Bool { path.contains { "*?[".contains($0) } }
}
