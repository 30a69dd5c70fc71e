/// How the integers of one series (or the times of one timeline) are laid out, and what that takes.
///
/// A single integer is a signed varint. More begin with a layout byte: 0…64 is the width of differences from the least
/// value; 128…192 is 128 plus the width of differences between the steps and the least step; 127 means steps as signed
/// varints. All arithmetic is modulo 2^64, so every run of integers has each of these forms.
struct IntegerBlock {
    static let varintLayout: UInt8 = 0x7F
    static let stepLayout: UInt8 = 0x80

    private(set) var layout: UInt8 = 0
    /// Bytes of the whole block.
    private(set) var size: Int
    private var least: Int64
    private var leastStep: Int64 = 0

    /// Chooses the shortest layout for `integers`, of which there is at least one.
    init(_ integers: UnsafeBufferPointer<Int64>) {
        let first = integers[0]
        least = first
        size = first.signedVarintSize
        guard integers.count > 1 else { return }
        var greatest = first
        leastStep = .max
        var greatestStep = Int64.min
        var stepsSize = 0
        var previous = first
        for index in 1..<integers.count {
            let integer = integers[index]
            let step = integer &- previous
            previous = integer
            least = min(least, integer)
            greatest = max(greatest, integer)
            leastStep = min(leastStep, step)
            greatestStep = max(greatestStep, step)
            stepsSize += step.signedVarintSize
        }
        let firstSize = size
        let width = UInt64(bitPattern: greatest &- least).bitCount
        let stepWidth = UInt64(bitPattern: greatestStep &- leastStep).bitCount
        layout = UInt8(width)
        size = 1 + least.signedVarintSize + (integers.count * width + 7) / 8
        let packedStepsSize = 1 + firstSize + leastStep.signedVarintSize + ((integers.count - 1) * stepWidth + 7) / 8
        if packedStepsSize < size {
            layout = Self.stepLayout | UInt8(stepWidth)
            size = packedStepsSize
        }
        if 1 + firstSize + stepsSize < size {
            layout = Self.varintLayout
            size = 1 + firstSize + stepsSize
        }
    }

    /// Writes `integers`, which must be those that the block was made for.
    func write(_ integers: UnsafeBufferPointer<Int64>, to writer: inout ByteWriter) {
        guard integers.count > 1 else { return writer.signedVarint(integers[0]) }
        writer.bytes.append(layout)
        var bits = BitWriter()
        switch layout {
        case Self.varintLayout:
            writer.signedVarint(integers[0])
            for index in 1..<integers.count { writer.signedVarint(integers[index] &- integers[index - 1]) }
        case Self.stepLayout...:
            writer.signedVarint(integers[0])
            writer.signedVarint(leastStep)
            let width = Int(layout - Self.stepLayout)
            if width == 0 { return }
            for index in 1..<integers.count {
                let excess = integers[index] &- integers[index - 1] &- leastStep
                bits.append(UInt64(bitPattern: excess), width: width, to: &writer)
            }
            bits.finish(to: &writer)
        default:
            writer.signedVarint(least)
            if layout == 0 { return }
            for index in integers.indices {
                bits.append(UInt64(bitPattern: integers[index] &- least), width: Int(layout), to: &writer)
            }
            bits.finish(to: &writer)
        }
    }
}
