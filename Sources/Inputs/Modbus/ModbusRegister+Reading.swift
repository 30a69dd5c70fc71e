#if Modbus
package import Configuration
import Telemetry

/// What holds for registers that do not say it themselves.
package struct RegisterDefaults: ConfigurationDecodable, Sendable {
    var kind: RegisterKind?
    var encode: RegisterEncoding?
    var order: RegisterOrder?

    package init() {}

    package init(from reader: inout MappingReader) {
        kind = reader.optional("kind", as: .enumeration)
        encode = reader.optional("encode", as: .enumeration)
        order = reader.optional("order", as: .enumeration)
    }
}

extension ModbusRegister {
    init(from reader: inout MappingReader, defaults: RegisterDefaults) {
        let name = reader.required("series", as: .seriesName)
        let address = reader.required("address", as: .integer(in: 0...65_535))
        let kind: RegisterKind =
            defaults.kind.map { reader.value("kind", as: .enumeration, default: $0) }
            ?? reader.required("kind", as: .enumeration)
        let codec = Self.codec(from: &reader, kind, defaults)
        let unit = reader.optional("unit", as: .unit)
        let tags = reader.value("tags", as: .dictionary(keys: .tagKey, of: .tagValue), default: [:])
        let range = reader.optional("range", as: .numberRange)
        let scale = reader.value("scale", as: .double.check("must not be 0") { $0 != 0 }, default: 1)
        let offset = reader.value("offset", as: .double, default: 0)
        let invalid = reader.value("invalid", as: .oneOrMore(.integer(in: Self.patterns)), default: [])
        let states = reader.value("states", as: .states, default: [])
        let counting: Counting? = reader.optional("counter", as: .enumeration)

        let span = RegisterSpan(kind: kind, address: address, count: codec.count)
        if span.end > 65_536 { reader.report("the value would end behind the last register, 65535", key: "address") }
        let isState = codec.encoding == .bool || codec.encoding == .text || !states.isEmpty
        let seriesKind: Series.Kind = isState ? .state : counting == nil ? .gauge : .counter
        self.init(
            Series(
                name, tags: tags.map { Tag($0.key, $0.value) }, unit: unit ?? .one, kind: seriesKind,
                provenance: Provenance(range: range)), at: span, codec)
        self.scale(by: scale, offset: offset)
        self.counting = counting
        self.invalid = invalid.map { UInt64(truncatingIfNeeded: $0) & Self.ones(codec.count * 16) }
        for (code, text) in states {
            self.states[UInt64(truncatingIfNeeded: code) & Self.ones(codec.count * 16)] = text
        }
        check(&reader, isState: isState)
    }

    /// Every pattern of 64 bits, as a number with or without a sign.
    fileprivate static let patterns = Int128(Int64.min)...Int128(UInt64.max)

    private static func ones(_ bits: Int) -> UInt64 { bits >= 64 ? .max : (1 << UInt64(bits)) - 1 }

    private static func codec(
        from reader: inout MappingReader, _ kind: RegisterKind, _ defaults: RegisterDefaults
    ) -> RegisterCodec {
        let bit = reader.optional("bit", as: .integer(in: 0...15))
        let written: RegisterEncoding? = reader.optional("encode", as: .enumeration)
        let isBool = kind.isBit || bit != nil
        let encoding = written ?? (isBool ? .bool : defaults.encode ?? .uint16)
        let order = reader.value("order", as: .enumeration, default: defaults.order ?? .abcd)
        let mask = reader.optional("mask", as: .integer(in: 1...Int128(UInt64.max))).map { UInt64($0) }
        let length = reader.optional("length", as: .integer(in: 1...ReadLimits.mostRegisters))
        if isBool, encoding != .bool {
            reader.report("a single bit can only be 'bool'; remove it", key: "encode")
        }
        if kind.isBit {
            for key in ["bit", "mask", "order"] where reader.contains(key) {
                reader.report("is only for registers, not for '\(kind.rawValue)'; remove it", key: key)
            }
        }
        if bit != nil, mask != nil { reader.report("cannot stand beside 'bit'; keep one of them", key: "mask") }
        if mask != nil, encoding.isFloat || encoding == .text || encoding == .bcd16 || encoding == .bcd32 {
            reader.report("is only for whole numbers; remove it", key: "mask")
        }
        if (encoding == .text) != (length != nil), reader.isSound("length") {
            reader.report(
                encoding == .text
                    ? "text needs 'length', the number of its registers" : "is only for text; remove it", key: "length")
        }
        if encoding == .text, order.swapsRegisters {
            reader.report("text is ABCD, or BADC where each register has its second byte first", key: "order")
        }
        return RegisterCodec(
            encoding, order: kind.isBit ? .abcd : order, mask: bit.map { 1 << UInt64($0) } ?? mask, length: length ?? 1)
    }

    private func check(_ reader: inout MappingReader, isState: Bool) {
        if isState {
            let numeric = ["scale", "offset", "unit", "range", "counter"]
            for key in numeric where reader.contains(key) {
                reader.report("a state has none; remove it, or give the register a number to hold", key: key)
            }
        }
        if !states.isEmpty, codec.encoding.isFloat || codec.encoding == .text || codec.encoding == .bool {
            reader.report("only whole numbers can name states", key: "states")
        }
        if codec.encoding == .text || codec.encoding == .bool, !invalid.isEmpty {
            reader.report("is only for numbers; remove it", key: "invalid")
        }
        if counting == .wraps, !codec.encoding.isUnsigned {
            reader.report("only a counter of uint16, uint32 or uint64 wraps", key: "counter")
        }
    }
}

extension ValueFormat where Value == [(Int128, String)] {
    /// Whole numbers with their names: `{0: idle, 1: running}`.
    fileprivate static var states: ValueFormat {
        ValueFormat(expected: "a mapping such as {0: idle, 1: running}", placeholder: []) { reader in
            guard let entries = reader.read(as: .entries(of: .nonEmptyString)) else { return nil }
            return entries.compactMap { entry in
                let digits = entry.key.hasPrefix("0x") ? entry.key.dropFirst(2) : entry.key[...]
                guard let code = Int128(digits, radix: entry.key.hasPrefix("0x") ? 16 : 10),
                    ModbusRegister.patterns.contains(code)
                else {
                    return reader.fail("the state '\(entry.key.prefix(40))' must be a whole number")
                }
                return (code, entry.value)
            }
        }
    }
}
#endif
