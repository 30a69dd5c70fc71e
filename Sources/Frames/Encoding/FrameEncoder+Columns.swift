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
            writer.unsigned(UInt64(codec.rawValue))
            writeContent { $0.fillPayload(of: codec, texts: texts) }
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
        content.varint(UInt64(start - end))
        content.varint(UInt64(length - 1))
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
        case .integer: fillBlocks(of: codec)
        case .decimal:
            writeExponents()
            fillBlocks(of: codec)
        case .binary64: forEachPayload(of: codec) { $0.littleEndian($1) }
        case .binary32: forEachPayload(of: codec) { $0.littleEndian(Float(Double(bitPattern: $1)).bitPattern) }
        case .difference:
            payloads.withUnsafeBufferPointer { payloads in
                for lane in lanes where lane.codec == codec {
                    BitDifferences.write(UnsafeBufferPointer(rebasing: payloads[lane.samples]), to: &content)
                }
            }
        case .boolean: fillBits(of: codec, width: 1)
        case .text:
            let count = fillDictionary(texts)
            fillBits(of: codec, width: UInt64(count - 1).bitCount)
        }
    }

    private mutating func fillBlocks(of codec: Codec) {
        integers.withUnsafeBufferPointer { integers in
            for lane in lanes where lane.codec == codec {
                lane.block?.write(UnsafeBufferPointer(rebasing: integers[lane.samples]), to: &content)
            }
        }
    }

    private mutating func forEachPayload(of codec: Codec, _ write: (inout ByteWriter, UInt64) -> Void) {
        for lane in lanes where lane.codec == codec {
            for place in lane.samples { write(&content, payloads[place]) }
        }
    }

    private mutating func fillBits(of codec: Codec, width: Int) {
        var bits = BitWriter()
        for lane in lanes where lane.codec == codec {
            for place in lane.samples { bits.append(payloads[place], width: width, to: &content) }
        }
        bits.finish(to: &content)
    }

    /// Writes the texts in the order in which the column first uses them, and turns the lanes' payloads into places
    /// therein.
    private mutating func fillDictionary(_ texts: [String]) -> Int {
        let unplaced = UInt32.max
        dictionaryPlaces.removeAll(keepingCapacity: true)
        dictionaryPlaces.append(contentsOf: repeatElement(unplaced, count: texts.count))
        content.varint(UInt64(texts.count))
        var count: UInt32 = 0
        for lane in lanes where lane.codec == .text {
            for place in lane.samples {
                let text = Int(payloads[place])
                if dictionaryPlaces[text] == unplaced {
                    dictionaryPlaces[text] = count
                    count += 1
                    content.varint(UInt64(texts[text].utf8.count))
                    content.bytes.append(contentsOf: texts[text].utf8)
                }
                payloads[place] = UInt64(dictionaryPlaces[text])
            }
        }
        return Int(count)
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
