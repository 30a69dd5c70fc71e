/// What messages of a channel look like.
struct MCAPSchema {
    var id: UInt16
    var name: String
    /// The schema's text; JSON Schema.
    var text: [UInt8]

    func write(to bytes: inout [UInt8]) {
        bytes.append(.schema) { fields in
            fields.append(id)
            fields.append(name)
            fields.append("jsonschema")
            fields.append(blob: text)
        }
    }
}

/// A series of messages of one kind.
struct MCAPChannel {
    var id: UInt16
    var schema: UInt16
    var topic: String
    var metadata: [(key: String, value: String)]

    func write(to bytes: inout [UInt8]) {
        bytes.append(.channel) { fields in
            fields.append(id)
            fields.append(schema)
            fields.append(topic)
            fields.append("json")
            fields.append(metadata)
        }
    }
}

/// Where something lies that is not in a chunk.
struct MCAPPlace {
    var offset: UInt64
    var length: UInt64
}

/// A chunk that has been written, as its index tells of it.
struct MCAPChunkIndex {
    var times: ClosedRange<UInt64>
    var place: MCAPPlace
    /// Where each channel's message index begins.
    var messageIndexes: [(channel: UInt16, offset: UInt64)]
    var messageIndexLength: UInt64
    var compression: String
    var compressedSize: UInt64
    var uncompressedSize: UInt64

    func write(to bytes: inout [UInt8]) {
        bytes.append(.chunkIndex) { fields in
            fields.append(times.lowerBound)
            fields.append(times.upperBound)
            fields.append(place.offset)
            fields.append(place.length)
            fields.append { members in
                for (channel, offset) in messageIndexes {
                    members.append(channel)
                    members.append(offset)
                }
            }
            fields.append(messageIndexLength)
            fields.append(compression)
            fields.append(compressedSize)
            fields.append(uncompressedSize)
        }
    }
}
