import JSON

/// A table of a package: what its columns hold, what makes a row one of its kind, and the rows as CSV.
struct Table {
    /// What must be in one of the columns, as Frictionless Table Schema has it.
    struct Column {
        /// A field type of Frictionless Table Schema.
        enum Kind: String {
            case string
            case number
            case integer
            case boolean
            case datetime
        }

        /// The unit of a number.
        enum Unit: ExpressibleByStringLiteral {
            /// A UCUM code.
            case code(String)
            /// Another one in each row: where it stands.
            case stated(in: String)

            init(stringLiteral code: String) { self = .code(code) }
        }

        var name: String
        var kind: Kind
        var unit: Unit?
        var description: String
        /// A value must be there.
        var isRequired = false
        /// The words that may stand in it; empty for any.
        var words: [String] = []
        var least: Int?
        var most: Int?

        init(
            _ name: String, _ kind: Kind, unit: Unit? = nil, _ description: String, isRequired: Bool = false,
            words: [String] = [], least: Int? = nil, most: Int? = nil
        ) {
            self.name = name
            self.kind = kind
            self.unit = unit
            self.description = description
            self.isRequired = isRequired
            self.words = words
            self.least = least
            self.most = most
        }
    }

    /// A column, or several together, whose values are those of a row of another table.
    struct Reference {
        var columns: [String]
        var table: String
        var tableColumns: [String]
    }

    /// The table's name; its file is named after it.
    var name: String
    var title: String
    var description: String
    var columns: [Column]
    var primaryKey: [String]
    var references: [Reference] = []
    /// RFC 4180, the header included.
    var csv: String

    /// The name of the file within the package.
    var path: String { "\(name).csv" }

    /// The table schema (Frictionless Table Schema 1.0).
    var schema: JSONValue {
        var members: [(key: String, value: JSONValue)] = [
            ("fields", .array(columns.map(\.json))), ("missingValues", [""]),
            ("primaryKey", .array(primaryKey.map(JSONValue.string))),
        ]
        if !references.isEmpty {
            members.append(
                (
                    "foreignKeys",
                    .array(
                        references.map { reference in
                            [
                                "fields": .array(reference.columns.map(JSONValue.string)),
                                "reference": [
                                    "resource": .string(reference.table),
                                    "fields": .array(reference.tableColumns.map(JSONValue.string)),
                                ],
                            ]
                        })
                ))
        }
        return .object(JSONObject(members))
    }
}

extension Table.Column {
    fileprivate var json: JSONValue {
        var text = description
        switch unit {
        case .code("1"): text += " (unit: 1, a plain number)"
        case .code(let code): text += " (unit: \(code))"
        case .stated(let place): text += " (unit: in \(place))"
        case nil: break
        }
        var members: [(key: String, value: JSONValue)] = [
            ("name", .string(name)), ("type", .string(kind.rawValue)), ("description", .string(text)),
        ]
        if case .code(let code)? = unit { members.append(("unit", .string(code))) }
        var constraints: [(key: String, value: JSONValue)] = []
        if isRequired { constraints.append(("required", true)) }
        if !words.isEmpty { constraints.append(("enum", .array(words.map(JSONValue.string)))) }
        if let least { constraints.append(("minimum", .integer(Int64(least)))) }
        if let most { constraints.append(("maximum", .integer(Int64(most)))) }
        if !constraints.isEmpty { members.append(("constraints", .object(JSONObject(constraints)))) }
        return .object(JSONObject(members))
    }
}
