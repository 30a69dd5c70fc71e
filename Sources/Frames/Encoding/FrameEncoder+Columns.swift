extension FrameEncoder {
    /// Writes one column for each codec that is in use, with all the series that use it.
    mutating func writeColumns(texts: [String], anyQuality: UInt8) {
        var isUsed: UInt64 = 0
        for lane in lanes { isUsed |= 1 << UInt64(lane.codec.rawValue) }
        writer.arrayHead(isUsed.nonzeroBitCount)
        for codec in Codec.allCases where isUsed & 1 << UInt64(codec.rawValue) != 0 {
            let hasQuality = anyQuality != 0 && lanes.contains { $0.codec == codec && !isGood($0) }
            writer.arrayHead(hasQuality ? 5 : 4)
            writeContent { $0.fillSeries(of: codec) }
            writeTimelineIndices(of: codec)
            content.bytes.removeAll(keepingCapacity: true)
            fillPayload(of: codec, texts: texts)
            if compressContent(of: codec.isPacked ? Compression.leastPackedContent : Compression.leastContent) {
                writer.unsigned(UInt64(codec.rawValue + Codec.compressed))
                writer.byteString(compressed)
            } else {
                writer.unsigned(UInt64(codec.rawValue))
                writer.byteString(content.bytes)
            }
            if hasQuality { writeContent { $0.fillQuality(of: codec) } }
        }
    }

    private mutating func writeContent(_ fill: (inout FrameEncoder) -> Void) {
        content.bytes.removeAll(keepingCapacity: true)
        fill(&self)
        writer.byteString(content.bytes)
    }

    private func isGood(_ lane: ActiveLane) -> Bool { qualities[lane.samples].allSatisfy { $0 == 0 } }

    /// Runs of successive ids: what lies between the runs, and the length less one.
    private mutating func fillSeries(of codec: Codec) {
        var start: UInt32 = 0
        var length: UInt32 = 0
        var end: UInt32 = 0
        for lane in lanes where lane.codec == codec {
            if length > 0, lane.series == start &+ length {
                length += 1
                continue
            }
            if length > 0 { appendRun(&end, start, length) }
            start = lane.series
            length = 1
        }
        appendRun(&end, start, length)
    }

    private mutating func appendRun(_ end: inout UInt32, _ start: UInt32, _ length: UInt32) {
        SeriesRun(gap: UInt64(start - end), length: UInt64(length)).write(to: &content)
        end = start &+ length
    }

    /// One index for all series, or runs of the same index: what it differs by from the one before, and the length less
    /// one.
    private mutating func writeTimelineIndices(of codec: Codec) {
        content.bytes.removeAll(keepingCapacity: true)
        var current: Int?
        var previous = 0
        var length: UInt64 = 0
        var runs = 0
        for lane in lanes where lane.codec == codec {
            if lane.timeline == current {
                length += 1
                continue
            }
            if let current {
                content.signedVarint(Int64(current - previous))
                content.varint(length - 1)
                previous = current
            }
            runs += 1
            current = lane.timeline
            length = 1
        }
        let last = current ?? 0
        if runs <= 1 { return writer.unsigned(UInt64(last)) }
        content.signedVarint(Int64(last - previous))
        content.varint(length - 1)
        writer.byteString(content.bytes)
    }

    private mutating func fillPayload(of codec: Codec, texts: [String]) {
        switch codec {
        case .integer, .ordered, .booleanBlock: fillBlocks(of: codec)
        case .decimal:
            writeExponents(of: codec)
            fillBlocks(of: codec)
        case .patchedDecimal:
            writeExponents(of: codec)
            for lane in lanes where lane.codec == codec { PatchList.write(patches[lane.patches], to: &content) }
            fillBlocks(of: codec)
        case .binary64: forEachPayload(of: codec) { $0.littleEndian($1) }
        case .binary32: forEachPayload(of: codec) { $0.littleEndian(Float(Double(bitPattern: $1)).bitPattern) }
        case .difference:
            payloads.withUnsafeBufferPointer { payloads in
                for lane in lanes where lane.codec == codec {
                    BitDifferences.write(UnsafeBufferPointer(rebasing: payloads[lane.samples]), to: &content)
                }
            }
        case .doubleDictionary, .integerDictionary:
            entries.withUnsafeBufferPointer { entries in
                for lane in lanes where lane.codec == codec {
                    let listed = UnsafeBufferPointer(rebasing: entries[lane.entries])
                    content.varint(UInt64(listed.count))
                    IntegerBlock(unscaled: listed).write(listed, to: &content)
                }
            }
            fillBlocks(of: codec)
        case .boolean: fillBits(of: codec)
        case .text:
            fillDictionary(texts)
            fillBlocks(of: codec)
        }
    }

    /// The integers of series with one sample, together if there are several, and then a block for each other series.
    private mutating func fillBlocks(of codec: Codec) {
        singles.removeAll(keepingCapacity: true)
        for lane in lanes where lane.codec == codec && lane.samples.count == 1 {
            singles.append(integers[lane.samples.lowerBound])
        }
        let areTogether = singles.count > 1
        if areTogether { singles.withUnsafeBufferPointer { Singles($0).write($0, to: &content) } }
        integers.withUnsafeBufferPointer { integers in
            for lane in lanes where lane.codec == codec && !(areTogether && lane.samples.count == 1) {
                lane.block?.write(UnsafeBufferPointer(rebasing: integers[lane.samples]), to: &content)
            }
        }
    }

    private mutating func forEachPayload(of codec: Codec, _ write: (inout ByteWriter, UInt64) -> Void) {
        for lane in lanes where lane.codec == codec {
            for place in lane.samples { write(&content, payloads[place]) }
        }
    }

    private mutating func fillBits(of codec: Codec) {
        var count = 0
        for lane in lanes where lane.codec == codec { count += lane.samples.count }
        content.appendBits(count) { bits in
            for lane in lanes where lane.codec == codec {
                for place in lane.samples { bits.append(payloads[place], width: 1) }
            }
        }
    }

    /// Writes the texts in the order in which the column first uses them, and gives each lane a block of places therein.
    private mutating func fillDictionary(_ texts: [String]) {
        let unplaced = UInt32.max
        dictionaryPlaces.removeAll(keepingCapacity: true)
        dictionaryPlaces.append(contentsOf: repeatElement(unplaced, count: texts.count))
        content.varint(UInt64(texts.count))
        var count: UInt32 = 0
        for index in lanes.indices where lanes[index].codec == .text {
            let samples = lanes[index].samples
            for place in samples {
                let text = Int(payloads[place])
                if dictionaryPlaces[text] == unplaced {
                    dictionaryPlaces[text] = count
                    count += 1
                    content.varint(UInt64(texts[text].utf8.count))
                    content.bytes.append(contentsOf: texts[text].utf8)
                }
                integers[place] = Int64(dictionaryPlaces[text])
            }
            lanes[index].block = integers.withUnsafeMutableBufferPointer { integers in
                IntegerBlock(of: UnsafeMutableBufferPointer(rebasing: integers[samples]))
            }
        }
    }

    /// Runs of the same quality over the column's samples: length, quality.
    private mutating func fillQuality(of codec: Codec) {
        var current: UInt8 = 0
        var length: UInt64 = 0
        for lane in lanes where lane.codec == codec {
            for quality in qualities[lane.samples] {
                if quality == current {
                    length += 1
                    continue
                }
                if length > 0 {
                    content.varint(length)
                    content.bytes.append(current)
                }
                current = quality
                length = 1
            }
        }
        content.varint(length)
        content.bytes.append(current)
    }
}

/// Successive series ids, and how many are left out before them.
struct SeriesRun {
    /// Lengths from this on are told by a number of their own.
    static let longLength: UInt64 = 8

    let gap: UInt64
    let length: UInt64

    /// Gap and short length in one varint: most runs of a small frame take one byte.
    func write(to writer: inout ByteWriter) {
        writer.varint(gap << 3 | (min(length, Self.longLength) - 1))
        if length >= Self.longLength { writer.varint(length - Self.longLength) }
    }
}
