import Telemetry

/// One value, or few, of each stretch of time: of a grid of buckets that begin at multiples of their length.
///
/// A bucket is told when the first sample after it comes, or when it is flushed. Samples that come after their bucket was told pass
/// as they are: nothing that was measured is lost for coming late.
package struct DownSampling: Sendable {
    /// What stands for a bucket.
    package enum Kept: String, Hashable, Sendable, CaseIterable {
        /// The mean of the numbers, at the time of the last of them; of states and texts the last.
        case mean
        /// The last value.
        case last
        /// The least and the greatest number, each at its own time, so that no peak is lost; of states and texts the last.
        case minMax = "min-max"
        /// The value that draws the curve best: the largest triangle with the one kept before and the mean of the next bucket
        /// (Steinarsson, Downsampling Time Series for Visual Representation, 2013, section 4.2). Told one bucket later.
        case lttb
    }

    /// Nanoseconds of a bucket.
    let every: Int64
    let keep: Kept
    /// The number of the bucket that is open; nil before the first sample.
    private var bucket: Int64?
    private var sum = 0.0
    private var numbers = 0
    private var quality: Quality = []
    private var last: Sample?
    private var least: Sample?
    private var greatest: Sample?
    private var triangles: Triangles

    init(every: Int64, keep: Kept) {
        self.every = max(1, every)
        self.keep = keep
        triangles = Triangles(isUsed: keep == .lttb)
    }

    /// Takes a sample; adds what its coming has decided to `out`.
    mutating func take(_ sample: Sample, into out: inout [Sample]) {
        let number = Self.floor(sample.timestamp.nanoseconds, every)
        if let bucket, number < bucket {
            // A clock that was stepped back by more than a few buckets begins anew.
            guard bucket - number > 10 else {
                out.append(sample)
                return
            }
            flush(into: &out)
        } else if let bucket, number > bucket {
            close(into: &out)
        }
        bucket = number
        add(sample, into: &out)
    }

    /// Tells what waits when its bucket, and one more for those that are late, ended before `time`.
    mutating func flush(before time: Timestamp, into out: inout [Sample]) {
        guard let bucket, Self.floor(time.nanoseconds, every) > bucket + 1 else { return }
        flush(into: &out)
    }

    /// Tells all that waits.
    mutating func flush(into out: inout [Sample]) {
        close(into: &out)
        triangles.flush(into: &out)
        bucket = nil
    }

    private mutating func add(_ sample: Sample, into out: inout [Sample]) {
        if keep == .lttb, sample.value.number != nil { return triangles.add(sample, into: &out) }
        last = sample
        guard keep == .mean || keep == .minMax, let value = sample.value.number, value.isFinite else { return }
        if case .boolean = sample.value { return }
        sum += value
        numbers += 1
        quality.formUnion(sample.quality)
        if value < least?.value.number ?? .infinity { least = sample }
        if value > greatest?.value.number ?? -.infinity { greatest = sample }
    }

    private mutating func close(into out: inout [Sample]) {
        triangles.closeBucket(into: &out)
        guard var last else { return }
        if numbers == 0 {
            out.append(last)
        } else if keep == .mean {
            last.value = .double(sum / Double(numbers))
            last.quality = quality
            out.append(last)
        } else if let least, let greatest {
            if least == greatest {
                out.append(least)
            } else if least.timestamp <= greatest.timestamp {
                out.append(least)
                out.append(greatest)
            } else {
                out.append(greatest)
                out.append(least)
            }
        }
        (sum, numbers, quality) = (0, 0, [])
        (self.last, self.least, self.greatest) = (nil, nil, nil)
    }

    /// Rounded down, below zero too.
    private static func floor(_ time: Int64, _ every: Int64) -> Int64 {
        time >= 0 ? time / every : (time + 1) / every - 1
    }
}
