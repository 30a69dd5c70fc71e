/// Kinds of records, with their numbers in the MCAP specification, version 0.
enum MCAPOpcode: UInt8 {
    case header = 0x01
    case footer = 0x02
    case schema = 0x03
    case channel = 0x04
    case message = 0x05
    case chunk = 0x06
    case messageIndex = 0x07
    case chunkIndex = 0x08
    case attachment = 0x09
    case attachmentIndex = 0x0A
    case statistics = 0x0B
    case metadata = 0x0C
    case metadataIndex = 0x0D
    case summaryOffset = 0x0E
    case dataEnd = 0x0F
}

/// Strings, arrays and maps of a record, behind their length in bytes (32 bits).
extension BinaryFields {
    mutating func append(_ text: String) { append(blob: text.utf8) }

    mutating func append(blob: some Collection<UInt8>) {
        append(UInt32(blob.count))
        append(raw: blob)
    }

    /// A map, or an array of tuples, whose members `body` writes.
    mutating func append(members body: (inout BinaryFields) -> Void) {
        var members = BinaryFields()
        body(&members)
        append(blob: members.bytes)
    }

    mutating func append(_ map: [(key: String, value: String)]) {
        append { members in
            for (key, value) in map {
                members.append(key)
                members.append(value)
            }
        }
    }
}

extension [UInt8] {
    /// Appends a record: its kind, the length of its fields (64 bits), the fields.
    mutating func append(_ opcode: MCAPOpcode, _ body: (inout BinaryFields) -> Void) {
        var fields = BinaryFields()
        body(&fields)
        append(opcode.rawValue)
        Swift.withUnsafeBytes(of: UInt64(fields.bytes.count).littleEndian) { append(contentsOf: $0) }
        append(contentsOf: fields.bytes)
    }
}
