#if canImport(Glibc)
import Glibc
#else
import Musl
#endif

/// The upper tail of the standard normal distribution as a logarithm, and its relative slope.
enum NormalTail {
    /// ln P(Z > z), for every z, where the tail itself may underflow.
    static func logarithm(of z: Double) -> Double {
        if z < 12 {
            let tail = NormalDistribution.standardTail(z)
            return z < -1 ? log1p(-NormalDistribution.standardTail(-z)) : log(tail)
        }
        return -0.5 * z * z - log(z) - logRootTwoPi + log(millsSeries(z))
    }

    /// φ(z) / P(Z > z), the hazard.
    static func hazard(_ z: Double) -> Double {
        z < 12 ? NormalDistribution.standardDensity(z) / NormalDistribution.standardTail(z) : z / millsSeries(z)
    }

    static let logRootTwoPi = 0.5 * log(2 * Double.pi)

    /// z P(Z > z) / φ(z) = 1 − 1/z² + 3/z⁴ − 15/z⁶ … (DLMF 7.12.1), as far as the terms fall; from 12 on to the last digit.
    private static func millsSeries(_ z: Double) -> Double {
        let w = 1 / (z * z)
        var term = 1.0
        var sum = 1.0
        var odd = 1.0
        while odd * w < 1 {
            term *= -odd * w
            sum += term
            if abs(term) < 0x1p-54 { break }
            odd += 2
        }
        return sum
    }
}
