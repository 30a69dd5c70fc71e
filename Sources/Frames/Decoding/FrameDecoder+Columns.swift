import Telemetry

extension FrameDecoder {
    mutating func readColumns(from reader: inout ByteReader) throws(FrameError) {
        reader.part = .columns
        var least: UInt8 = 0
        for _ in 0..<(try reader.arrayHead()) {
            let items = try reader.arrayHead()
            guard items == 4 || items == 5 else { throw reader.malformed("a column has four or five items") }
            let seriesStart = lanes.count
            let series = try reader.content { (content) throws(FrameError) in try readSeries(from: &content) }
            let indices = try readTimelineIndices(from: &reader, series.count)
            guard let number = UInt8(exactly: try reader.unsigned()), let codec = Codec(rawValue: number),
                number > least
            else { throw reader.malformed("a column is in no known codec, or columns do not ascend by codec") }
            least = number
            try addLanes(series, indices, codec, &reader)
            let column = lanes[seriesStart...]
            try reader.content { (content) throws(FrameError) in try readPayload(of: codec, column, from: &content) }
            if items == 5 {
                try reader.content { (content) throws(FrameError) in
                    try readQuality(of: seriesStart..<lanes.count, from: &content)
                }
            }
        }
        lanes.sort { $0.key < $1.key }
        for index in lanes.indices.dropFirst() where lanes[index].key == lanes[index - 1].key {
            throw reader.malformed("a series has two columns of one value type")
        }
    }

    private func readSeries(from content: inout ByteReader) throws(FrameError) -> [UInt32] {
        var series: [UInt32] = []
        var next: UInt64 = 0
        repeat {
            let gap = try content.varint()
            // Each series has a sample at least.
            let length = try content.count(upTo: missing) + 1
            guard series.count + length <= missing, gap <= UInt64(UInt32.max), gap > 0 || series.isEmpty,
                next + gap + UInt64(length) <= 1 << 32
            else { throw content.malformed("series ids must ascend within 32 bits, one for each sample at most") }
            next += gap
            for id in next..<(next + UInt64(length)) { series.append(UInt32(id)) }
            next += UInt64(length)
        } while !content.isAtEnd
        return series
    }

    private func readTimelineIndices(
        from reader: inout ByteReader, _ seriesCount: Int
    ) throws(FrameError) -> [Int] {
        if try reader.peekMajor() == .unsigned {
            guard let index = Int(exactly: try reader.unsigned()), index < timelines.count else {
                throw reader.malformed("a column names a timeline that is not there")
            }
            return Array(repeating: index, count: seriesCount)
        }
        let timelineCount = timelines.count
        return try reader.content { (content) throws(FrameError) in
            var indices: [Int] = []
            var index: Int64 = 0
            while !content.isAtEnd {
                index &+= try content.signedVarint()
                let length = try content.count(upTo: seriesCount) + 1
                guard index >= 0, index < Int64(timelineCount), indices.count + length <= seriesCount else {
                    throw content.malformed(
                        "a column names a timeline that is not there, or for more series than it has")
                }
                indices.append(contentsOf: repeatElement(Int(index), count: length))
            }
            guard indices.count == seriesCount else { throw content.malformed("a series has no timeline") }
            return indices
        }
    }

    private mutating func addLanes(
        _ series: [UInt32], _ indices: [Int], _ codec: Codec, _ reader: inout ByteReader
    ) throws(FrameError) {
        var place =
            switch codec.kind {
            case .double: doubles.count
            case .integer: integers.count
            case .boolean: booleans.count
            case .text: texts.count
            }
        for (series, index) in zip(series, indices) {
            let timeline = timelines[index]
            missing -= timeline.count
            guard missing >= 0 else { throw reader.malformed("there are more samples than the header announces") }
            lanes.append(
                Lane(
                    series: series, kind: codec.kind, timestamps: timeline, values: place..<(place + timeline.count)))
            place += timeline.count
        }
    }

    private mutating func readPayload(
        of codec: Codec, _ column: ArraySlice<Lane>, from content: inout ByteReader
    ) throws(FrameError) {
        let count = column.reduce(0) { $0 + $1.values.count }
        switch codec {
        case .integer:
            for lane in column { try content.block(lane.values.count, into: &integers) }
        case .decimal: try readDecimals(column, from: &content)
        case .binary64:
            let range = try content.skip(8 * count)
            content.bytes.withUnsafeBytes { bytes in
                for place in stride(from: range.lowerBound, to: range.upperBound, by: 8) {
                    let bits = UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: place, as: UInt64.self))
                    doubles.append(Double(bitPattern: bits))
                }
            }
        case .binary32:
            let range = try content.skip(4 * count)
            content.bytes.withUnsafeBytes { bytes in
                for place in stride(from: range.lowerBound, to: range.upperBound, by: 4) {
                    let bits = UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: place, as: UInt32.self))
                    doubles.append(Double(Float(bitPattern: bits)))
                }
            }
        case .difference:
            for lane in column { try content.differences(lane.values.count, into: &doubles) }
        case .boolean: try content.packed(count, width: 1) { booleans.append($0 == 1) }
        case .text: try readTexts(count, from: &content)
        }
    }

    private mutating func readDecimals(
        _ column: ArraySlice<Lane>, from content: inout ByteReader
    ) throws(FrameError) {
        exponents.removeAll(keepingCapacity: true)
        let shared = try content.byte()
        if shared == DecimalExponents.individual {
            try content.packed(column.count, width: 4) { exponents.append(UInt8($0)) }
        } else if shared > UInt8(Decimal.greatestExponent) {
            throw content.malformed("a decimal exponent is beyond \(Decimal.greatestExponent)")
        }
        for (index, lane) in column.enumerated() {
            mantissas.removeAll(keepingCapacity: true)
            try content.block(lane.values.count, into: &mantissas)
            let power = Decimal.powers[Int(exponents.isEmpty ? shared : exponents[index])]
            for mantissa in mantissas {
                guard mantissa.magnitude <= UInt64(Decimal.greatestMantissa) else {
                    throw content.malformed("a decimal has more than 53 bits")
                }
                doubles.append(Decimal.value(mantissa: mantissa, power: power))
            }
        }
    }

    private mutating func readTexts(_ count: Int, from content: inout ByteReader) throws(FrameError) {
        let size = try content.count(upTo: min(count, content.remaining))
        guard size >= 1 else { throw content.malformed("a dictionary has no text") }
        for _ in 0..<size {
            let length = try content.count(upTo: content.remaining)
            dictionary.append(try content.text(count: length))
        }
        try content.packed(count, width: UInt64(size - 1).bitCount) { texts.append(UInt32($0)) }
        guard texts.allSatisfy({ $0 < UInt32(size) }) else {
            throw content.malformed("a value names a text that is not in the dictionary")
        }
    }

    private mutating func readQuality(of column: Range<Int>, from content: inout ByteReader) throws(FrameError) {
        let start = qualities.count
        let total = lanes[column].reduce(0) { $0 + $1.values.count }
        while !content.isAtEnd {
            let length = try content.count(upTo: total - (qualities.count - start))
            guard length >= 1 else { throw content.malformed("a run of quality is empty") }
            qualities.append(contentsOf: repeatElement(Quality(rawValue: try content.byte()), count: length))
        }
        guard qualities.count - start == total else { throw content.malformed("a sample has no quality") }
        var place = start
        for index in column {
            let end = place + lanes[index].values.count
            lanes[index].quality = place..<end
            place = end
        }
    }
}
