/// A stream of values in bounded space, from which any quantile can be read with a known relative error.
///
/// DDSketch (Masson, Rim & Lee, "DDSketch: a fast and fully-mergeable quantile sketch with relative-error guarantees",
/// PVLDB 12 (2019)). All state is integer counts, extremes and an exact sum, so a sketch depends on the values alone:
/// not on their order, nor on how they were spread over sketches that were merged.
///
/// **Guarantee.** For the value x of any rank, the estimate x̂ satisfies |x̂ − x| ≤ α |x|, unless the bucket limit was
/// reached (``isCollapsed``): then it still holds for the larger magnitudes of each sign, those in the top
/// `bucketLimit` buckets, a factor of about (1 + 2α)^bucketLimit. ``enclosure(ofRank:)`` holds in every case.
/// Magnitudes below the smallest normal number, 2.2e-308, are read as zero.
package struct Sketch: Equatable, Sendable {
    /// How many finite values were taken in.
    package internal(set) var count = 0
    /// How many NaN and infinite values were refused.
    package internal(set) var nonFinite = 0
    var zeros = 0
    var positive: BucketStore
    var negative: BucketStore
    var total = ExactSum()
    var lowest = Double.infinity
    var highest = -Double.infinity
    let mapping: LogarithmicMapping

    /// The most values a sketch may hold after decoding or merging.
    static let countLimit = 1 << 56
    static let allowedBucketLimits = 2...65536

    /// An empty sketch.
    ///
    /// - Parameters:
    ///   - relativeError: α, from 0.0001 to 0.5.
    ///   - bucketLimit: the most buckets kept for either sign, from 2 to 65 536; the default spans 17 decades at α =
    ///     0.01.
    /// - Throws: ``StatisticsError/Code/invalidParameter`` outside these ranges.
    package init(relativeError: Double = 0.01, bucketLimit: Int = 2048) throws(StatisticsError) {
        guard LogarithmicMapping.allowedErrors.contains(relativeError) else {
            throw .invalid("relative error", relativeError, must: "between 0.0001 and 0.5")
        }
        guard Sketch.allowedBucketLimits.contains(bucketLimit) else {
            throw .invalid("bucket limit", bucketLimit, must: "between 2 and 65536")
        }
        mapping = LogarithmicMapping(relativeError: relativeError)
        positive = BucketStore(limit: bucketLimit)
        negative = BucketStore(limit: bucketLimit)
    }

    /// α.
    package var relativeError: Double { mapping.relativeError }
    /// The most buckets kept for either sign.
    package var bucketLimit: Int { positive.limit }
    /// Whether small magnitudes were thrown together because the bucket limit was reached.
    package var isCollapsed: Bool { positive.isCollapsed || negative.isCollapsed }
    /// Exact.
    package var minimum: Double? { count == 0 ? nil : lowest }
    /// Exact.
    package var maximum: Double? { count == 0 ? nil : highest }
    /// The exact sum, rounded once; infinite beyond the range of a double.
    package var sum: Double { total.value }
    /// The mean, from the exact sum; nil without values.
    package var mean: Double? { count == 0 ? nil : sum / Double(count) }

    /// Takes in a value. Allocates only when a bucket outside the span used so far is reached.
    @inline(__always)
    package mutating func insert(_ value: Double) {
        guard value.isFinite else {
            nonFinite &+= 1
            return
        }
        count &+= 1
        if value >= .leastNormalMagnitude {
            positive.add(mapping.index(of: value))
        } else if value <= -.leastNormalMagnitude {
            negative.add(mapping.index(of: -value))
        } else {
            zeros &+= 1
            if lowest > 0 { lowest = 0 }
            if highest < 0 { highest = 0 }
            return
        }
        if value < lowest { lowest = value }
        if value > highest { highest = value }
        total.add(value)
    }

    /// Takes in all that another sketch has; the result equals the sketch of both streams.
    ///
    /// - Throws: ``StatisticsError/Code/incompatibleSketches`` if relative error or bucket limit differ,
    ///   ``StatisticsError/Code/countOverflow`` past 2^56 values.
    package mutating func merge(_ other: Sketch) throws(StatisticsError) {
        guard relativeError == other.relativeError, bucketLimit == other.bucketLimit else {
            throw StatisticsError(
                .incompatibleSketches,
                "sketches of relative error \(relativeError) with \(bucketLimit) buckets and \(other.relativeError) "
                    + "with \(other.bucketLimit) buckets do not mix; make both with the same settings",
                at: "sketch")
        }
        guard count <= Sketch.countLimit - other.count, nonFinite <= Sketch.countLimit - other.nonFinite else {
            throw StatisticsError(.countOverflow, "the merged sketch would hold more than 2^56 values", at: "sketch")
        }
        nonFinite += other.nonFinite
        guard other.count > 0 else { return }
        count += other.count
        zeros += other.zeros
        lowest = min(lowest, other.lowest)
        highest = max(highest, other.highest)
        positive.merge(other.positive)
        negative.merge(other.negative)
        total.merge(other.total)
    }
}
