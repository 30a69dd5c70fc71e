extension FrameEncoder {
    /// Tries on each lane's data what suits its type, and keeps the shortest.
    mutating func chooseCodecs() {
        payloads.withUnsafeBufferPointer { payloads in
            integers.withUnsafeMutableBufferPointer { integers in
                for index in lanes.indices {
                    let samples = lanes[index].samples
                    Self.choose(
                        &lanes[index], UnsafeBufferPointer(rebasing: payloads[samples]),
                        UnsafeMutableBufferPointer(rebasing: integers[samples]))
                }
            }
        }
    }

    private static func choose(
        _ lane: inout ActiveLane, _ payloads: UnsafeBufferPointer<UInt64>,
        _ integers: UnsafeMutableBufferPointer<Int64>
    ) {
        switch lane.kind {
        case .double: chooseForDoubles(&lane, payloads, integers)
        case .integer:
            for index in payloads.indices { integers[index] = Int64(bitPattern: payloads[index]) }
            lane.codec = .integer
            lane.block = IntegerBlock(UnsafeBufferPointer(integers))
        case .boolean: lane.codec = .boolean
        case .text: lane.codec = .text
        }
    }

    private static func chooseForDoubles(
        _ lane: inout ActiveLane, _ doubles: UnsafeBufferPointer<UInt64>,
        _ mantissas: UnsafeMutableBufferPointer<Int64>
    ) {
        lane.codec = .binary64
        var size = 8 * doubles.count
        if let exponent = Decimal.split(doubles, into: mantissas) {
            let block = IntegerBlock(UnsafeBufferPointer(mantissas))
            if block.size < size {
                lane.codec = .decimal
                lane.exponent = exponent
                lane.block = block
                size = block.size
            }
            // Short decimals have long fractions in binary, which no other codec makes shorter than this.
            if size <= 3 * doubles.count { return }
        }
        if 4 * doubles.count < size, doubles.allSatisfy(isBinary32) {
            lane.codec = .binary32
            size = 4 * doubles.count
        }
        if doubles.count > 1, BitDifferences.size(doubles) < size { lane.codec = .difference }
    }

    /// A NaN never is: what converting it does to its payload is the machine's affair.
    private static func isBinary32(_ bits: UInt64) -> Bool {
        let number = Double(bitPattern: bits)
        return Double(Float(number)).bitPattern == bits && !number.isNaN
    }

    /// Writes the exponents of the decimal column and returns whether the same one serves all series.
    ///
    /// A series' own exponent is the least that its values allow, so that of ten series with two decimals one looks as
    /// if it had one. If it costs less than naming each series' exponent, all take the greatest, with mantissas longer
    /// by some zeros.
    mutating func writeExponents() {
        var greatest = 0
        var least = Decimal.greatestExponent
        var count = 0
        for lane in lanes where lane.codec == .decimal {
            greatest = max(greatest, lane.exponent)
            least = min(least, lane.exponent)
            count += 1
        }
        if least == greatest || raiseExponents(to: greatest, ifWithin: (count + 1) / 2) {
            content.bytes.append(UInt8(greatest))
            return
        }
        content.bytes.append(DecimalExponents.individual)
        var bits = BitWriter()
        for lane in lanes where lane.codec == .decimal { bits.append(UInt64(lane.exponent), width: 4, to: &content) }
        bits.finish(to: &content)
    }

    private mutating func raiseExponents(to greatest: Int, ifWithin budget: Int) -> Bool {
        var cost = 0
        for lane in lanes where lane.codec == .decimal && lane.exponent < greatest {
            // Longer series are left alone: their blocks grow by bits per sample.
            guard lane.samples.count == 1, let size = lane.block?.size else { return false }
            let factor = Decimal.integerPowers[greatest - lane.exponent]
            let mantissa = integers[lane.samples.lowerBound]
            guard mantissa.magnitude <= Decimal.greatestMantissa / factor else { return false }
            cost += (mantissa * factor).signedVarintSize - size
            guard cost <= budget else { return false }
        }
        for index in lanes.indices where lanes[index].codec == .decimal && lanes[index].exponent < greatest {
            let place = lanes[index].samples.lowerBound
            integers[place] *= Decimal.integerPowers[greatest - lanes[index].exponent]
            lanes[index].exponent = greatest
        }
        return true
    }
}

/// The first byte of a decimal column: an exponent for all its series, or this.
enum DecimalExponents {
    static let individual: UInt8 = 0xFF
}
