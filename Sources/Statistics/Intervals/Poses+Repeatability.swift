#if canImport(Glibc)
import Glibc
#else
import Musl
#endif

extension Poses {
    /// RP with bounds from the ratio of observed to true repeatability in simulated positions.
    ///
    /// RP is in proportion to the size of the scatter, so for normal positions the ratio of the observed RP to the true
    /// one has a law that depends on the number of positions and the shape of the scatter alone, hardly on the
    /// latter, and not at all on its size or direction. That law is simulated with the observed variances along the
    /// principal axes (a parametric bootstrap), and the observed RP divided by its quantiles. The true RP of the
    /// simulation is l̄ + 3 S of the normal law itself. This makes up for RP being some 2 % low at 30 positions, and
    /// covers as stated there, where a BCa bootstrap of the positions misses above two and a half times as often (see
    /// ``Statistics``). A χ² bound on S alone would leave out l̄ and what the two have in common.
    ///
    /// The bootstrap gives the number of simulations and the seed; the same ones give the same bits. Nil unless there are
    /// more positions than coordinates, where the simulations are too few for the confidence, and where all positions are
    /// the same and nothing is known of a step.
    ///
    /// `halfSteps` is by how much each coordinate may be wrong in all positions together (``Rounding``), none where they are fine. With E
    /// the length of that vector l̄ moves by at most E and S by at most E √(n / (n − 1)), so that RP lies within
    /// E (1 + 3 √(n / (n − 1))) of what is observed; the shape is that of the observed scatter, and where there is none, that of the steps.
    package func repeatabilityBounds(
        at confidence: Confidence, by bootstrap: Bootstrap, within halfSteps: [Double] = []
    ) -> Bounds {
        guard let repeatability, count > commanded.count else {
            return Bounds(estimate: repeatability, lower: nil, upper: nil, at: confidence)
        }
        let error = Self.length(halfSteps)
        let scatter = principalVariances.map { max($0, 0).squareRoot() }
        // What the sums leave of positions that are the same is no scatter.
        let noise = Rounding.noise * (attained.joined().map(abs).max() ?? 0)
        let deviations = scatter.contains { $0 > noise } ? scatter : halfSteps
        let largest = deviations.max() ?? 0
        guard largest > 0, largest.isFinite else {
            return Bounds(estimate: repeatability, lower: nil, upper: nil, at: confidence)
        }
        let slack = error + 3 * Rounding.spreadError(error, count: count)
        let shape = deviations.map { $0 / largest }
        let ratios = simulatedRepeatabilities(shape, bootstrap)
        let truth = Self.trueRepeatability(shape)
        // The rank of a ratio exceeded with at least, or reached with at most, the confidence.
        let rank = Int(confidence.tail * Double(bootstrap.resamples + 1) + 1e-9)
        guard rank >= 1 else { return Bounds(estimate: repeatability, lower: nil, upper: nil, at: confidence) }
        let low = ratios[rank - 1] / truth
        let high = ratios[bootstrap.resamples - rank] / truth
        return Bounds(
            estimate: repeatability, lower: max(repeatability - slack, 0) / high,
            upper: low > 0 ? (repeatability + slack) / low : nil, at: confidence)
    }

    /// RP of as many normal positions as observed, again and again, ascending.
    private func simulatedRepeatabilities(_ deviations: [Double], _ bootstrap: Bootstrap) -> [Double] {
        var generator = SplitMix64(seed: bootstrap.seed)
        var drawn: [Double] = []
        drawn.reserveCapacity(bootstrap.resamples)
        for _ in 0..<bootstrap.resamples {
            let positions = (0..<count).map { _ in
                deviations.map { $0 * generator.normal() }
            }
            drawn.append(Self.repeatability(of: positions))
        }
        drawn.sort()
        return drawn
    }

    /// E l + 3 √Var l for the length l of a normal vector with independent coordinates of these deviations.
    ///
    /// E l² is Σ σ², and E l = (1 / 2√π) ∫₀^∞ (1 − Π (1 + 2 σ² t)^(−1/2)) t^(−3/2) dt (from √q = (1 / 2√π) ∫ (1 − e^(−q t))
    /// t^(−3/2) dt), by the trapezoidal rule in ln t.
    static func trueRepeatability(_ deviations: [Double]) -> Double {
        let squares = deviations.map { $0 * $0 }
        let step = 0.25
        var sum = 0.0
        for index in -360...360 {
            let v = step * Double(index)
            let t = exp(v)
            let logProduct = squares.reduce(0) { $0 - 0.5 * log1p(2 * $1 * t) }
            sum += -expm1(logProduct) * exp(-0.5 * v)
        }
        let mean = sum * step / (2 * Double.pi.squareRoot())
        return mean + 3 * max(squares.reduce(0, +) - mean * mean, 0).squareRoot()
    }
}
