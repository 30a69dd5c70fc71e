import Telemetry

/// The change of a value per unit of time, from one sample to the next.
struct Derivative: Sendable {
    /// A drop is a source that began to count anew, from 0.
    let isCounter: Bool
    /// Nanoseconds in the unit of time.
    let nanoseconds: Double
    private var last: (time: Timestamp, value: Double)?

    init(isCounter: Bool, per nanoseconds: Double) {
        self.isCounter = isCounter
        self.nanoseconds = nanoseconds
    }

    /// Nil for the first value, for one that is no number, and where no time has passed since the last.
    mutating func callAsFunction(_ sample: Sample) -> Sample? {
        guard let value = sample.value.number, value.isFinite else { return nil }
        guard let last, sample.timestamp > last.time else {
            // Of two at one time the first is the one the next is compared with; after a step back of the clock it begins anew.
            if last.map({ sample.timestamp < $0.time }) ?? true { self.last = (sample.timestamp, value) }
            return nil
        }
        self.last = (sample.timestamp, value)
        let change = isCounter && value < last.value ? value : value - last.value
        var result = sample
        result.value = .double(change / (Double(sample.timestamp.nanoseconds(since: last.time)) / nanoseconds))
        return result
    }
}
