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

/// The fields of a record: little-endian numbers, and strings, arrays and maps behind their length in bytes (32 bits).
struct MCAPFields {
    private(set) var bytes: [UInt8] = []

    mutating func append(_ number: some FixedWidthInteger) {
        withUnsafeBytes(of: number.littleEndian) { bytes.append(contentsOf: $0) }
    }

    mutating func append(_ text: String) { append(blob: text.utf8) }

    /// Behind its length.
    mutating func append(blob: some Collection<UInt8>) {
        append(UInt32(blob.count))
        bytes.append(contentsOf: blob)
    }

    mutating func append(raw: some Collection<UInt8>) { bytes.append(contentsOf: raw) }

    /// A map, or an array of tuples, whose members `body` writes.
    mutating func append(members body: (inout MCAPFields) -> Void) {
        var members = MCAPFields()
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
    mutating func append(_ opcode: MCAPOpcode, _ body: (inout MCAPFields) -> Void) {
        var fields = MCAPFields()
        body(&fields)
        append(opcode.rawValue)
        Swift.withUnsafeBytes(of: UInt64(fields.bytes.count).littleEndian) { append(contentsOf: $0) }
        append(contentsOf: fields.bytes)
    }
}
