/// Count, mean and squared deviations of blocks of finite values, from which the standard deviation follows.
///
/// Within a block in two passes, between blocks after Chan, Golub & LeVeque (1979). The mean serves the merging only: a
/// metric's mean is taken from its sketch, where the sum is exact.
struct Dispersion: Hashable, Sendable {
    private(set) var count = 0
    private(set) var mean = 0.0
    /// Σ (x − mean)²; infinite beyond the range of a double.
    private(set) var squares = 0.0

    init() {}

    init(count: Int, mean: Double, squares: Double) {
        self.count = count
        self.mean = mean
        self.squares = squares
    }

    /// - Parameter values: finite.
    init(_ values: some RandomAccessCollection<Double>) {
        guard let pivot = values.first else { return }
        count = values.count
        // Deviations from a value of the block keep their digits where the values share their leading ones.
        var sum = 0.0
        for value in values { sum += value - pivot }
        let shift = sum / Double(count)
        mean = pivot + shift
        for value in values {
            let deviation = value - mean
            squares += deviation * deviation
        }
        if !mean.isFinite || !squares.isFinite { (mean, squares) = (pivot, .infinity) }
    }

    /// The sample standard deviation, with n − 1; nil for fewer than two values or beyond the range of a double.
    var standardDeviation: Double? {
        guard count > 1, squares.isFinite else { return nil }
        return (squares / Double(count - 1)).squareRoot()
    }
}

extension Dispersion: Mergeable {
    mutating func merge(_ later: Dispersion) {
        guard later.count > 0 else { return }
        guard count > 0 else {
            self = later
            return
        }
        let total = Double(count) + Double(later.count)
        let share = Double(later.count) / total
        let delta = later.mean - mean
        squares += later.squares + delta * delta * (Double(count) * share)
        mean += delta * share
        count += later.count
        if !mean.isFinite || !squares.isFinite { (mean, squares) = (0, .infinity) }
    }
}
