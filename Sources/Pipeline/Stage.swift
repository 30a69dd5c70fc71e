import Telemetry

/// One step on the way of one series' samples, with what it remembers.
struct Stage: Sendable {
    enum Work: Sendable {
        case convert(UnitConversion)
        case scale(factor: Double, offset: Double)
        /// Marks what is beyond the range; `clamp` also sets it to the nearer end.
        case range(ClosedRange<Double>, clamp: Bool)
        /// Marks what was measured at this time or later.
        case calibration(expiry: Timestamp)
        case deadBand(DeadBand)
        case downSample(DownSampling)
        case derivative(Derivative)
        case rateLimit(RateLimit)
        /// While another holds the state.
        case none
    }

    var work: Work
    /// The class whose samples it is for; others pass. Nil for all.
    let priority: PriorityClass?

    /// Whether samples may wait in it for those that follow.
    var holds: Bool {
        if case .downSample = work { true } else { false }
    }

    /// Takes the samples of `buffer` and leaves there what comes of them.
    ///
    /// - Parameters:
    ///   - buffer: samples of one series, in order.
    ///   - spare: empty; memory to work in.
    ///   - tally: counts what was let go on purpose.
    mutating func apply(to buffer: inout [Sample], _ spare: inout [Sample], _ tally: inout ShapingTally) {
        switch work {
        case .convert(let conversion): change(&buffer) { conversion($0) }
        case .scale(let factor, let offset): change(&buffer) { $0 * factor + offset }
        case .range(let range, let clamp):
            for index in buffer.indices { Self.check(&buffer[index], range, clamp: clamp) }
        case .calibration(let expiry):
            for index in buffer.indices where buffer[index].timestamp >= expiry {
                buffer[index].quality.insert(.calibrationExpired)
            }
        case .deadBand(var band):
            let before = buffer.count
            buffer.removeAll { !band.keeps($0) }
            tally.unchanged += before - buffer.count
            work = .deadBand(band)
        case .downSample(var bucket):
            // The enum must not hold a second reference, or the bucket's samples would be copied.
            work = .none
            for sample in buffer { bucket.take(sample, into: &spare) }
            work = .downSample(bucket)
            exchange(&buffer, &spare)
        case .derivative(var derivative):
            for sample in buffer {
                if let change = derivative(sample) { spare.append(change) }
            }
            work = .derivative(derivative)
            exchange(&buffer, &spare)
        case .rateLimit(var limit):
            let before = buffer.count
            buffer.removeAll { !limit.admits($0.timestamp) }
            tally.overRate += before - buffer.count
            work = .rateLimit(limit)
        case .none: break
        }
    }

    /// Adds what waits to `buffer`: all, or what ended before `time`.
    mutating func flush(before time: Timestamp?, into buffer: inout [Sample]) {
        guard case .downSample(var bucket) = work else { return }
        work = .none
        if let time { bucket.flush(before: time, into: &buffer) } else { bucket.flush(into: &buffer) }
        work = .downSample(bucket)
    }

    /// States and texts stay as they are.
    private func change(_ buffer: inout [Sample], _ formula: (Double) -> Double) {
        for index in buffer.indices {
            switch buffer[index].value {
            case .double(let value): buffer[index].value = .double(formula(value))
            case .integer(let value): buffer[index].value = .double(formula(Double(value)))
            case .boolean, .text: break
            }
        }
    }

    private static func check(_ sample: inout Sample, _ range: ClosedRange<Double>, clamp: Bool) {
        let value: Double
        switch sample.value {
        case .double(let number): value = number
        case .integer(let number): value = Double(number)
        case .boolean, .text: return
        }
        guard !range.contains(value) else { return }
        sample.quality.insert(.outOfRange)
        if clamp, !value.isNaN {
            sample.value = .double(value < range.lowerBound ? range.lowerBound : range.upperBound)
        }
    }

    private func exchange(_ buffer: inout [Sample], _ spare: inout [Sample]) {
        swap(&buffer, &spare)
        spare.removeAll(keepingCapacity: true)
    }
}

/// What the rules of a pipeline have let go on purpose, since the start.
package struct ShapingTally: Hashable, Sendable {
    /// Within the dead-band.
    package var unchanged = 0
    /// Beyond a rate limit.
    package var overRate = 0

    package init() {}
}
