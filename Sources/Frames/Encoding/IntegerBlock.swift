/// How the integers of one series (or the times of one timeline) are laid out, and what that takes.
///
/// All arithmetic is modulo 2^64, so every run of integers has each of the layouts. Which one is shortest is computed
/// from sums and extremes, without writing any.
struct IntegerBlock {
    private(set) var layout: UInt8 = 0
    /// Bytes of the whole block.
    private(set) var size: Int
    /// What is left of the integers is their difference from `origin`, divided by `unit`; 1 when that was not worth it.
    private(set) var unit: Int64 = 1
    private(set) var origin: Int64 = 0
    /// The least integer or step, for the layouts that count from it.
    private(set) var least: Int64 = 0
    /// Bits of the layouts whose numbers differ in length.
    private(set) var bits = 0

    /// Chooses the shortest layout for `integers`, of which there is at least one. If they are all so many units from
    /// the first, they are replaced by that many.
    init(of integers: UnsafeMutableBufferPointer<Int64>) {
        self.init(unscaled: UnsafeBufferPointer(integers))
        // A unit saves its own bits for each integer. Below two bits there is nothing to save.
        guard integers.count >= 8, size > 4 + integers.count / 4 else { return }
        let unit = Self.commonUnit(of: UnsafeBufferPointer(integers))
        guard unit > 1 else { return }
        let origin = integers[0]
        for index in integers.indices { integers[index] = (integers[index] &- origin) / unit }
        var scaled = IntegerBlock(unscaled: UnsafeBufferPointer(integers))
        scaled.size += 1 + UInt64(unit).varintSize + origin.signedVarintSize
        if scaled.size < size {
            self = scaled
            self.unit = unit
            self.origin = origin
        } else {
            for index in integers.indices { integers[index] = integers[index] &* unit &+ origin }
        }
    }

    /// Chooses among the layouts that count in ones; without runs, if it is for those.
    init(unscaled integers: UnsafeBufferPointer<Int64>, withinRuns: Bool = false) {
        size = integers[0].signedVarintSize
        least = integers[0]
        guard integers.count > 1 else { return }
        let shape = IntegerShape(of: integers)
        size = .max
        considerPacked(shape)
        considerRice(shape, integers)
        considerChunks(shape, integers)
        if !withinRuns { considerRuns(shape, integers) }
    }

    private mutating func consider(_ layout: UInt8, size: Int, least: Int64 = 0, bits: Int = 0) {
        guard size < self.size else { return }
        self.layout = layout
        self.size = size
        self.least = least
        self.bits = bits
    }

    private mutating func considerPacked(_ shape: IntegerShape) {
        consider(
            Layout.packed + UInt8(shape.width),
            size: 1 + shape.least.signedVarintSize
                + (shape.count * shape.width + 7) / 8, least: shape.least)
        let firstSize = shape.first.signedVarintSize
        consider(
            Layout.packedSteps + UInt8(shape.stepWidth),
            size: 1 + firstSize + shape.leastStep.signedVarintSize
                + ((shape.count - 1) * shape.stepWidth + 7) / 8, least: shape.leastStep)
        if let stepBytes = shape.stepBytes { consider(Layout.varintSteps, size: 1 + firstSize + stepBytes) }
    }

    private mutating func considerRice(_ shape: IntegerShape, _ integers: UnsafeBufferPointer<Int64>) {
        let firstSize = shape.first.signedVarintSize
        let steps = Rice.estimate(sum: shape.stepSum, count: shape.count - 1, limit: Layout.riceLimit)
        if 1 + firstSize + steps.bits / 8 < size {
            let bits = Rice.bitsOfSteps(integers, parameter: steps.parameter)
            consider(
                Layout.riceSteps + UInt8(steps.parameter), size: 1 + firstSize + (bits + 7) / 8, bits: bits)
        }
        if shape.count > 2 {
            let turns = Rice.estimate(sum: shape.turnSum, count: shape.count - 2, limit: Layout.riceLimit)
            let headSize = firstSize + shape.firstStep.signedVarintSize
            if 1 + headSize + turns.bits / 8 < size {
                let bits = Rice.bitsOfTurns(integers, parameter: turns.parameter)
                consider(Layout.riceTurns + UInt8(turns.parameter), size: 1 + headSize + (bits + 7) / 8, bits: bits)
            }
        }
        guard let excess = shape.excessSum else { return }
        let values = Rice.estimate(sum: excess, count: shape.count, limit: Layout.riceValueLimit)
        let leastSize = shape.least.signedVarintSize
        if 1 + leastSize + values.bits / 8 < size {
            let bits = Rice.bitsOfExcess(integers, over: shape.least, parameter: values.parameter)
            consider(
                Layout.riceValues + UInt8(values.parameter), size: 1 + leastSize + (bits + 7) / 8, least: shape.least,
                bits: bits)
        }
    }

    private mutating func considerChunks(_ shape: IntegerShape, _ integers: UnsafeBufferPointer<Int64>) {
        guard shape.count > Chunk.length else { return }
        let firstSize = shape.first.signedVarintSize
        consider(Layout.chunkedSteps, size: 1 + firstSize + Chunk.bytesOfSteps(integers))
        consider(
            Layout.chunkedTurns, size: 1 + firstSize + shape.firstStep.signedVarintSize + Chunk.bytesOfTurns(integers))
    }

    private mutating func considerRuns(_ shape: IntegerShape, _ integers: UnsafeBufferPointer<Int64>) {
        let runs = shape.changes + 1
        guard runs > 1, runs * 8 <= shape.count, size > 2 * runs else { return }
        consider(Layout.runs, size: IntegerRuns.size(integers, count: runs), bits: runs)
    }

    /// The greatest number that all differences from the first integer are multiples of; 1 when that is beyond 63 bits.
    private static func commonUnit(of integers: UnsafeBufferPointer<Int64>) -> Int64 {
        var unit: UInt64 = 0
        for index in 1..<integers.count {
            var rest = (integers[index] &- integers[0]).magnitude
            if unit == 0 || rest == 0 {
                unit |= rest
                continue
            }
            if rest < unit { swap(&rest, &unit) }
            while true {
                let next = rest % unit
                if next == 0 { break }
                rest = unit
                unit = next
            }
            if unit == 1 { return 1 }
        }
        return Int64(exactly: unit) ?? 1
    }
}

/// The first byte of a block of several integers.
enum Layout {
    /// 0 … 64.
    static let packed: UInt8 = 0
    /// 65 … 96.
    static let riceTurns: UInt8 = 65
    /// 97 … 126.
    static let riceValues: UInt8 = 97
    static let varintSteps: UInt8 = 127
    /// 128 … 192.
    static let packedSteps: UInt8 = 128
    /// 193 … 224.
    static let riceSteps: UInt8 = 193
    static let chunkedSteps: UInt8 = 225
    static let chunkedTurns: UInt8 = 226
    static let runs: UInt8 = 227
    static let scaled: UInt8 = 228

    /// Greatest Rice parameters.
    static let riceLimit = 31
    static let riceValueLimit = 29
}
