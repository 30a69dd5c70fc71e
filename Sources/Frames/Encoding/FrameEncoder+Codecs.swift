extension FrameEncoder {
    /// Tries on each lane's data what suits its type, and keeps the shortest. Sizes are computed; nothing is written.
    mutating func chooseCodecs() {
        entries.removeAll(keepingCapacity: true)
        patches.removeAll(keepingCapacity: true)
        payloads.withUnsafeBufferPointer { payloads in
            integers.withUnsafeMutableBufferPointer { integers in
                trial.withUnsafeMutableBufferPointer { trial in
                    for index in lanes.indices {
                        let samples = lanes[index].samples
                        var choice = CodecChoice(
                            payloads: UnsafeBufferPointer(rebasing: payloads[samples]),
                            integers: UnsafeMutableBufferPointer(rebasing: integers[samples]),
                            trial: UnsafeMutableBufferPointer(rebasing: trial[samples]))
                        choice.choose(for: &lanes[index], &distinct, &entries, &patches)
                    }
                }
            }
        }
    }

    /// Writes the exponents of a column of decimals and returns whether the same one serves all series.
    ///
    /// A series' own exponent is the least that its values allow, so that of ten series with two decimals one looks as
    /// if it had one. If it costs fewer bits than naming each series' exponent, all take the greatest, with mantissas longer
    /// by some zeros.
    mutating func writeExponents(of codec: Codec) {
        var greatest = 0
        var least = Decimal.greatestExponent
        var count = 0
        for lane in lanes where lane.codec == codec {
            greatest = max(greatest, lane.exponent)
            least = min(least, lane.exponent)
            count += 1
        }
        if least == greatest || raiseExponents(of: codec, to: greatest, ifWithin: 4 * count) {
            content.bytes.append(UInt8(greatest))
            return
        }
        content.bytes.append(DecimalExponents.individual)
        content.appendBits(4 * count) { bits in
            for lane in lanes where lane.codec == codec { bits.append(UInt64(lane.exponent), width: 4) }
        }
    }

    private mutating func raiseExponents(of codec: Codec, to greatest: Int, ifWithin budget: Int) -> Bool {
        var cost = 0
        for lane in lanes where lane.codec == codec && lane.exponent < greatest {
            // Longer series are left alone: their blocks grow by bits per sample.
            guard lane.samples.count == 1 else { return false }
            let factor = Decimal.integerPowers[greatest - lane.exponent]
            let mantissa = integers[lane.samples.lowerBound]
            guard mantissa.magnitude <= Decimal.greatestMantissa / factor else { return false }
            cost += (mantissa * factor).zigzag.bitCount - mantissa.zigzag.bitCount
            guard cost <= budget else { return false }
        }
        for index in lanes.indices where lanes[index].codec == codec && lanes[index].exponent < greatest {
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

/// A double that is no decimal, among those of a series that are.
struct Patch {
    /// From 0, in the series.
    let place: Int
    let bits: UInt64
}
