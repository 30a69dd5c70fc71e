/// Lets through a few log lines at once and then one every so often, and counts what it held back.
///
/// A sender that is wrong is usually wrong a thousand times a second, and a log that fills the disk helps nobody.
struct LogThrottle {
    /// How many lines may come at once.
    let burst: Int
    /// Nanoseconds until one more line may come.
    let interval: Int64
    private var credit: Int
    private var refilled: Int64
    private var held = 0

    init(burst: Int = 5, interval: Int64 = 10_000_000_000, now: Int64) {
        self.burst = burst
        self.interval = max(1, interval)
        credit = burst
        refilled = now
    }

    /// - Parameter now: nanoseconds on the monotonic clock.
    /// - Returns: how many lines were held back since the last one let through; nil when this one is held back too.
    mutating func admit(at now: Int64) -> Int? {
        let earned = (now - refilled) / interval
        if earned > 0 {
            credit = Int(min(Int64(burst), Int64(credit) + earned))
            refilled += earned * interval
        }
        guard credit > 0 else {
            held += 1
            return nil
        }
        credit -= 1
        defer { held = 0 }
        return held
    }
}
