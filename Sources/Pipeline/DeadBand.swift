import Telemetry

/// Keeps a value when it differs enough from the last one kept, and one every so often in any case.
struct DeadBand: Sendable {
    /// Not below 0, in the series' unit.
    let band: Double
    /// Nanoseconds after which a value is kept in any case; nil for never.
    let every: Int64?
    private var last: Sample?

    init(band: Double, every: Int64?) {
        self.band = band
        self.every = every
    }

    /// Whether the sample is kept.
    mutating func keeps(_ sample: Sample) -> Bool {
        guard let last, last.quality == sample.quality, !isDue(sample.timestamp, after: last.timestamp),
            isNear(sample.value, last.value)
        else {
            last = sample
            return true
        }
        return false
    }

    /// A clock that was stepped back by more than the heartbeat starts it anew.
    private func isDue(_ time: Timestamp, after last: Timestamp) -> Bool {
        guard let every else { return false }
        return time.nanoseconds(since: last).magnitude >= UInt64(every)
    }

    private func isNear(_ a: Value, _ b: Value) -> Bool {
        switch (a, b) {
        case (.double(let a), .double(let b)):
            // Infinities are near themselves; a NaN is near another, or it would pass for ever.
            a == b || abs(a - b) <= band || a.isNaN && b.isNaN
        case (.integer(let a), .integer(let b)):
            Double(UInt64(bitPattern: max(a, b) &- min(a, b))) <= band
        default: a == b
        }
    }
}
