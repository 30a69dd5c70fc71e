/// The root of a function that falls, by the secant method within a bracket grown from a first guess.
func fallingRoot(near guess: Double, of function: (Double) -> Double) -> Double {
    var stride = 0.01
    var low = guess
    var high = guess
    var atLow = function(low)
    var atHigh = atLow
    while atLow < 0, stride < 1e4 {
        (high, atHigh) = (low, atLow)
        low -= stride
        atLow = function(low)
        stride *= 2
    }
    while atHigh > 0, stride < 1e4 {
        (low, atLow) = (high, atHigh)
        high += stride
        atHigh = function(high)
        stride *= 2
    }
    // The Illinois rule: an end that is kept twice counts half, so that both ends close in.
    var kept = 0
    for _ in 0..<200 where high - low > 1e-15 * max(abs(low), abs(high), 0.1) && atLow != atHigh {
        var middle = (low * atHigh - high * atLow) / (atHigh - atLow)
        if !(middle > low && middle < high) { middle = 0.5 * (low + high) }
        if middle <= low || middle >= high { break }
        let value = function(middle)
        if value == 0 { return middle }
        if value > 0 {
            (low, atLow) = (middle, value)
            if kept == 1 { atHigh *= 0.5 }
            kept = 1
        } else {
            (high, atHigh) = (middle, value)
            if kept == -1 { atLow *= 0.5 }
            kept = -1
        }
    }
    return 0.5 * (low + high)
}
