import Configuration
import Telemetry

/// What a format calls the part of a record that a field names.
struct SelectorKind {
    /// The key in a mapping, such as `pointer`.
    let key: String
    let format: ValueFormat<String>
    /// Whether a record names its values, so that all can be taken.
    let hasNames: Bool

    static var pointer: SelectorKind {
        SelectorKind(
            key: "pointer", format: .string.check("must be \(JSONPointer.rule)") { JSONPointer($0) != nil },
            hasNames: true)
    }
    static var column: SelectorKind {
        SelectorKind(key: "column", format: .word("a column's name, or its number from 1"), hasNames: true)
    }
    static var key: SelectorKind { SelectorKind(key: "key", format: .word("a key"), hasNames: true) }
    static var group: SelectorKind {
        SelectorKind(
            key: "group",
            format: .word("a group's number from 1").check("must be between 1 and 99") {
                (1...99).contains(Int($0) ?? 0)
            }, hasNames: false)
    }
}

extension FieldMap {
    init(from reader: inout MappingReader, selector: SelectorKind) {
        let rules = ValueFormat<[Entry<FieldRule>]>.entries(
            keys: .seriesName,
            of: .scalar(
                .converting(selector.format) { FieldRule(series: "", selector: $0) },
                orMapping: .mapping { FieldRule(from: &$0, selector: selector) }))
        let named = ValueFormat<Fields>.converting(rules) { entries in
            .rules(
                entries.map { entry in
                    var rule = entry.value
                    rule.series = entry.key
                    return rule
                })
        }
        if selector.hasNames {
            let all = ValueFormat<String>.string.matching("'*' for all, or a mapping of series") { $0 == "*" }
            fields = reader.value(
                "fields", as: .scalar(.converting(all) { _ in .all }, orMapping: named), default: .all)
            prefix = reader.optional("prefix", as: .seriesName)
        } else {
            fields = reader.required("fields", as: named)
        }
        if reader.isSound("fields"), reader.contains("fields"), case .rules(let rules) = fields, rules.isEmpty {
            reader.report("must name one series or more", key: "fields")
        }
        if reader.contains("prefix"), case .rules = fields {
            reader.report("is only for 'fields: \"*\"'; write the whole names instead", key: "prefix")
        }
        let tags = reader.value("tags", as: .entries(keys: .recordTagKey, of: selector.format), default: [])
        self.tags = tags.map { TagRule(key: $0.key, selector: $0.value) }
        time = reader.optional(
            "time",
            as: .scalar(
                .converting(selector.format) { TimeRule(selector: $0, format: .rfc3339) },
                orMapping: .mapping { reader in
                    TimeRule(
                        selector: reader.required(selector.key, as: selector.format),
                        format: reader.value("format", as: .timeFormat, default: .rfc3339))
                }))
    }
}

extension FieldRule {
    /// The item of a series in `fields:`; its name is the key.
    init(from reader: inout MappingReader, selector: SelectorKind) {
        self.init(series: "", selector: reader.required(selector.key, as: selector.format))
        takeMeaning(from: &reader)
    }

    /// The format `value`, whose record is the field.
    init(valueFrom reader: inout MappingReader) {
        self.init(series: reader.required("series", as: .seriesName), selector: "value")
        takeMeaning(from: &reader)
    }

    private mutating func takeMeaning(from reader: inout MappingReader) {
        unit = reader.value("unit", as: .unit, default: .one)
        form = reader.value("as", as: .enumeration, default: .number)
        isCounter = reader.value("kind", as: .name(among: ["gauge", "counter"]), default: "gauge") == "counter"
        scale = reader.value("scale", as: .double, default: 1)
        offset = reader.value("offset", as: .double, default: 0)
        let ends = reader.value("range", as: .sequence(of: .double, count: 2...2), default: [])
        if ends.count == 2 {
            if ends[0] <= ends[1] {
                range = ends[0]...ends[1]
            } else {
                reader.report("must be [least, greatest]", key: "range")
            }
        }
        if scale == 0 { reader.report("must not be 0", key: "scale") }
        for key in ["scale", "offset"] where reader.contains(key) && form != .number {
            reader.report("is only for numbers ('as: number')", key: key)
        }
        for key in ["unit", "kind", "range"] where reader.contains(key) && (form == .boolean || form == .text) {
            reader.report("a state has none; remove it", key: key)
        }
    }
}

extension ValueFormat where Value == String {
    /// A name or a number, with or without quotes.
    static func word(_ expected: String) -> ValueFormat {
        ValueFormat(expected: expected, placeholder: "1") { reader in
            guard case .scalar(let scalar) = reader.node.content, !scalar.text.isEmpty else { return nil }
            return scalar.text
        }
    }

    /// What a tag of a record may be called: `device` too, for a record can say which it is about.
    static var recordTagKey: ValueFormat {
        .string.matching("a tag's key: \(Series.nameRule)") { Series.isValidName($0) }
    }
}

extension ValueFormat where Value == UInt8 {
    /// One ASCII character; `tab`, `space`, `cr` and `lf` by name.
    static var character: ValueFormat {
        let expected = "one character such as ';', or tab, space, cr, lf"
        return ValueFormat(expected: expected, placeholder: UInt8(ascii: ",")) { reader in
            guard case .scalar(let scalar) = reader.node.content else { return nil }
            switch scalar.text {
            case "tab": return 9
            case "space": return 32
            case "cr": return 13
            case "lf": return 10
            default:
                guard scalar.text.utf8.count == 1, let byte = scalar.text.utf8.first else { return nil }
                return byte
            }
        }
    }
}

extension ValueFormat where Value == TimeFormat {
    static var timeFormat: ValueFormat {
        .parsing(.string, "a time format such as 'rfc3339'", placeholder: .rfc3339) { text throws(InvalidValue) in
            guard let format = TimeFormat(text) else {
                throw InvalidValue(
                    "must be rfc3339, utc, ns, us, ms, s, or a pattern of strptime such as '%Y-%m-%d %H:%M:%S'")
            }
            return format
        }
    }
}
