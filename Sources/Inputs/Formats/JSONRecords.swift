import JSON
import Telemetry

/// What can be set of the format `json`.
struct JSONFormat: Hashable, Sendable {
    var map = FieldMap()
    /// Points at a list whose elements are the records; nil when the document is one record.
    var each: JSONPointer?
}

/// Reads JSON documents (RFC 8259), each a record or a list of records.
struct JSONRecords: RecordDecoding {
    /// A document may nest so deep; sensors need a handful.
    private static let limits = JSONParser.Limits(bytes: 8 << 20, depth: 32)

    private let each: JSONPointer?
    private let pointers: [JSONPointer]
    private var mapper: FieldMapper

    init(_ format: JSONFormat) {
        each = format.each
        let selectors = format.map.selectors
        pointers = selectors.map { JSONPointer($0) ?? JSONPointer.document }
        var map = format.map
        // Left out of "all" by the names that the leaves have there.
        if case .all = map.fields {
            for index in map.tags.indices { map.tags[index].selector = pointers[index].dotted }
            if map.time != nil, let last = pointers.last { map.time?.selector = last.dotted }
        }
        mapper = FieldMapper(map)
    }

    mutating func decode(
        _ record: UnsafeRawBufferPointer, arrival: Timestamp, into points: inout PointIntake
    ) throws(RecordProblem) {
        let document: JSONValue
        do throws(JSONError) {
            document = try JSONParser.parse(Array(record), limits: Self.limits)
        } catch {
            throw RecordProblem("not JSON: \(error.message)", at: error.place?.offset ?? 0)
        }
        try take(document, arrival: arrival, into: &points)
    }

    /// Takes a document that has been parsed already.
    mutating func take(
        _ document: JSONValue, arrival: Timestamp, into points: inout PointIntake
    ) throws(RecordProblem) {
        guard let each else {
            try mapper.take(JSONCells(document, pointers), arrival: arrival, into: &points)
            return
        }
        guard case .array(let elements)? = each.value(in: document) else {
            throw RecordProblem("'each' points at no list; give the pointer to the list of records")
        }
        for element in elements {
            do throws(RecordProblem) {
                try mapper.take(JSONCells(element, pointers), arrival: arrival, into: &points)
                points.commit()
            } catch {
                points.abandon()
                points.refuse(error)
            }
        }
    }
}

extension JSONPointer {
    /// The whole document.
    static let document = JSONPointer(tokens: [])

    /// The way by these keys and indices.
    init(tokens: [String]) { self.tokens = tokens }
}

/// A JSON document as the cells of a record.
private struct JSONCells: RecordCells {
    private let document: JSONValue
    private let pointers: [JSONPointer]

    init(_ document: JSONValue, _ pointers: [JSONPointer]) {
        self.document = document
        self.pointers = pointers
    }

    func cell(_ number: Int) -> Cell {
        pointers[number].value(in: document).map { Cell($0) } ?? .absent
    }

    func eachLeaf(_ body: (UnsafeRawBufferPointer, Cell) throws(RecordProblem) -> Void) throws(RecordProblem) {
        var path: [UInt8] = []
        try Self.walk(document, &path, body)
    }

    /// The depth is bounded by the parser's.
    private static func walk(
        _ value: JSONValue, _ path: inout [UInt8],
        _ body: (UnsafeRawBufferPointer, Cell) throws(RecordProblem) -> Void
    ) throws(RecordProblem) {
        let end = path.count
        switch value {
        case .object(let object):
            for (key, member) in object {
                if end > 0 { path.append(UInt8(ascii: ".")) }
                path.append(contentsOf: key.utf8)
                try walk(member, &path, body)
                path.removeSubrange(end...)
            }
        case .array(let elements):
            for (index, element) in elements.enumerated() {
                if end > 0 { path.append(UInt8(ascii: ".")) }
                path.append(contentsOf: "\(index)".utf8)
                try walk(element, &path, body)
                path.removeSubrange(end...)
            }
        case .null: return
        default:
            let name = end == 0 ? Array("value".utf8) : path
            try name.withUnsafeBufferPointer { name throws(RecordProblem) in
                try body(UnsafeRawBufferPointer(name), Cell(value))
            }
        }
    }
}

extension Cell {
    init(_ value: JSONValue) {
        switch value {
        case .null: self = .absent
        case .bool(let flag): self = .boolean(flag)
        case .integer(let number): self = .integer(number)
        case .double(let number): self = .number(number)
        case .string(let text): self = text.isEmpty ? .absent : .text(text)
        case .array, .object: self = .container
        }
    }
}
