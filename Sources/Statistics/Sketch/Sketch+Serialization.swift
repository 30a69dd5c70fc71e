extension Sketch {
    private static let magic: [UInt8] = [0x46, 0x53, 0x4B, 0x01]

    private enum Flag {
        static let positiveCollapsed: UInt8 = 1
        static let negativeCollapsed: UInt8 = 2
        static let sumNegative: UInt8 = 4
        static let all: UInt8 = 7
    }

    /// The sketch as bytes; equal sketches give equal bytes. The layout is described in the module's documentation.
    package func serialized() -> [UInt8] {
        var writer = SketchWriter()
        let sum = total.digits
        writer.bytes += Sketch.magic
        var flags: UInt8 = 0
        if positive.isCollapsed { flags |= Flag.positiveCollapsed }
        if negative.isCollapsed { flags |= Flag.negativeCollapsed }
        if sum.isNegative { flags |= Flag.sumNegative }
        writer.bytes.append(flags)
        writer.write(relativeError)
        writer.write(varint: UInt64(bucketLimit))
        writer.write(varint: UInt64(nonFinite))
        writer.write(varint: UInt64(zeros))
        writer.write(negative)
        writer.write(positive)
        guard count > 0 else { return writer.bytes }
        writer.write(lowest)
        writer.write(highest)
        writer.write(varint: UInt64(sum.magnitude.count))
        if !sum.magnitude.isEmpty { writer.write(varint: UInt64(sum.first)) }
        for digit in sum.magnitude { writer.write(digit) }
        return writer.bytes
    }

    /// Reads what ``serialized()`` wrote. Any other bytes are refused: every accepted sketch writes the same bytes
    /// again. Memory is at most a small constant plus eight bytes for each byte read.
    ///
    /// - Throws: ``StatisticsError/Code/malformedSketch`` with the offset of the offending byte.
    package init(serialized bytes: [UInt8]) throws(StatisticsError) {
        var reader = SketchReader(bytes)
        for byte in Sketch.magic where try reader.byte() != byte {
            throw reader.malformed("this is not a sketch of format 1")
        }
        let flags = try reader.byte()
        guard flags & ~Flag.all == 0 else { throw reader.malformed("an unknown flag is set") }
        let relativeError = try reader.double()
        guard LogarithmicMapping.allowedErrors.contains(relativeError) else {
            throw reader.malformed("the relative error is not between 0.0001 and 0.5")
        }
        let limit = try reader.varint(atMost: Sketch.allowedBucketLimits.upperBound)
        guard Sketch.allowedBucketLimits.contains(limit) else {
            throw reader.malformed("the bucket limit is too small")
        }
        try self.init(relativeError: relativeError, bucketLimit: limit)
        nonFinite = try reader.varint(atMost: Sketch.countLimit)
        zeros = try reader.varint(atMost: Sketch.countLimit)
        count = zeros
        negative = try reader.store(
            limit: limit, isCollapsed: flags & Flag.negativeCollapsed != 0, mapping: mapping, total: &count)
        positive = try reader.store(
            limit: limit, isCollapsed: flags & Flag.positiveCollapsed != 0, mapping: mapping, total: &count)
        if count > 0 {
            lowest = try reader.double()
            highest = try reader.double()
            guard extremesFitBuckets else { throw reader.malformed("the extremes contradict the buckets") }
            let length = try reader.varint(atMost: ExactSum.chunkCount)
            let first = length == 0 ? 0 : try reader.varint(atMost: ExactSum.chunkCount)
            var magnitude: [UInt32] = []
            for _ in 0..<length { magnitude.append(try reader.digit()) }
            guard magnitude.first != 0, magnitude.last != 0,
                let sum = ExactSum(isNegative: flags & Flag.sumNegative != 0, first: first, magnitude: magnitude)
            else { throw reader.malformed("the sum is not in its shortest form") }
            total = sum
        }
        guard flags & Flag.sumNegative == 0 || total.value < 0 else { throw reader.malformed("zero has no sign") }
        guard sumFitsExtremes else { throw reader.malformed("the sum contradicts the extremes") }
        guard reader.isAtEnd else { throw reader.malformed("bytes follow the end of the sketch") }
    }

    /// Whether the extremes lie in the outermost buckets. A sketch knows no negative zero.
    private var extremesFitBuckets: Bool {
        guard lowest.isFinite, highest.isFinite, lowest <= highest else { return false }
        guard (lowest != 0 || lowest.sign == .plus) && (highest != 0 || highest.sign == .plus) else { return false }
        return mayBeLargest(highest, above: positive, below: negative)
            && mayBeLargest(-lowest, above: negative, below: positive)
    }

    /// Whether a value may be the largest, given the stores of the magnitudes above and below zero.
    private func mayBeLargest(_ value: Double, above: BucketStore, below: BucketStore) -> Bool {
        if let last = above.lastIndex { return value >= .leastNormalMagnitude && mapping.index(of: value) == last }
        if zeros > 0 { return value == 0 }
        guard value <= -.leastNormalMagnitude else { return false }
        let index = mapping.index(of: -value)
        return below.isCollapsed ? index < below.used.first : index == below.used.first
    }

    /// n × minimum ≤ sum ≤ n × maximum, with room for the rounding of this check itself.
    private var sumFitsExtremes: Bool {
        guard count > 0 else { return true }
        // A sum beyond the range of a double is compared in units of 2^128.
        let sum = sum
        let isFinite = sum.isFinite
        let mean = isFinite ? 0.5 * (sum / Double(count)) : total.droppingChunks(4).value / Double(count)
        let unit = isFinite ? 0.5 : 0x1p-128
        let (low, high) = (unit * lowest, unit * highest)
        let room = 1e-12 * max(abs(low), abs(high))
        return mean >= low - room && mean <= high + room
    }
}
