extension Poses {
    /// AP with the bounds of all distances from the command to a point of Hotelling's confidence region for the true mean
    /// position.
    ///
    /// With d coordinates, n normal positions and their covariance matrix C, the region (Hotelling, Annals of Mathematical
    /// Statistics 2 (1931)) is the ellipsoid (x̄ − μ)ᵀ C⁻¹ (x̄ − μ) ≤ r², r² = d (n − 1) / (n (n − d)) F(d, n − d). Its
    /// nearest and farthest points lie between AP ∓ r √λ, λ the largest eigenvalue of C, and these are the bounds. A
    /// length cannot be below 0 and its bootstrap fails there, where a good robot's accuracy is; this region does not.
    /// The bounds hold at least at the stated level, and both together even if one-sided; with one coordinate they are
    /// those of Student's t. Nil unless there are more positions than coordinates.
    ///
    /// `halfSteps` is by how much each coordinate may be wrong in all positions together (``Rounding``), none where they are fine. With E
    /// the length of that vector the barycentre moves by at most E, and √λ, the spectral norm of the centred positions over
    /// √(n − 1), by at most E √(n / (n − 1)).
    package func accuracyBounds(at confidence: Confidence, within halfSteps: [Double] = []) -> Bounds {
        let error = Self.length(halfSteps)
        guard let accuracy, count > commanded.count, let radius = radius(at: confidence, within: error) else {
            return Bounds(estimate: accuracy, lower: nil, upper: nil, at: confidence)
        }
        let reach = radius + error
        return Bounds(estimate: accuracy, lower: max(accuracy - reach, 0), upper: accuracy + reach, at: confidence)
    }

    private func radius(at confidence: Confidence, within error: Double) -> Double? {
        let n = Double(count)
        let spread =
            max(principalVariances.max() ?? 0, 0).squareRoot() + Rounding.spreadError(error, count: count)
        guard spread.isFinite else { return nil }
        if commanded.count == 1 {
            return Moments.reach(count: count, deviation: spread, tail: confidence.tail)
        }
        let d = Double(commanded.count)
        guard let f = try? FDistribution(numeratorDegrees: d, denominatorDegrees: n - d),
            let quantile = try? f.quantile(survival: 1 - confidence.level)
        else { return nil }
        return spread * (d * (n - 1) / (n * (n - d)) * quantile).squareRoot()
    }

    /// The eigenvalues of the positions' covariance matrix: the variances along the axes of the scatter, in no order.
    var principalVariances: [Double] {
        guard let center = barycentre, count > 1 else { return [] }
        var covariance = [[Double]](
            repeating: [Double](repeating: 0, count: center.count), count: center.count)
        for position in attained {
            for row in center.indices {
                for column in center.indices {
                    covariance[row][column] +=
                        (position[row] - center[row]) * (position[column] - center[column]) / Double(count - 1)
                }
            }
        }
        return eigenvalues(of: covariance)
    }
}

/// The eigenvalues of a symmetric matrix, by Jacobi's rotations.
func eigenvalues(of matrix: [[Double]]) -> [Double] {
    var a = matrix
    let axes = a.indices
    for _ in 0..<50 {
        var off = 0.0
        for p in axes { for q in axes where q > p { off = max(off, abs(a[p][q])) } }
        let scale = axes.map { abs(a[$0][$0]) }.max() ?? 0
        if off <= 1e-16 * scale { break }
        for p in axes {
            for q in axes where q > p && a[p][q] != 0 {
                let theta = 0.5 * (a[q][q] - a[p][p]) / a[p][q]
                let t = (theta < 0 ? -1 : 1) / (abs(theta) + (theta * theta + 1).squareRoot())
                let c = 1 / (t * t + 1).squareRoot()
                let s = t * c
                for k in axes {
                    let (x, y) = (a[k][p], a[k][q])
                    (a[k][p], a[k][q]) = (c * x - s * y, s * x + c * y)
                }
                for k in axes {
                    let (x, y) = (a[p][k], a[q][k])
                    (a[p][k], a[q][k]) = (c * x - s * y, s * x + c * y)
                }
            }
        }
    }
    return axes.map { a[$0][$0] }
}
