import JSON
import Scenarios

/// A stretch is `{"runs": [first, last], "points": [[count, min, max], null, …]}`.
extension Summary.Trace {
    var json: JSONValue {
        [
            "every_s": .orNull(every),
            "parts": .count(parts),
            "stretches": .array(stretches.map(\.json)),
            "limits": .array(limits.map(\.json)),
        ]
    }

    /// Holds a trace to what it says of itself, so that a drawing need not doubt it.
    init(from reader: inout SummaryReader) throws(AggregationError) {
        every = try reader.optionalNumber("every_s")
        let parts = try reader.count("parts")
        guard [1, 2, 4, 8, 16, 32].contains(parts) else { throw reader.wrong("parts", "1, 2, 4, 8, 16 or 32") }
        self.parts = parts
        stretches = try reader.objects("stretches") { (reader) throws(AggregationError) in
            let points = try reader.array("points") { (element, path) throws(AggregationError) in
                try Point(element, at: path)
            }
            guard points.count == parts else { throw reader.wrong("points", "as many as 'parts' says") }
            return Stretch(runs: try reader.places("runs"), points: points)
        }
        limits = try reader.objects("limits", Limit.init(from:))
    }
}

extension Summary.Trace.Stretch {
    fileprivate var json: JSONValue {
        [
            "runs": [.count(runs.lowerBound), .count(runs.upperBound)],
            "points": .array(points.map { $0?.json ?? .null }),
        ]
    }
}

extension Summary.Trace.Point {
    fileprivate var json: JSONValue { [.count(count), .double(min), .double(max)] }

    /// Nil for null.
    fileprivate init?(_ json: JSONValue, at path: String) throws(AggregationError) {
        if json.isNull { return nil }
        guard let parts = json.array, parts.count == 3, let count = parts[0].int64.flatMap(Int.init), count > 0,
            let min = parts[1].double, let max = parts[2].double, min.isFinite, max.isFinite, min <= max
        else {
            throw AggregationError(
                .malformedSummary, "must be null, or [count, min, max] with count > 0 and min <= max", at: path)
        }
        self.init(count: count, min: min, max: max)
    }
}

extension Summary.Trace.Limit {
    fileprivate var json: JSONValue {
        [
            "kind": .string(kind.rawValue), "id": .string(id), "comparator": .string(comparator.rawValue),
            "value": .orNull(value),
        ]
    }

    fileprivate init(from reader: inout SummaryReader) throws(AggregationError) {
        kind = try reader.choice("kind")
        id = try reader.text("id")
        guard let comparator = Comparator(rawValue: try reader.text("comparator")) else {
            throw reader.wrong("comparator", ">= or <=")
        }
        self.comparator = comparator
        value = try reader.number("value")
    }
}

extension SummaryReader {
    fileprivate mutating func places(_ name: String) throws(AggregationError) -> ClosedRange<Int> {
        let ends = try array(name) { (element, path) throws(AggregationError) in
            guard let place = element.int64.flatMap(Int.init(exactly:)), place >= 0 else {
                throw AggregationError(.malformedSummary, "must be a whole number, 0 or more", at: path)
            }
            return place
        }
        guard ends.count == 2, ends[0] <= ends[1] else { throw wrong(name, "[first, last] with first <= last") }
        return ends[0]...ends[1]
    }
}
