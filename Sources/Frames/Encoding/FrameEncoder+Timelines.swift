/// Units of time that timestamps may all be multiples of, as powers of ten of a nanosecond.
enum TimeUnit {
    static let exponents = [9, 6, 3, 0]

    /// The greatest unit that all of `timestamps` are multiples of.
    static func greatestExponent(of timestamps: UnsafeBufferPointer<Int64>) -> Int {
        var candidate = 0
        for timestamp in timestamps {
            while timestamp % Decimal.integerPowers[exponents[candidate]] != 0 { candidate += 1 }
        }
        return exponents[candidate]
    }

    /// The quotient rounded down.
    static func quotient(_ nanoseconds: Int64, by unit: Int64) -> Int64 {
        let (quotient, rest) = nanoseconds.quotientAndRemainder(dividingBy: unit)
        return rest < 0 ? quotient - 1 : quotient
    }
}

extension FrameEncoder {
    /// Gives each lane a timeline, one for all lanes whose timestamps are equal.
    mutating func shareTimelines() {
        timelines.removeAll(keepingCapacity: true)
        var size = 16
        while size < lanes.count * 2 { size *= 2 }
        timelineTable.removeAll(keepingCapacity: true)
        timelineTable.append(contentsOf: repeatElement(-1, count: size))
        // A second reference, so that the encoder can be changed while its timestamps are read.
        let timestamps = timestamps
        timestamps.withUnsafeBufferPointer { timestamps in
            for index in lanes.indices {
                // Neighbouring series mostly come from one device, read at one time.
                if index > 0, Self.equal(lanes[index].samples, lanes[index - 1].samples, in: timestamps) {
                    lanes[index].timeline = lanes[index - 1].timeline
                } else {
                    lanes[index].timeline = timeline(of: lanes[index].samples, in: timestamps)
                }
            }
        }
    }

    private mutating func timeline(of samples: Range<Int>, in timestamps: UnsafeBufferPointer<Int64>) -> Int {
        var hash: UInt64 = 0
        for timestamp in timestamps[samples] {
            hash = (hash ^ UInt64(bitPattern: timestamp)) &* 0x9E37_79B9_7F4A_7C15
            hash ^= hash >> 32
        }
        var place = Int(truncatingIfNeeded: hash) & (timelineTable.count - 1)
        while timelineTable[place] >= 0 {
            let candidate = Int(timelineTable[place])
            if timelines[candidate].hash == hash, Self.equal(timelines[candidate].samples, samples, in: timestamps) {
                return candidate
            }
            place = (place + 1) & (timelineTable.count - 1)
        }
        timelineTable[place] = Int32(timelines.count)
        timelines.append(Timeline(samples: samples, hash: hash))
        return timelines.count - 1
    }

    private static func equal(_ a: Range<Int>, _ b: Range<Int>, in timestamps: UnsafeBufferPointer<Int64>) -> Bool {
        guard a.count == b.count else { return false }
        for offset in 0..<a.count
        where timestamps[a.lowerBound + offset] != timestamps[b.lowerBound + offset] { return false }
        return true
    }

    /// - Parameter reference: nanoseconds that the first timeline is relative to; each later one is relative to the first
    ///   timestamp of the one before.
    mutating func writeTimelines(reference: Int64) {
        writer.arrayHead(timelines.count)
        var reference = reference
        for timeline in timelines {
            writer.arrayHead(3)
            writer.unsigned(UInt64(timeline.samples.count))
            writer.unsigned(UInt64(Codec.integer.rawValue))
            content.bytes.removeAll(keepingCapacity: true)
            writeTicks(of: timeline, reference: reference)
            writer.byteString(content.bytes)
            reference = timestamps[timeline.samples.lowerBound]
        }
    }

    private mutating func writeTicks(of timeline: Timeline, reference: Int64) {
        Self.grow(&ticks, to: timeline.samples.count)
        let exponent = timestamps.withUnsafeBufferPointer { timestamps in
            TimeUnit.greatestExponent(of: UnsafeBufferPointer(rebasing: timestamps[timeline.samples]))
        }
        let unit = Decimal.integerPowers[exponent]
        let origin = TimeUnit.quotient(reference, by: unit)
        for offset in 0..<timeline.samples.count {
            ticks[offset] = timestamps[timeline.samples.lowerBound + offset] / unit &- origin
        }
        content.bytes.append(UInt8(exponent))
        let count = timeline.samples.count
        ticks.withUnsafeMutableBufferPointer { ticks in
            let ticks = UnsafeMutableBufferPointer(rebasing: ticks[..<count])
            IntegerBlock(of: ticks).write(UnsafeBufferPointer(ticks), to: &content)
        }
    }
}
