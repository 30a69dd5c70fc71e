import JSON
import Telemetry

/// Reads the members of one object of a summary, strictly: each must be there, and no other may be.
struct SummaryReader {
    private let object: JSONObject
    private let path: String
    private var unread: Set<String>

    /// Begins to read an object; `path` leads to it, and is empty for the whole summary.
    ///
    /// - Throws: ``AggregationError/Code/malformedSummary`` for anything but an object, as all that reads from it does.
    init(_ value: JSONValue, at path: String = "") throws(AggregationError) {
        guard let object = value.object else {
            throw AggregationError(.malformedSummary, "must be an object", at: path)
        }
        self.object = object
        self.path = path
        unread = Set(object.keys)
    }

    /// Refuses members that nobody asked for.
    func finish() throws(AggregationError) {
        guard let name = unread.sorted().first else { return }
        throw AggregationError(.malformedSummary, "is no member of a summary of this version", at: place(of: name))
    }

    func place(of name: String) -> String { path.isEmpty ? name : "\(path).\(name)" }

    func wrong(_ name: String, _ expected: String) -> AggregationError {
        AggregationError(.malformedSummary, "must be \(expected)", at: place(of: name))
    }

    func has(_ name: String) -> Bool { object[name] != nil }

    mutating func value(_ name: String) throws(AggregationError) -> JSONValue {
        unread.remove(name)
        guard let value = object[name] else {
            throw AggregationError(.malformedSummary, "is missing", at: place(of: name))
        }
        return value
    }

    mutating func text(_ name: String) throws(AggregationError) -> String {
        guard let text = try value(name).string else { throw wrong(name, "a string") }
        return text
    }

    mutating func bool(_ name: String) throws(AggregationError) -> Bool {
        guard let flag = try value(name).bool else { throw wrong(name, "true or false") }
        return flag
    }

    mutating func count(_ name: String) throws(AggregationError) -> Int { Int(try largeCount(name)) }

    mutating func largeCount(_ name: String) throws(AggregationError) -> UInt64 {
        guard let count = try value(name).int64, count >= 0 else { throw wrong(name, "a whole number, 0 or more") }
        return UInt64(count)
    }

    mutating func number(_ name: String) throws(AggregationError) -> Double {
        guard let number = try value(name).double, number.isFinite else { throw wrong(name, "a number") }
        return number
    }

    mutating func choice<Choice: RawRepresentable & CaseIterable>(
        _ name: String, _ type: Choice.Type = Choice.self
    ) throws(AggregationError) -> Choice where Choice.RawValue == String {
        guard let choice = Choice(rawValue: try text(name)) else {
            throw wrong(name, "one of " + Choice.allCases.map(\.rawValue).joined(separator: ", "))
        }
        return choice
    }

    mutating func identifier(_ name: String) throws(AggregationError) -> Identifier {
        guard let identifier = Identifier(try text(name)) else { throw wrong(name, Identifier.rule) }
        return identifier
    }

    mutating func time(_ name: String) throws(AggregationError) -> Timestamp {
        guard let time = Timestamp(rfc3339: try text(name)) else { throw wrong(name, "a time (RFC 3339)") }
        return time
    }

    /// Nil where the member is null; else what `read` makes of it.
    mutating func optional<Value>(
        _ name: String, _ read: (inout SummaryReader, String) throws(AggregationError) -> Value
    ) throws(AggregationError) -> Value? {
        if try value(name).isNull { return nil }
        return try read(&self, name)
    }

    /// The member as an object of its own, read to its end.
    mutating func object<Value>(
        _ name: String, _ read: (inout SummaryReader) throws(AggregationError) -> Value
    ) throws(AggregationError) -> Value {
        var reader = try SummaryReader(try value(name), at: place(of: name))
        let value = try read(&reader)
        try reader.finish()
        return value
    }

    /// The elements of an array, each by its path.
    mutating func array<Value>(
        _ name: String, _ read: (JSONValue, String) throws(AggregationError) -> Value
    ) throws(AggregationError) -> [Value] {
        guard let elements = try value(name).array else { throw wrong(name, "a list") }
        var values: [Value] = []
        for (index, element) in elements.enumerated() {
            values.append(try read(element, "\(place(of: name))[\(index)]"))
        }
        return values
    }

    /// The elements of an array of objects, each read to its end.
    mutating func objects<Value>(
        _ name: String, _ read: (inout SummaryReader) throws(AggregationError) -> Value
    ) throws(AggregationError) -> [Value] {
        try array(name) { (element, path) throws(AggregationError) in
            var reader = try SummaryReader(element, at: path)
            let value = try read(&reader)
            try reader.finish()
            return value
        }
    }

    /// The members of an object whose keys are free, in their order.
    mutating func entries<Value>(
        _ name: String, _ read: (inout SummaryReader, String) throws(AggregationError) -> Value
    ) throws(AggregationError) -> [Value] {
        try object(name) { (reader) throws(AggregationError) in
            var values: [Value] = []
            for key in reader.object.keys { values.append(try read(&reader, key)) }
            return values
        }
    }
}
