extension FrameDecoder {
    mutating func readDefinitions(from reader: inout ByteReader) throws(FrameError) {
        reader.part = .definitions
        guard try reader.peekMajor() == .bytes else { return try appendDefinitions(from: &reader) }
        try readCompressed(from: &reader, atMost: FrameLimits.bytes) { (decoder, content) throws(FrameError) in
            try decoder.appendDefinitions(from: &content)
        }
    }

    private mutating func appendDefinitions(from reader: inout ByteReader) throws(FrameError) {
        for _ in 0..<(try reader.arrayHead()) { extras.definitions.append(try SeriesDefinition(from: &reader)) }
    }

    /// Reads what a byte string holds compressed by `body`, which must take all of it. Content that says to have more
    /// bytes than `limit`, which is what it can need, is not decompressed.
    mutating func readCompressed(
        from reader: inout ByteReader, atMost limit: Int,
        _ body: (inout FrameDecoder, inout ByteReader) throws(FrameError) -> Void
    ) throws(FrameError) {
        let start = reader
        let range = try reader.byteString()
        let size = reader.bytes.withUnsafeBytes { bytes in
            Decompressor.contentSize(of: UnsafeRawBufferPointer(rebasing: bytes[range]))
        }
        guard let size, size <= min(limit, expansion) else {
            throw start.malformed("compressed bytes are not one Zstandard frame, or say to be more than they may be")
        }
        expansion -= size
        // Handed over and back, so that it is one piece of memory for all columns and frames.
        var content = expanded
        expanded = []
        if content.count > size { content.removeLast(content.count - size) }
        if content.count < size { content.append(contentsOf: repeatElement(0, count: size - content.count)) }
        let isWhole = reader.bytes.withUnsafeBytes { bytes in
            decompressor.decompress(UnsafeRawBufferPointer(rebasing: bytes[range]), into: &content)
        }
        guard isWhole else { throw start.malformed("compressed bytes are damaged") }
        var inner = ByteReader(expanded: content, within: start)
        expanded = content
        try body(&self, &inner)
        guard inner.isAtEnd else { throw inner.malformed("there are bytes left over") }
    }
}
