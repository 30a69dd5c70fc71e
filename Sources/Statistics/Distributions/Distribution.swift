/// A continuous distribution over the real line or a part of it.
///
/// All functions hold 1e-11 relative accuracy (1e-12 as a rule) for shapes from 0.01 to a million, in both tails down
/// to 1e-300. A NaN argument gives NaN.
package protocol ContinuousDistribution: Sendable, Hashable {
    /// P(X ≤ x).
    func cumulative(_ x: Double) -> Double
    /// P(X > x), computed as such and not as 1 − P(X ≤ x), hence accurate in the far upper tail.
    func survival(_ x: Double) -> Double
    /// The density at x; +∞ at a pole.
    func density(_ x: Double) -> Double
    /// The x with P(X ≤ x) = probability.
    ///
    /// - Throws: ``StatisticsError/Code/invalidParameter`` for a probability outside 0…1.
    func quantile(_ probability: Double) throws(StatisticsError) -> Double
    /// The x with P(X > x) = survival; use it for upper tails, where 1 − survival would have lost the digits.
    ///
    /// - Throws: ``StatisticsError/Code/invalidParameter`` for a probability outside 0…1.
    func quantile(survival: Double) throws(StatisticsError) -> Double
}
