/// How long to wait before the next attempt to connect: exponential, with full jitter.
///
/// Full jitter spreads the agents of a site that lost its broker over the whole interval, so that they do not return
/// as one wave (M. Brooker, "Exponential Backoff and Jitter", AWS Architecture Blog, 2015).
package struct Backoff: Sendable {
    package var minimum: Duration
    package var base: Duration
    package var maximum: Duration
    /// Uniform in 0 ..< 1.
    package var random: @Sendable () -> Double

    package init(
        minimum: Duration = .milliseconds(100), base: Duration = .seconds(1), maximum: Duration = .seconds(60),
        random: @escaping @Sendable () -> Double = { Double.random(in: 0..<1) }
    ) {
        self.minimum = max(minimum, .milliseconds(1))
        self.base = max(base, self.minimum)
        self.maximum = max(maximum, self.base)
        self.random = random
    }

    /// The longest delay after `failures` attempts in a row: base · 2ⁿ, at most ``maximum``.
    package func ceiling(failures: Int) -> Duration {
        var ceiling = base
        for _ in 0..<max(0, failures) where ceiling < maximum { ceiling = ceiling * 2 }
        return min(ceiling, maximum)
    }

    /// Uniform between ``minimum`` and ``ceiling(failures:)``; for a permanent fault, in the upper half of ``maximum``.
    package func delay(failures: Int, isPermanent: Bool) -> Duration {
        let (low, high) = isPermanent ? (maximum / 2, maximum) : (minimum, ceiling(failures: failures))
        return low + (high - low) * min(max(random(), 0), 1)
    }
}
