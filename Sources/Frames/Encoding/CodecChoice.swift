/// The trial of codecs on the samples of one lane.
struct CodecChoice {
    let payloads: UnsafeBufferPointer<UInt64>
    /// Gets the integers of the codec chosen, as its block left them.
    let integers: UnsafeMutableBufferPointer<Int64>
    /// Room for the integers of a codec that may not be chosen.
    let trial: UnsafeMutableBufferPointer<Int64>
    /// Bytes that the lane takes with the codec that is the shortest so far.
    private var size = Int.max

    init(
        payloads: UnsafeBufferPointer<UInt64>, integers: UnsafeMutableBufferPointer<Int64>,
        trial: UnsafeMutableBufferPointer<Int64>
    ) {
        self.payloads = payloads
        self.integers = integers
        self.trial = trial
    }

    private var count: Int { payloads.count }

    mutating func choose(
        for lane: inout ActiveLane, _ distinct: inout DistinctValues, _ entries: inout [Int64],
        _ patches: inout [Patch]
    ) {
        switch lane.kind {
        case .double:
            if count == 1 { return chooseForOneDouble(&lane) }
            tryDecimals(&lane, &patches)
            // Short decimals have long fractions in binary, which nothing else makes shorter than this.
            if size > 2 * count { tryBits(&lane) }
            guard isWorthADictionary else { return }
            for index in payloads.indices { trial[index] = OrderedBits.integer(of: payloads[index]) }
            tryDictionary(.doubleDictionary, &lane, &distinct, &entries)
        case .integer:
            for index in payloads.indices { integers[index] = Int64(bitPattern: payloads[index]) }
            take(.integer, &lane)
            guard isWorthADictionary else { return }
            for index in payloads.indices { trial[index] = Int64(bitPattern: payloads[index]) }
            tryDictionary(.integerDictionary, &lane, &distinct, &entries)
        case .boolean: chooseForBooleans(&lane)
        // Its indices are known when the column's dictionary is.
        case .text: lane.codec = .text
        }
    }

    private mutating func take(_ codec: Codec, _ lane: inout ActiveLane) {
        let block = IntegerBlock(of: integers)
        lane.codec = codec
        lane.block = block
        size = block.size
    }

    /// Moves what was tried to where it will be written from.
    private mutating func adopt(_ codec: Codec, _ block: IntegerBlock, _ lane: inout ActiveLane) {
        lane.codec = codec
        lane.block = block
        for index in trial.indices { integers[index] = trial[index] }
    }

    private func chooseForOneDouble(_ lane: inout ActiveLane) {
        var exponent = 0
        if let mantissa = Decimal.shortest(Double(bitPattern: payloads[0]), &exponent), mantissa.signedVarintSize < 8 {
            integers[0] = mantissa
            lane.exponent = exponent
            lane.block = IntegerBlock(unscaled: UnsafeBufferPointer(integers))
            lane.codec = .decimal
            if mantissa.signedVarintSize <= 4 { return }
        }
        if Self.isBinary32(payloads[0]) { lane.codec = .binary32 }
    }

    private mutating func tryDecimals(_ lane: inout ActiveLane, _ patches: inout [Patch]) {
        lane.codec = .binary64
        size = 8 * count
        let start = patches.count
        guard let exponent = Decimal.split(payloads, into: integers, &patches) else {
            return patches.removeLast(patches.count - start)
        }
        let block = IntegerBlock(of: integers)
        let patched = PatchList.size(patches[start...])
        guard block.size + patched < size else { return patches.removeLast(patches.count - start) }
        size = block.size + patched
        lane.codec = patched == 0 ? .decimal : .patchedDecimal
        lane.exponent = exponent
        lane.block = block
        lane.patches = start..<patches.count
    }

    private mutating func tryBits(_ lane: inout ActiveLane) {
        if 4 * count < size, payloads.allSatisfy(Self.isBinary32) {
            lane.codec = .binary32
            size = 4 * count
        }
        let differences = BitDifferences.size(payloads)
        if differences < size {
            lane.codec = .difference
            size = differences
        }
        for index in payloads.indices { trial[index] = OrderedBits.integer(of: payloads[index]) }
        let block = IntegerBlock(of: trial)
        if block.size < size {
            adopt(.ordered, block, &lane)
            size = block.size
        }
    }

    /// With more than four bits a sample, and enough samples to pay for the entries.
    private var isWorthADictionary: Bool { count >= 32 && 2 * size > count }

    /// - Precondition: `trial` has the values.
    private mutating func tryDictionary(
        _ codec: Codec, _ lane: inout ActiveLane, _ distinct: inout DistinctValues, _ entries: inout [Int64]
    ) {
        let limit = min(count / 8, size / 2)
        guard distinct.rank(UnsafeBufferPointer(trial), into: trial, greatestCount: limit) else { return }
        let listed = distinct.values.withUnsafeBufferPointer { IntegerBlock(unscaled: $0).size }
        let block = IntegerBlock(of: trial)
        let total = UInt64(distinct.values.count).varintSize + listed + block.size
        guard total < size else { return }
        adopt(codec, block, &lane)
        lane.entries = entries.count..<(entries.count + distinct.values.count)
        entries.append(contentsOf: distinct.values)
        size = total
    }

    private func chooseForBooleans(_ lane: inout ActiveLane) {
        lane.codec = .boolean
        guard count >= 32 else { return }
        for index in payloads.indices { integers[index] = Int64(payloads[index]) }
        let block = IntegerBlock(of: integers)
        guard 8 * block.size < count else { return }
        lane.codec = .booleanBlock
        lane.block = block
    }

    /// A NaN never is: what converting it does to its payload is the machine's affair.
    private static func isBinary32(_ bits: UInt64) -> Bool {
        let number = Double(bitPattern: bits)
        return Double(Float(number)).bitPattern == bits && !number.isNaN
    }
}

/// How the doubles are written that are no decimals.
enum PatchList {
    /// Bytes of a series' patches; 0 without any, as the series is then in another column.
    static func size(_ patches: ArraySlice<Patch>) -> Int {
        if patches.isEmpty { return 0 }
        var size = UInt64(patches.count).varintSize
        var next = 0
        for patch in patches {
            size += UInt64(patch.place - next).varintSize + 8
            next = patch.place + 1
        }
        return size
    }

    /// Their number, and for each how many decimals lie between the patch before and it, and its bits.
    static func write(_ patches: ArraySlice<Patch>, to writer: inout ByteWriter) {
        writer.varint(UInt64(patches.count))
        var next = 0
        for patch in patches {
            writer.varint(UInt64(patch.place - next))
            writer.littleEndian(patch.bits)
            next = patch.place + 1
        }
    }
}
