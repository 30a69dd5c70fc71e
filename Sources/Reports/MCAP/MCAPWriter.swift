/// Writes an MCAP file, version 0, as it comes: one chunk in memory, the rest with the sink.
///
/// <https://mcap.dev/spec>. Chunks and messages are indexed, every CRC is there, and the summary repeats schemas and channels, so that a
/// reader need not read the file to know what is in it.
struct MCAPWriter {
    typealias Sink = ([UInt8]) throws -> Void

    /// Bytes of records that make a chunk.
    static let chunkSize = 1 << 20
    private static let magic: [UInt8] = [0x89, 0x4D, 0x43, 0x41, 0x50, 0x30, 0x0D, 0x0A]

    private let sink: Sink
    private let isCompressed: Bool
    private var chunk = MCAPChunk()
    private var offset: UInt64 = 0
    /// Of all bytes so far.
    private var crc = CRC32()
    private var schemas: [MCAPSchema] = []
    private var channels: [MCAPChannel] = []
    private var counts: [UInt16: UInt64] = [:]
    private var chunks: [MCAPChunkIndex] = []
    /// Index records of attachments and of metadata.
    private var attachments: [[UInt8]] = []
    private var metadata: [[UInt8]] = []
    private var times: ClosedRange<UInt64>?

    /// Begins the file. Whatever the sink throws, the calls here throw.
    init(library: String, isCompressed: Bool = true, sink: @escaping Sink) throws {
        self.sink = sink
        self.isCompressed = isCompressed
        var bytes = Self.magic
        bytes.append(.header) { fields in
            fields.append("")
            fields.append(library)
        }
        try put(bytes)
    }

    /// The id of a new schema of JSON messages, from 1.
    mutating func addSchema(_ name: String, _ text: [UInt8]) -> UInt16 {
        let schema = MCAPSchema(id: UInt16(schemas.count + 1), name: name, text: text)
        schemas.append(schema)
        chunk.add(schema)
        return schema.id
    }

    /// The id of a new channel; nil when all 65,535 are taken.
    mutating func addChannel(
        _ topic: String, schema: UInt16, metadata: [(key: String, value: String)] = []
    ) -> UInt16? {
        guard channels.count < Int(UInt16.max) else { return nil }
        let channel = MCAPChannel(
            id: UInt16(channels.count + 1), schema: schema, topic: topic, metadata: metadata)
        channels.append(channel)
        chunk.add(channel)
        return channel.id
    }

    /// `time`: nanoseconds since 1970; in any order, but a reader is faster where it hardly goes back.
    mutating func write(_ message: [UInt8], to channel: UInt16, at time: UInt64) throws {
        let count = counts[channel, default: 0]
        counts[channel] = count + 1
        times = min(times?.lowerBound ?? time, time)...max(times?.upperBound ?? time, time)
        chunk.add(message, channel: channel, sequence: UInt32(truncatingIfNeeded: count), time: time)
        if chunk.size >= Self.chunkSize { try endChunk() }
    }

    mutating func attach(_ name: String, mediaType: String, at time: UInt64, _ content: [UInt8]) throws {
        try endChunk()
        var fields = BinaryFields()
        fields.append(time)
        fields.append(time)
        fields.append(name)
        fields.append(mediaType)
        fields.append(UInt64(content.count))
        fields.append(raw: content)
        var bytes: [UInt8] = []
        bytes.append(.attachment) { whole in
            whole.append(raw: fields.bytes)
            whole.append(CRC32.of(fields.bytes))
        }
        var index: [UInt8] = []
        index.append(.attachmentIndex) { index in
            index.append(offset)
            index.append(UInt64(bytes.count))
            index.append(time)
            index.append(time)
            index.append(UInt64(content.count))
            index.append(name)
            index.append(mediaType)
        }
        attachments.append(index)
        try put(bytes)
    }

    mutating func addMetadata(_ name: String, _ members: [(key: String, value: String)]) throws {
        try endChunk()
        var bytes: [UInt8] = []
        bytes.append(.metadata) { fields in
            fields.append(name)
            fields.append(members)
        }
        var index: [UInt8] = []
        index.append(.metadataIndex) { index in
            index.append(offset)
            index.append(UInt64(bytes.count))
            index.append(name)
        }
        metadata.append(index)
        try put(bytes)
    }

    private mutating func endChunk() throws {
        guard !chunk.isEmpty else { return }
        let (bytes, index) = chunk.finished(at: offset, isCompressed: isCompressed)
        chunks.append(index)
        chunk = MCAPChunk()
        try put(bytes)
    }

    private mutating func put(_ bytes: [UInt8]) throws {
        crc.update(bytes)
        offset += UInt64(bytes.count)
        try sink(bytes)
    }

    /// Ends the file: data end, summary, summary offsets, footer.
    consuming func finish() throws {
        try endChunk()
        var end: [UInt8] = []
        end.append(.dataEnd) { $0.append(crc.value) }
        try put(end)
        let start = offset
        var summary: [UInt8] = []
        var groups: [(opcode: MCAPOpcode, start: Int, end: Int)] = []
        func group(_ opcode: MCAPOpcode, _ write: (inout [UInt8]) -> Void) {
            let begin = summary.count
            write(&summary)
            if summary.count > begin { groups.append((opcode, begin, summary.count)) }
        }
        group(.schema) { bytes in for schema in schemas { schema.write(to: &bytes) } }
        group(.channel) { bytes in for channel in channels { channel.write(to: &bytes) } }
        group(.statistics) { writeStatistics(to: &$0) }
        group(.chunkIndex) { bytes in for chunk in chunks { chunk.write(to: &bytes) } }
        group(.attachmentIndex) { bytes in for index in attachments { bytes += index } }
        group(.metadataIndex) { bytes in for index in metadata { bytes += index } }
        let offsetStart = start + UInt64(summary.count)
        for group in groups {
            summary.append(.summaryOffset) { fields in
                fields.append(group.opcode.rawValue)
                fields.append(start + UInt64(group.start))
                fields.append(UInt64(group.end - group.start))
            }
        }
        var footer: [UInt8] = []
        footer.append(.footer) { fields in
            fields.append(start)
            fields.append(offsetStart)
            fields.append(UInt32(0))
        }
        // The CRC covers the footer too, up to itself.
        footer.removeLast(4)
        summary += footer
        var tail = BinaryFields()
        tail.append(CRC32.of(summary))
        try put(summary + tail.bytes + Self.magic)
    }

    private func writeStatistics(to bytes: inout [UInt8]) {
        bytes.append(.statistics) { fields in
            fields.append(counts.values.reduce(0, +))
            fields.append(UInt16(schemas.count))
            fields.append(UInt32(channels.count))
            fields.append(UInt32(attachments.count))
            fields.append(UInt32(metadata.count))
            fields.append(UInt32(chunks.count))
            fields.append(times?.lowerBound ?? 0)
            fields.append(times?.upperBound ?? 0)
            fields.append { members in
                for (channel, count) in counts.sorted(by: { $0.key < $1.key }) {
                    members.append(channel)
                    members.append(count)
                }
            }
        }
    }
}
