#if canImport(Glibc)
import Glibc
#else
import Musl
#endif

/// Quantiles of weighted values in bounded memory, each within one percent of a value that was there.
///
/// Values are counted in buckets whose bounds grow by a constant factor γ, so that the middle of a bucket is within the relative error α of
/// all that is in it, where γ = (1 + α) / (1 − α) (C. Masson, J. E. Rim, H. K. Lee, "DDSketch", VLDB 2019). Unlike a sample of the values,
/// it gives the same answer every time. Beyond so many buckets the lowest run together.
/// Each number of buckets spans values of a factor γ to its power: 2048 a factor of 6 × 10¹⁷, 64 one of 3.6.
struct ValueSketch {
    private static let error = 0.01
    private static let logGamma = log((1 + error) / (1 - error))
    private static let mostBuckets = 2048
    /// What each side may have even where memory is short.
    private static let fewestBuckets = 64

    /// The weights of buckets from `first` on.
    private struct Side {
        var weights: [Double] = []
        var first = 0

        /// Buckets keep their room, so that the next interval allocates nothing; where they are many, others may need it.
        mutating func clear() {
            if weights.count > ValueSketch.mostBuckets / 2 {
                weights = []
            } else {
                for index in weights.indices { weights[index] = 0 }
            }
        }

        mutating func add(_ weight: Double, at bucket: Int, mayGrow: Bool) {
            let most = mayGrow ? ValueSketch.mostBuckets : max(ValueSketch.fewestBuckets, weights.count)
            if weights.isEmpty {
                weights = [weight]
                first = bucket
                return
            }
            var bucket = bucket
            if bucket < first {
                let room = most - weights.count
                let missing = min(first - bucket, max(0, room))
                weights.insert(contentsOf: repeatElement(0, count: missing), at: 0)
                first -= missing
                bucket = max(bucket, first)
            } else if bucket >= first + weights.count {
                let lowest = max(first, bucket - most + 1)
                let surplus = min(lowest - first, weights.count)
                let collapsed = weights[..<surplus].reduce(0, +)
                weights.removeSubrange(..<surplus)
                first = lowest
                weights.append(contentsOf: repeatElement(0, count: bucket - first + 1 - weights.count))
                weights[0] += collapsed
            }
            weights[bucket - first] += weight
        }
    }

    private var positive = Side()
    private var negative = Side()
    private var zeros = 0.0
    /// The sum of all weights.
    private(set) var weight = 0.0
    private(set) var sum = 0.0
    private(set) var least = Double.infinity
    private(set) var greatest = -Double.infinity

    /// How many buckets it has.
    var bucketCount: Int { positive.weights.count + negative.weights.count }

    var isEmpty: Bool { weight == 0 }

    var mean: Double { sum / weight }

    /// - Parameters:
    ///   - value: a finite number.
    ///   - weight: for how many it stands.
    ///   - mayGrow: whether there is memory for more buckets; without, values far from the highest lose precision.
    mutating func add(_ value: Double, weight: Double, mayGrow: Bool = true) {
        self.weight += weight
        sum += value * weight
        least = min(least, value)
        greatest = max(greatest, value)
        if value == 0 {
            zeros += weight
        } else if value > 0 {
            positive.add(weight, at: Self.bucket(value), mayGrow: mayGrow)
        } else {
            negative.add(weight, at: Self.bucket(-value), mayGrow: mayGrow)
        }
    }

    mutating func clear() {
        positive.clear()
        negative.clear()
        (zeros, weight, sum, least, greatest) = (0, 0, 0, .infinity, -.infinity)
    }

    /// The value below which the share `q` lies.
    ///
    /// - Parameter q: from 0 to 1.
    /// - Returns: a value within one percent of one that was there.
    func quantile(_ q: Double) -> Double {
        let rank = q * weight
        var below = 0.0
        for index in negative.weights.indices.reversed() where negative.weights[index] > 0 {
            below += negative.weights[index]
            if below >= rank { return within(-Self.middle(negative.first + index)) }
        }
        below += zeros
        if zeros > 0, below >= rank { return within(0) }
        for index in positive.weights.indices where positive.weights[index] > 0 {
            below += positive.weights[index]
            if below >= rank { return within(Self.middle(positive.first + index)) }
        }
        return greatest
    }

    private func within(_ value: Double) -> Double { min(max(value, least), greatest) }

    /// Bucket i holds γ^(i−1) < x ≤ γ^i.
    private static func bucket(_ value: Double) -> Int { Int((log(value) / logGamma).rounded(.up)) }

    /// 2 γ^i / (γ + 1): as far from either bound, in proportion.
    private static func middle(_ bucket: Int) -> Double {
        2 * exp(Double(bucket) * logGamma) / (exp(logGamma) + 1)
    }
}
