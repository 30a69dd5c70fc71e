import Configuration
import Telemetry

/// How the records of a source are written; see the page "Formats".
enum RecordFormat: Hashable, Sendable {
    case line(LinePrecision)
    case senml(SenMLFormat)
    case json(JSONFormat)
    case csv(CSVFormat)
    case keyValue(KeyValueFormat)
    case nmea(NMEAFormat)
    case regex(PatternFormat)
    case value(FieldRule)

    /// Whether a record may hold newlines, so that a source that knows its end can be one record.
    var takesSeveralLines: Bool {
        switch self {
        case .json, .senml, .line, .csv: true
        case .keyValue, .nmea, .regex, .value: false
        }
    }
}

extension ValueFormat<RecordFormat> {
    /// `format: nmea`, or `format: {type: csv, columns: […]}`.
    static var recordFormat: ValueFormat<RecordFormat> {
        .scalar(short, orMapping: full)
    }

    /// The formats that need nothing said.
    private static var short: ValueFormat<RecordFormat> {
        let plain: [String: RecordFormat] = [
            "line": .line(.nanoseconds), "senml": .senml(SenMLFormat()), "json": .json(JSONFormat()),
            "csv": .csv(CSVFormat()), "key-value": .keyValue(KeyValueFormat()), "nmea": .nmea(NMEAFormat()),
        ]
        let names = plain.keys.sorted()
        return .parsing(.string, "one of \(names.joined(separator: ", "))", placeholder: .line(.nanoseconds)) {
            name throws(InvalidValue) in
            if let format = plain[name] { return format }
            if name == "regex" || name == "value" {
                throw InvalidValue("'\(name)' needs more to be said; write {type: \(name), …}")
            }
            throw InvalidValue(
                "'\(name.prefix(40))' is no format" + MappingReader.suggestion(for: name, among: names, noun: "format"))
        }
    }

    private static var full: ValueFormat<RecordFormat> {
        .union(
            by: "type",
            [
                "line": { .line($0.value("precision", as: .enumeration, default: .nanoseconds)) },
                "senml": { .senml(SenMLFormat(from: &$0)) }, "json": { .json(JSONFormat(from: &$0)) },
                "csv": { .csv(CSVFormat(from: &$0)) }, "key-value": { .keyValue(KeyValueFormat(from: &$0)) },
                "nmea": { .nmea(NMEAFormat(from: &$0)) }, "regex": { .regex(PatternFormat(from: &$0)) },
                "value": { reader in .value(FieldRule(valueFrom: &reader)) },
            ])
    }
}

extension SenMLFormat {
    init(from reader: inout MappingReader) {
        tag = reader.value("tag", as: .recordTagKey, default: "source")
        series = reader.optional("series", as: .seriesName)
    }
}

extension JSONFormat {
    init(from reader: inout MappingReader) {
        each = reader.optional(
            "each",
            as: .parsing(.string, "a JSON pointer such as '/readings'", placeholder: .document) {
                text throws(InvalidValue) in
                guard let pointer = JSONPointer(text) else { throw InvalidValue(JSONPointer.rule) }
                return pointer
            })
        map = FieldMap(from: &reader, selector: .pointer)
    }
}

extension JSONPointer {
    static let rule = "a JSON pointer begins with '/', such as /sensors/0/temp"
}

extension CSVFormat {
    init(from reader: inout MappingReader) {
        columns = reader.optional("columns", as: .sequence(of: .nonEmptyString, count: 1...1024))
        hasHeader = reader.value("header", as: .bool, default: columns == nil)
        delimiter = reader.value("delimiter", as: .character, default: UInt8(ascii: ","))
        comment = reader.optional("comment", as: .character)
        map = FieldMap(from: &reader, selector: .column)
        if let columns, reader.isSound("columns") {
            for selector in map.selectors where !columns.contains(selector) && Int(selector) == nil {
                reader.report(
                    "there is no column '\(selector)'\(MappingReader.suggestion(for: selector, among: columns, noun: "column"))",
                    key: "columns")
            }
        }
        if columns == nil, !hasHeader, reader.isSound("header") {
            for selector in map.selectors where Int(selector) == nil {
                reader.report("without a header, columns go by number; '\(selector)' is none", key: "header")
            }
        }
    }
}

extension KeyValueFormat {
    init(from reader: inout MappingReader) {
        assign = reader.value("assign", as: .character, default: UInt8(ascii: "="))
        separator = reader.optional("separator", as: .character)
        map = FieldMap(from: &reader, selector: .key)
    }
}

extension NMEAFormat {
    init(from reader: inout MappingReader) {
        requiresChecksum =
            reader.value("checksum", as: .name(among: ["required", "optional"]), default: "required") != "optional"
        takesTime = reader.value("time", as: .name(among: ["arrival", "sentence"]), default: "arrival") == "sentence"
    }
}

extension PatternFormat {
    init(from reader: inout MappingReader) {
        pattern = reader.required(
            "pattern",
            as: .parsing(.nonEmptyString, "a POSIX extended regular expression", placeholder: "(.)") {
                text throws(InvalidValue) in
                if let problem = CompiledPattern.problem(in: text) {
                    throw InvalidValue("not a POSIX extended regular expression: \(problem)")
                }
                // Matching with them takes time without bound.
                guard !text.utf8.hasBackReference else {
                    throw InvalidValue("a pattern may not refer back to its groups (\\1)")
                }
                return text
            })
        skipsOthers = reader.value("others", as: .name(among: ["reject", "skip"]), default: "reject") == "skip"
        map = FieldMap(from: &reader, selector: .group)
        if reader.isSound("pattern"), let compiled = CompiledPattern(pattern) {
            for selector in map.selectors {
                guard let group = Int(selector), group > compiled.groupCount else { continue }
                reader.report("has \(compiled.groupCount) groups, and 'fields' names group \(group)", key: "pattern")
            }
        }
    }
}

extension String.UTF8View {
    fileprivate var hasBackReference: Bool {
        var isEscaped = false
        for byte in self {
            if isEscaped, byte.isDigit, byte != UInt8(ascii: "0") { return true }
            isEscaped = !isEscaped && byte == UInt8(ascii: "\\")
        }
        return false
    }
}
