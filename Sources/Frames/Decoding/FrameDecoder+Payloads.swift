extension FrameDecoder {
    func sampleCount(of column: Range<Int>) -> Int { lanes[column].reduce(0) { $0 + $1.values.count } }

    /// Bytes that the payload of a column can need. A sample takes 22 at most, as a run of its own whose value and length
    /// are escaped; texts take what they take.
    func greatestPayload(of codec: Codec, _ column: Range<Int>) -> Int {
        codec == .text ? FrameLimits.bytes : 32 * (sampleCount(of: column) + column.count)
    }

    /// What the blocks of a column begin with.
    private func blocks(of column: Range<Int>, from content: inout ByteReader) throws(FrameError) -> BlockReader {
        let count = lanes[column].reduce(0) { $0 + ($1.values.count == 1 ? 1 : 0) }
        return try BlockReader(singles: count, from: &content)
    }

    mutating func readPayload(
        of codec: Codec, _ column: Range<Int>, from content: inout ByteReader
    ) throws(FrameError) {
        switch codec {
        case .integer:
            var blocks = try blocks(of: column, from: &content)
            for lane in lanes[column] {
                try integers.append(lane.values.count, placeholder: 0) { (integers) throws(FrameError) in
                    try blocks.read(integers, from: &content)
                }
            }
        case .decimal, .patchedDecimal: try readDecimals(of: codec, column, from: &content)
        case .binary64:
            try doubles.append(sampleCount(of: column), placeholder: 0) { (doubles) throws(FrameError) in
                try content.packed(doubles, width: 64) { Double(bitPattern: $0) }
            }
        case .binary32:
            try doubles.append(sampleCount(of: column), placeholder: 0) { (doubles) throws(FrameError) in
                try content.packed(doubles, width: 32) { Double(Float(bitPattern: UInt32($0))) }
            }
        case .difference:
            for lane in lanes[column] {
                try doubles.append(lane.values.count, placeholder: 0) { (doubles) throws(FrameError) in
                    try content.differences(doubles)
                }
            }
        case .ordered:
            var blocks = try blocks(of: column, from: &content)
            for lane in lanes[column] {
                try appendDoubles(lane.values.count, from: &content, &blocks) {
                    Double(bitPattern: OrderedBits.bits(of: $0))
                }
            }
        case .doubleDictionary, .integerDictionary: try readDictionaries(of: codec, column, from: &content)
        case .boolean:
            try booleans.append(sampleCount(of: column), placeholder: false) { (flags) throws(FrameError) in
                try content.packed(flags, width: 1) { $0 == 1 }
            }
        case .booleanBlock: try readBooleans(column, from: &content)
        case .text: try readTexts(column, from: &content)
        }
    }

    /// Reads a block into the memory of doubles, and has each integer replaced by its double.
    @inline(__always)
    private mutating func appendDoubles(
        _ count: Int, from content: inout ByteReader, _ blocks: inout BlockReader, _ double: (Int64) -> Double
    ) throws(FrameError) {
        try doubles.append(count, placeholder: 0) { (doubles) throws(FrameError) in
            try doubles.withMemoryRebound(to: Int64.self) { (integers) throws(FrameError) in
                try blocks.read(integers, from: &content)
            }
            for index in doubles.indices { doubles[index] = double(Int64(bitPattern: doubles[index].bitPattern)) }
        }
    }

    private mutating func readDecimals(
        of codec: Codec, _ column: Range<Int>, from content: inout ByteReader
    ) throws(FrameError) {
        exponents.removeAll()
        let shared = try content.byte()
        if shared == DecimalExponents.individual {
            try exponents.append(column.count, placeholder: 0) { (exponents) throws(FrameError) in
                try content.packed(exponents, width: 4) { UInt8($0) }
            }
        } else if shared > UInt8(Decimal.greatestExponent) {
            throw content.malformed("a decimal exponent is beyond \(Decimal.greatestExponent)")
        }
        let isShared = exponents.count == 0
        patches.removeAll(keepingCapacity: true)
        var patched = 0..<0
        if codec == .patchedDecimal {
            for lane in lanes[column] { try readPatches(of: lane, from: &content) }
        }
        var blocks = try blocks(of: column, from: &content)
        for index in column {
            let values = lanes[index].values
            let exponent = isShared ? shared : exponents.elements[index - column.lowerBound]
            let power = Decimal.powers[Int(exponent)]
            var isTooLong = false
            try appendDoubles(values.count, from: &content, &blocks) { mantissa in
                isTooLong = isTooLong || mantissa.magnitude > UInt64(Decimal.greatestMantissa)
                return Decimal.value(mantissa: mantissa, power: power)
            }
            if isTooLong { throw content.malformed("a decimal has more than 53 bits") }
            guard codec == .patchedDecimal else { continue }
            // Patches lie in the order of the lanes, and name places from the start of all doubles.
            patched = patched.upperBound..<patched.upperBound
            while patched.upperBound < patches.count, patches[patched.upperBound].place < values.upperBound {
                patched = patched.lowerBound..<(patched.upperBound + 1)
            }
            try doubles.update(values) { (doubles) throws(FrameError) in
                for patch in patches[patched] {
                    doubles[patch.place - values.lowerBound] = Double(bitPattern: patch.bits)
                }
            }
        }
    }

    private mutating func readPatches(of lane: Lane, from content: inout ByteReader) throws(FrameError) {
        let count = try content.count(upTo: lane.values.count)
        guard count >= 1 else { throw content.malformed("a series of patched decimals has no patch") }
        var next = lane.values.lowerBound
        for _ in 0..<count {
            let place = next + (try content.count(upTo: lane.values.count))
            guard place < lane.values.upperBound else { throw content.malformed("a patch lies beyond the series") }
            let range = try content.skip(8)
            let bits = content.bytes.withUnsafeBytes {
                UInt64(littleEndian: $0.loadUnaligned(fromByteOffset: range.lowerBound, as: UInt64.self))
            }
            patches.append(Patch(place: place, bits: bits))
            next = place + 1
        }
    }

    private mutating func readDictionaries(
        of codec: Codec, _ column: Range<Int>, from content: inout ByteReader
    ) throws(FrameError) {
        entries.removeAll()
        var lists: [Range<Int>] = []
        for lane in lanes[column] {
            let count = try content.count(upTo: min(lane.values.count, DistinctValues.limit))
            guard count >= 1 else { throw content.malformed("a dictionary has no value") }
            lists.append(
                try entries.append(count, placeholder: 0) { (entries) throws(FrameError) in
                    try content.block(entries, .scaled)
                    for index in entries.indices.dropFirst() where entries[index] <= entries[index - 1] {
                        throw content.malformed("the values of a dictionary must ascend")
                    }
                })
        }
        var blocks = try blocks(of: column, from: &content)
        for (lane, list) in zip(lanes[column], lists) {
            let entries = entries.elements[list]
            var isBeyond = false
            func entry(_ index: Int64) -> Int64 {
                guard index >= 0, index < Int64(entries.count) else {
                    isBeyond = true
                    return 0
                }
                return entries[entries.startIndex + Int(index)]
            }
            if codec == .doubleDictionary {
                try appendDoubles(lane.values.count, from: &content, &blocks) {
                    Double(bitPattern: OrderedBits.bits(of: entry($0)))
                }
            } else {
                try integers.append(lane.values.count, placeholder: 0) { (integers) throws(FrameError) in
                    try blocks.read(integers, from: &content)
                    for index in integers.indices { integers[index] = entry(integers[index]) }
                }
            }
            if isBeyond { throw content.malformed("a value is not in the dictionary") }
        }
    }

    private mutating func readBooleans(_ column: Range<Int>, from content: inout ByteReader) throws(FrameError) {
        var blocks = try blocks(of: column, from: &content)
        for lane in lanes[column] {
            entries.removeAll()
            try entries.append(lane.values.count, placeholder: 0) { (bits) throws(FrameError) in
                try blocks.read(bits, from: &content)
            }
            let bits = entries.elements[..<entries.count]
            guard bits.allSatisfy({ $0 == 0 || $0 == 1 }) else { throw content.malformed("a boolean is 0 or 1") }
            try booleans.append(lane.values.count, placeholder: false) { (flags) throws(FrameError) in
                for index in flags.indices { flags[index] = bits[index] == 1 }
            }
        }
    }

    private mutating func readTexts(_ column: Range<Int>, from content: inout ByteReader) throws(FrameError) {
        let size = try content.count(upTo: min(sampleCount(of: column), content.remaining))
        guard size >= 1 else { throw content.malformed("a dictionary has no text") }
        for _ in 0..<size {
            let length = try content.count(upTo: content.remaining)
            dictionary.append(try content.text(count: length))
        }
        var blocks = try blocks(of: column, from: &content)
        for lane in lanes[column] {
            entries.removeAll()
            try entries.append(lane.values.count, placeholder: 0) { (indices) throws(FrameError) in
                try blocks.read(indices, from: &content)
            }
            let indices = entries.elements[..<entries.count]
            guard indices.allSatisfy({ $0 >= 0 && $0 < Int64(size) }) else {
                throw content.malformed("a value names a text that is not in the dictionary")
            }
            try texts.append(lane.values.count, placeholder: 0) { (texts) throws(FrameError) in
                for index in texts.indices { texts[index] = UInt32(indices[index]) }
            }
        }
    }
}
