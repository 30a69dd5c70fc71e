import Telemetry

/// Largest-Triangle-Three-Buckets over a stream: a bucket's point is chosen once the next bucket is whole.
struct Triangles: Sendable {
    /// Samples of one bucket that are held; a bucket with more is parted.
    static let most = 4096

    private let isUsed: Bool
    /// The point that was told last.
    private var anchor: Sample?
    /// The bucket that is whole, and waits for the mean of the next.
    private var whole: [Sample] = []
    private var open: [Sample] = []

    init(isUsed: Bool) { self.isUsed = isUsed }

    mutating func add(_ sample: Sample, into out: inout [Sample]) {
        if open.count >= Self.most { closeBucket(into: &out) }
        open.append(sample)
    }

    /// The open bucket is at its end.
    mutating func closeBucket(into out: inout [Sample]) {
        guard isUsed, !open.isEmpty else { return }
        if anchor == nil, let first = open.first {
            // The first point of a curve always stands.
            out.append(first)
            anchor = first
            open.removeFirst()
        }
        if !whole.isEmpty { tell(towards: open.isEmpty ? whole.suffix(1) : open[...], into: &out) }
        swap(&whole, &open)
        open.removeAll(keepingCapacity: true)
    }

    /// Nothing follows: the last bucket's triangle ends at its own last point.
    mutating func flush(into out: inout [Sample]) {
        guard isUsed else { return }
        closeBucket(into: &out)
        if !whole.isEmpty { tell(towards: whole.suffix(1), into: &out) }
        anchor = nil
    }

    /// Chooses a point of the whole bucket: that of the largest triangle between the anchor and the mean of `next`.
    private mutating func tell(towards next: ArraySlice<Sample>, into out: inout [Sample]) {
        guard let from = anchor ?? whole.first else { return }
        let base = from.value.number ?? 0
        var (time, value) = (0.0, 0.0)
        for point in next {
            time += Double(point.timestamp.nanoseconds(since: from.timestamp))
            value += (point.value.number ?? 0) - base
        }
        time /= Double(max(1, next.count))
        value /= Double(max(1, next.count))
        var best = whole[0]
        var largest = -1.0
        for point in whole {
            // Twice the area; the factor changes no comparison.
            let area = abs(
                Double(point.timestamp.nanoseconds(since: from.timestamp)) * value
                    - time * ((point.value.number ?? .nan) - base))
            if area > largest {
                largest = area
                best = point
            }
        }
        out.append(best)
        anchor = best
        whole.removeAll(keepingCapacity: true)
    }
}
