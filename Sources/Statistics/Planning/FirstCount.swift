/// The most further runs a plan ever names.
package let planningHorizon = 1_000_000

/// The smallest count in a range at which a condition holds that stays true once it is; nil if it holds nowhere.
/// Gallops from the lower end, then bisects: the cost follows the answer, not the range.
func firstCount(in range: ClosedRange<Int>, where holds: (Int) -> Bool) -> Int? {
    if holds(range.lowerBound) { return range.lowerBound }
    var low = range.lowerBound
    var stride = 1
    var high: Int
    repeat {
        if low == range.upperBound { return nil }
        high = range.upperBound - low > stride ? low + stride : range.upperBound
        if holds(high) { break }
        low = high
        stride *= 2
    } while true
    while high - low > 1 {
        let middle = low + (high - low) / 2
        if holds(middle) { high = middle } else { low = middle }
    }
    return high
}
