package import Configuration

/// What can be set of an input `stdin`.
package struct StdinSettings: ConfigurationDecodable, Sendable {
    var records: RecordSettings
    var terminator: RecordSplitter.Terminator

    init(_ records: RecordSettings, terminator: RecordSplitter.Terminator = .byte(UInt8(ascii: "\n"))) {
        self.records = records
        self.terminator = terminator
    }

    package init(from reader: inout MappingReader) {
        records = RecordSettings(from: &reader)
        terminator = reader.value("terminator", as: .terminator, default: .byte(UInt8(ascii: "\n")))
    }
}
