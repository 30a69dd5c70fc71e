import JSON
import Telemetry

/// What can be set of the format `senml`.
struct SenMLFormat: Hashable, Sendable {
    /// The tag that says what a record is about: its name up to the last `/`, or else the last `:`.
    var tag = "source"
    /// Every record is of this series, and its whole name is the tag's value; nil for the name's last part.
    var series: String?
}

/// Reads SenML packs in JSON (RFC 8428): a record is a pack.
///
/// A pack whose structure is wrong is refused as a whole, because base fields reach from one record into all that follow.
/// A value that cannot be had costs only itself.
struct SenMLRecords: RecordDecoding {
    /// The highest version of SenML that is understood (RFC 8428, section 4.4).
    private static let version: Int64 = 10
    /// Times below it count from now (RFC 8428, section 4.5.3).
    private static let leastAbsoluteTime = 268_435_456.0
    private static let labels: Set<String> = [
        "bn", "bt", "bu", "bv", "bs", "bver", "n", "u", "v", "vs", "vb", "vd", "s", "t", "ut",
    ]

    private let format: SenMLFormat
    private var names = LeafNames(prefix: nil)
    private var scratch: [UInt8] = []

    init(_ format: SenMLFormat) { self.format = format }

    mutating func decode(
        _ record: UnsafeRawBufferPointer, arrival: Timestamp, into points: inout PointIntake
    ) throws(RecordProblem) {
        let document: JSONValue
        do throws(JSONError) {
            document = try JSONParser.parse(Array(record), limits: JSONParser.Limits(depth: 16))
        } catch {
            throw RecordProblem("not JSON: \(error.message)", at: error.place?.offset ?? 0)
        }
        guard case .array(let records) = document else { throw RecordProblem("a SenML pack is a list of records") }
        var base = SenMLBase()
        for (index, record) in records.enumerated() {
            guard case .object(let members) = record else {
                throw RecordProblem("record \(index + 1) of the pack is no object")
            }
            for key in members.keys where !Self.labels.contains(key) && key.hasSuffix("_") {
                throw RecordProblem(
                    "the label '\(key.prefix(40).utf8.shownText)' must be understood, and is not", at: 0)
            }
            try base.take(members, record: index + 1, version: Self.version)
            do throws(RecordProblem) {
                try take(members, base, arrival: arrival, into: &points)
            } catch {
                guard error.reason == .badValue else { throw error }
                points.refuse(error)
            }
        }
    }

    private mutating func take(
        _ record: JSONObject, _ base: SenMLBase, arrival: Timestamp, into points: inout PointIntake
    ) throws(RecordProblem) {
        let name = base.name + (try Self.text(record, "n") ?? "")
        guard Self.isValid(name) else {
            throw RecordProblem("'\(name.prefix(64).utf8.shownText)' is no SenML name", .badValue)
        }
        let code = try Self.text(record, "u") ?? base.unit
        let time = try Self.time(base.time + (Self.number(record, "t") ?? 0), arrival: arrival)
        scratch.removeAll(keepingCapacity: true)
        scratch.append(contentsOf: name.utf8)
        scratch.append(0)
        if let code { scratch.append(contentsOf: code.utf8) }
        var group = scratch.withUnsafeBytes { points.group($0) }
        if let (value, field) = try Self.value(record, base) {
            try add(value, field, to: &group, name, code, at: time, into: &points)
        }
        if let sum = try Self.number(record, "s").map({ $0 + (base.sum ?? 0) }) ?? base.sum {
            try add(.double(sum), "s", to: &group, name, code, at: time, into: &points)
        }
    }

    private mutating func add(
        _ value: Value, _ field: StaticString, to group: inout PointIntake.Group, _ name: String, _ code: String?,
        at time: Timestamp, into points: inout PointIntake
    ) throws(RecordProblem) {
        var names = names
        self.names = LeafNames(prefix: nil)
        defer { self.names = names }
        let key = UnsafeRawBufferPointer(start: field.utf8Start, count: field.utf8CodeUnitCount)
        let isSum = key.isEqual("s")
        try points.add(key, to: &group, value, at: time) { () throws(RecordProblem) in
            var (series, source) = try described(name, &names)
            var unit = code.map { SenMLUnit.unit($0) } ?? .one
            if isSum {
                // The integral of the value over time (RFC 8428, section 4.3).
                series += ".sum"
                unit = unit == .one ? .second : Unit("\(unit).s").flatMap { $0.isKnown ? $0 : nil } ?? unit
            }
            if let problem = source.flatMap({ Tag.problem(format.tag, $0) }) {
                throw RecordProblem("the tag '\(format.tag)': \(problem)", .badValue)
            }
            return Series(
                series, tags: source.map { [Tag(format.tag, $0)] } ?? [], unit: unit,
                kind: value.isState ? .state : isSum ? .counter : .gauge)
        }
    }

