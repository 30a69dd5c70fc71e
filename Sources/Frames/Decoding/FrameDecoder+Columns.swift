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
            let number = try reader.unsigned()
            let isCompressed = number >= UInt64(Codec.compressed)
            guard let number = UInt8(exactly: isCompressed ? number - UInt64(Codec.compressed) : number),
                let codec = Codec(rawValue: number), number > least
            else { throw reader.malformed("a column is in no known codec, or columns do not ascend by codec") }
            least = number
            try addLanes(series, indices, codec, &reader)
            let column = seriesStart..<lanes.count
            if isCompressed {
                let limit = greatestPayload(of: codec, column)
                try readCompressed(from: &reader, atMost: limit) { (decoder, content) throws(FrameError) in
                    try decoder.readPayload(of: codec, column, from: &content)
                }
            } else {
                try reader.content { (content) throws(FrameError) in
                    try readPayload(of: codec, column, from: &content)
                }
            }
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
            let run = try content.varint()
            let gap = run >> 3
            var length = Int(run & 7) + 1
            // Each series has a sample at least.
            if length == SeriesRun.longLength { length += try content.count(upTo: missing) }
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

    private mutating func readQuality(of column: Range<Int>, from content: inout ByteReader) throws(FrameError) {
        let start = qualities.count
        let total = sampleCount(of: column)
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
