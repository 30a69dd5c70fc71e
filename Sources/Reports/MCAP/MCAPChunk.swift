import CZstd

/// The chunk that is being filled: records, and where each channel's messages stand in them.
struct MCAPChunk {
    private(set) var records: [UInt8] = []
    /// By channel: log time, and offset in `records`.
    private var index: [UInt16: [(time: UInt64, offset: UInt64)]] = [:]
    private var times: ClosedRange<UInt64>?

    var isEmpty: Bool { records.isEmpty }
    var size: Int { records.count }

    mutating func add(_ schema: MCAPSchema) { schema.write(to: &records) }

    mutating func add(_ channel: MCAPChannel) { channel.write(to: &records) }

    /// `time`: nanoseconds since 1970.
    mutating func add(_ message: [UInt8], channel: UInt16, sequence: UInt32, time: UInt64) {
        index[channel, default: []].append((time, UInt64(records.count)))
        times = min(times?.lowerBound ?? time, time)...max(times?.upperBound ?? time, time)
        records.append(.message) { fields in
            fields.append(channel)
            fields.append(sequence)
            fields.append(time)
            fields.append(time)
            fields.append(raw: message)
        }
    }

    /// The chunk record with its message indexes behind it, for a file in which it begins at `offset`.
    func finished(at offset: UInt64, isCompressed: Bool) -> (bytes: [UInt8], index: MCAPChunkIndex) {
        let compressed = isCompressed ? Self.compressed(records) : nil
        let compression = compressed == nil ? "" : "zstd"
        let content = compressed ?? records
        let times = times ?? 0...0
        var bytes: [UInt8] = []
        bytes.append(.chunk) { fields in
            fields.append(times.lowerBound)
            fields.append(times.upperBound)
            fields.append(UInt64(records.count))
            fields.append(CRC32.of(records))
            fields.append(compression)
            fields.append(UInt64(content.count))
            fields.append(raw: content)
        }
        let length = UInt64(bytes.count)
        var places: [(channel: UInt16, offset: UInt64)] = []
        for (channel, entries) in index.sorted(by: { $0.key < $1.key }) {
            places.append((channel, offset + UInt64(bytes.count)))
            bytes.append(.messageIndex) { fields in
                fields.append(channel)
                fields.append { members in
                    for entry in entries.sorted(by: { ($0.time, $0.offset) < ($1.time, $1.offset) }) {
                        members.append(entry.time)
                        members.append(entry.offset)
                    }
                }
            }
        }
        return (
            bytes,
            MCAPChunkIndex(
                times: times, place: MCAPPlace(offset: offset, length: length), messageIndexes: places,
                messageIndexLength: UInt64(bytes.count) - length, compression: compression,
                compressedSize: UInt64(content.count), uncompressedSize: UInt64(records.count))
        )
    }

    /// One Zstandard frame (RFC 8878); nil when there is nothing to gain.
    private static func compressed(_ content: [UInt8]) -> [UInt8]? {
        var compressed = [UInt8](repeating: 0, count: ZSTD_compressBound(content.count))
        let size = ZSTD_compress(&compressed, compressed.count, content, content.count, ZSTD_CLEVEL_DEFAULT)
        guard ZSTD_isError(size) == 0, size < content.count else { return nil }
        compressed.removeLast(compressed.count - size)
        return compressed
    }
}