    /// The series of a name, and what the name says beside.
    private func described(
        _ name: String, _ names: inout LeafNames
    ) throws(RecordProblem) -> (series: String, source: String?) {
        if let series = format.series { return (series, name) }
        let cut = name.lastIndex(of: "/") ?? name.lastIndex(of: ":")
        let last = cut.map { name[name.index(after: $0)...] } ?? name[...]
        let source = cut.map { String(name[..<$0]) } ?? ""
        var bytes = Array(last.utf8)
        let series = try bytes.withUnsafeMutableBufferPointer { bytes throws(RecordProblem) in
            try names.series(UnsafeRawBufferPointer(bytes))
        }
        return (series, source.isEmpty ? nil : source)
    }

    private static func value(
        _ record: JSONObject, _ base: SenMLBase
    ) throws(RecordProblem) -> (Value, StaticString)? {
        if let number = try number(record, "v") { return (.double(number + (base.value ?? 0)), "v") }
        if let text = try text(record, "vs") { return (.text(text), "vs") }
        if let value = record["vb"] {
            guard let flag = value.bool else { throw RecordProblem("'vb' must be true or false", .badValue) }
            return (.boolean(flag), "vb")
        }
        if record["vd"] != nil { throw RecordProblem("data ('vd') have no series; send numbers or text", .badValue) }
        return base.value.map { (.double($0), "v") }
    }

    static func number(_ record: JSONObject, _ label: String) throws(RecordProblem) -> Double? {
        guard let value = record[label] else { return nil }
        guard let number = value.double else { throw RecordProblem("'\(label)' must be a number") }
        return number
    }

    static func text(_ record: JSONObject, _ label: String) throws(RecordProblem) -> String? {
        guard let value = record[label] else { return nil }
        guard let text = value.string else { throw RecordProblem("'\(label)' must be text") }
        return text
    }

    private static func time(_ seconds: Double, arrival: Timestamp) throws(RecordProblem) -> Timestamp {
        guard abs(seconds) < 9.2e9 else { throw RecordProblem("the time is beyond the year 2262", .badTime) }
        // To the microsecond: a double has no more at today's dates.
        let nanoseconds = Int64((seconds * 1e6).rounded()) * 1000
        return seconds < leastAbsoluteTime
            ? arrival.advanced(byNanoseconds: nanoseconds) : Timestamp(nanoseconds: nanoseconds)
    }

    /// RFC 8428, section 4.5.1: letters, digits and `-:./_`, the first a letter or digit.
    private static func isValid(_ name: String) -> Bool {
        func isAlphanumeric(_ byte: UInt8) -> Bool {
            byte.isDigit || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20) && byte >= UInt8(ascii: "A")
        }
        guard let first = name.utf8.first, isAlphanumeric(first) else { return false }
        return name.utf8.allSatisfy { isAlphanumeric($0) || "-:./_".utf8.contains($0) }
    }
}

/// The base fields, as far as the pack has come.
private struct SenMLBase {
    var name = ""
    var time = 0.0
    var unit: String?
    var value: Double?
    var sum: Double?

    mutating func take(_ record: JSONObject, record number: Int, version: Int64) throws(RecordProblem) {
        if let given = record["bver"] {
            guard let int = given.int64, int > 0, int <= version else {
                throw RecordProblem("record \(number): 'bver' is not a version of SenML up to \(version)")
            }
        }
        if let given = try SenMLRecords.text(record, "bn") { name = given }
        if let given = try SenMLRecords.number(record, "bt") { time = given }
        if let given = try SenMLRecords.text(record, "bu") { unit = given }
        if let given = try SenMLRecords.number(record, "bv") { value = given }
        if let given = try SenMLRecords.number(record, "bs") { sum = given }
    }
}

/// Names of units in SenML (IANA "SenML Units" and RFC 8798) as UCUM codes.
enum SenMLUnit {
    /// The UCUM unit; one that nobody knows stays readable as an annotation, which has no dimension.
    static func unit(_ name: String) -> Unit {
        if let code = codes[name] { return Unit(code) ?? .one }
        if let unit = Unit(name), unit.isKnown { return unit }
        return Unit("{\(name.filter { $0 != "{" && $0 != "}" })}") ?? .one
    }

    private static let codes: [String: String] = [
        "/": "1", "count": "1", "%RH": "%", "%EL": "%", "EL": "s", "1/s": "/s", "1/min": "/min",
        "beat/min": "{beats}/min",
        "beats": "{beats}", "B": "By", "KiB": "KiBy", "GB": "GBy", "B/s": "By/s", "Mbit/s": "Mbit/s", "lat": "deg",
        "lon": "deg", "pH": "[pH]", "VA": "V.A", "kVA": "kV.A", "Wh": "W.h", "kWh": "kW.h", "VAh": "V.A.h", "l": "L",
        "l/s": "L/s", "ppm": "[ppm]", "ppb": "[ppb]", "A/m": "A/m", "km/h": "km/h", "mm/h": "mm/h", "year": "a",
    ]
}
