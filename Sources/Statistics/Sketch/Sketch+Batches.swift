extension Sketch {
    /// Takes in values, as `insert(_:)` does one after another, at a fraction of its cost.
    package mutating func insert(contentsOf values: [Double]) {
        values.withUnsafeBufferPointer { values in
            var next = 0
            while next < values.count {
                let limit = min(values.count - next, total.credit)
                let plain = Sketch.count(
                    UnsafeBufferPointer(rebasing: values[next..<(next + limit)]), mapping, &positive, &negative,
                    &total.chunks, &lowest, &highest)
                total.spend(plain)
                count &+= plain
                next += plain
                guard plain < limit else { continue }
                insert(values[next])
                next += 1
            }
        }
    }

    /// Counts values from the first on, until one that is no normal number or lies outside the buckets laid out so far.
    ///
    /// - Returns: how many were counted.
    private static func count(
        _ values: UnsafeBufferPointer<Double>, _ mapping: LogarithmicMapping, _ positive: inout BucketStore,
        _ negative: inout BucketStore, _ chunks: inout [Int64], _ lowest: inout Double, _ highest: inout Double
    ) -> Int {
        let (firstPositive, firstNegative) = (positive.first, negative.first)
        var (low, high) = (lowest, highest)
        var done = 0
        chunks.withUnsafeMutableBufferPointer { chunks in
            positive.counts.withUnsafeMutableBufferPointer { positive in
                negative.counts.withUnsafeMutableBufferPointer { negative in
                    while done < values.count {
                        let value = values[done]
                        let magnitude = value.magnitude
                        // Not true of NaN either.
                        guard magnitude >= .leastNormalMagnitude, magnitude <= .greatestFiniteMagnitude else { return }
                        let index = mapping.index(of: magnitude)
                        if value > 0 {
                            let offset = index &- firstPositive
                            guard offset >= 0, offset < positive.count else { return }
                            positive[offset] &+= 1
                        } else {
                            let offset = index &- firstNegative
                            guard offset >= 0, offset < negative.count else { return }
                            negative[offset] &+= 1
                        }
                        ExactSum.add(value, to: chunks)
                        if value < low { low = value }
                        if value > high { high = value }
                        done &+= 1
                    }
                }
            }
        }
        (lowest, highest) = (low, high)
        return done
    }
}
