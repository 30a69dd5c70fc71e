import JSON

/// What messages of a recording look like, as JSON Schema 2020-12.
enum RecordingSchema: String, CaseIterable {
    case number = "fieldproof.Number"
    case boolean = "fieldproof.Boolean"
    case text = "fieldproof.Text"
    case event = "fieldproof.Event"
    case runMarker = "fieldproof.RunMarker"
    /// One of Foxglove's well-known schemas, which its log panel shows.
    case log = "foxglove.Log"

    var text: [UInt8] {
        switch self {
        case .number: Self.sample(["type": ["number", "null"], "description": "null for what is no finite number"])
        case .boolean: Self.sample(["type": "boolean"])
        case .text: Self.sample(["type": "string"])
        case .event:
            Self.object([
                ("name", ["type": "string"]),
                (
                    "attributes",
                    ["type": "object", "additionalProperties": ["type": ["string", "number", "boolean", "null"]]]
                ),
            ])
        case .runMarker:
            Self.object([
                ("phase", ["enum": ["start", "stop"]]), ("run", ["type": "string"]), ("site", ["type": "string"]),
                ("subject", ["type": ["string", "null"]]), ("outcome", ["type": ["string", "null"]]),
                ("failure_mode", ["type": ["string", "null"]]), ("intervention", ["type": ["boolean", "null"]]),
                ("excluded", ["type": ["string", "null"]]),
            ])
        case .log:
            Self.object([
                (
                    "timestamp",
                    [
                        "type": "object", "title": "time",
                        "properties": [
                            "sec": ["type": "integer", "minimum": 0], "nsec": ["type": "integer", "minimum": 0],
                        ],
                    ]
                ),
                ("level", ["type": "integer", "description": "1 debug, 2 info, 3 warning, 4 error, 5 fatal"]),
                ("message", ["type": "string"]), ("name", ["type": "string"]), ("file", ["type": "string"]),
                ("line", ["type": "integer", "minimum": 0]),
            ])
        }
    }

    private static func sample(_ value: JSONValue) -> [UInt8] {
        let quality: JSONValue = [
            "type": "array", "items": ["type": "string"],
            "description": "what is wrong with it; absent for a good sample",
        ]
        return object([("value", value), ("quality", quality)], required: ["value"])
    }

    /// All members but where `required` names some.
    private static func object(
        _ members: [(key: String, value: JSONValue)], required: [String]? = nil
    ) -> [UInt8] {
        let schema: JSONValue = [
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "type": "object",
            "properties": .object(JSONObject(members)),
            "required": .array((required ?? members.map(\.key)).map(JSONValue.string)),
        ]
        return schema.compact()
    }
}
