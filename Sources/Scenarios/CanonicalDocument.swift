import Configuration
import JSON

/// A definition as it is written, on its way to its digest.
///
/// Nothing is filled in and nothing converted: `95%` and `0.95`, `12 s` and `12000 ms` are different documents, and so
/// are a default that is written and one that is not. What YAML itself holds to be the same is the same: the order of
/// keys, comments, flow or block style, quotes around text, anchors, `1` and `1.0`.
struct CanonicalDocument {
    /// Why there is no canonical form.
    struct Failure: Error {
        let message: String
    }

    private let root: JSONValue

    init(_ value: CoreValue) {
        root = JSONValue(value)
    }

    /// The canonical form (RFC 8785) of the whole.
    func canonical() throws(Failure) -> [UInt8] {
        try Self.canonical(root)
    }

    /// The canonical form of what is left when names are taken out.
    ///
    /// Out go `id`, `version`, `title`, `need`, the ids and names of sites, and the ids of metrics, criteria and safety
    /// rules. A reference to a metric becomes the metric itself. Lists whose order has no meaning are sorted.
    func nameless() throws(Failure) -> [UInt8] {
        guard var document = root.object else { return try canonical() }
        for key in ["id", "version", "title", "need"] { document[key] = nil }
        let metrics = document["metrics"]?.object
        document["metrics"] = try Self.sorted(metrics?.map(\.value))
        document["sites"] = try Self.sorted(
            document["sites"]?.array?.map { site in site["environment"] ?? .null })
        for key in ["criteria", "safety"] {
            document[key] = try Self.sorted(
                document[key]?.array?.map { element in
                    guard var members = element.object else { return element }
                    members["id"] = nil
                    if let body = members["metric"]?.string.flatMap({ metrics?[$0] }) { members["metric"] = body }
                    return .object(members)
                })
        }
        return try Self.canonical(.object(document))
    }

    private static func canonical(_ value: JSONValue) throws(Failure) -> [UInt8] {
        do throws(JSONError) {
            return try value.canonical()
        } catch {
            throw Failure(message: "there is no digest of it: " + error.message)
        }
    }

    /// Nil for nil and for nothing, so that an empty list and none are alike.
    private static func sorted(_ values: [JSONValue]?) throws(Failure) -> JSONValue? {
        guard let values, !values.isEmpty else { return nil }
        var keyed: [(bytes: [UInt8], value: JSONValue)] = []
        for value in values { keyed.append((try canonical(value), value)) }
        return .array(keyed.sorted { $0.bytes.lexicographicallyPrecedes($1.bytes) }.map(\.value))
    }
}

extension JSONValue {
    fileprivate init(_ value: CoreValue) {
        switch value {
        case .null: self = .null
        case .bool(let value): self = .bool(value)
        case .integer(let value): self = .integer(value)
        case .double(let value): self = .double(value)
        case .string(let value): self = .string(value)
        case .sequence(let values): self = .array(values.map(JSONValue.init))
        case .mapping(let members): self = .object(JSONObject(members.map { ($0.key, JSONValue($0.value)) }))
        }
    }
}
