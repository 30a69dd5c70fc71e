import JSON
import Telemetry

/// The fields of one JSON message of the delivery protocol, each read with a check.
struct Message {
    private let object: JSONObject

    /// Messages are small; a larger payload is not one of ours, and is not even parsed.
    static let sizeLimit = 64 * 1024

    init(_ bytes: [UInt8]) throws(DeliveryError) {
        guard bytes.count <= Self.sizeLimit else {
            throw DeliveryError(code: .notJSON, message: "\(bytes.count) bytes; the limit is \(Self.sizeLimit)")
        }
        let value: JSONValue
        do {
            value = try JSONParser.parse(bytes, limits: .init(bytes: Self.sizeLimit, depth: 8))
        } catch {
            throw DeliveryError(code: .notJSON, message: "not JSON: \(error)")
        }
        guard let object = value.object else {
            throw DeliveryError(code: .notJSON, message: "must be a JSON object")
        }
        self.object = object
    }

    subscript(_ field: String) -> JSONValue? { object[field] }

    func text(_ field: String) throws(DeliveryError) -> String {
        guard let text = object[field]?.string else { throw .invalid(field, "a string") }
        return text
    }

    func optionalText(_ field: String, limit: Int = 256) throws(DeliveryError) -> String? {
        guard let value = object[field], !value.isNull else { return nil }
        guard let text = value.string, text.utf8.count <= limit else {
            throw .invalid(field, "a string of at most \(limit) bytes")
        }
        return text
    }

    func count(_ field: String) throws(DeliveryError) -> UInt64 {
        guard let number = object[field]?.int64, number >= 0 else { throw .invalid(field, "a whole number, 0 or more") }
        return UInt64(number)
    }

    func name(_ field: String) throws(DeliveryError) -> UUIDBytes {
        guard let name = UUIDBytes(hexadecimal: try text(field)) else { throw .invalid(field, "32 hexadecimal digits") }
        return name
    }

    func identifier(_ field: String) throws(DeliveryError) -> Identifier {
        guard let identifier = Identifier(try text(field)) else { throw .invalid(field, Identifier.rule) }
        return identifier
    }

    func stream() throws(DeliveryError) -> StreamReference {
        guard let priority = PriorityClass(name: try text("class")) else {
            throw .invalid("class", "event, metric or bulk")
        }
        let install = try name("install")
        let epoch = try count("epoch")
        guard epoch <= DeliveryLimits.greatestNumber else { throw .invalid("epoch", "at most 2^53") }
        return StreamReference(install: install, epoch: epoch, priority: priority)
    }

    func ranges(_ field: String) throws(DeliveryError) -> [ClosedRange<UInt64>] {
        guard let pairs = object[field]?.array, pairs.count <= Acknowledgement.rangeLimit else {
            throw .invalid(field, "a list of at most \(Acknowledgement.rangeLimit) [first, last] pairs")
        }
        var ranges: [ClosedRange<UInt64>] = []
        for pair in pairs {
            guard let ends = pair.array, ends.count == 2, let first = ends[0].int64, let last = ends[1].int64,
                first >= 1, first <= last, UInt64(last) <= DeliveryLimits.greatestNumber
            else { throw .invalid(field, "a list of [first, last] pairs with 1 <= first <= last <= 2^53") }
            ranges.append(UInt64(first)...UInt64(last))
        }
        return ranges
    }
}

extension StreamReference {
    func write(to writer: inout JSONWriter) {
        writer.member("install", install.description)
        writer.member("epoch", epoch)
        writer.member("class", priority.name)
    }
}

extension JSONWriter {
    mutating func write(_ ranges: [ClosedRange<UInt64>]) {
        beginArray()
        for range in ranges {
            beginArray()
            integer(range.lowerBound)
            integer(range.upperBound)
            endArray()
        }
        endArray()
    }
}
