import Telemetry

/// What a sensor gave last, to stand in where it gives nothing.
///
/// A reading that fails is told as ``Quality/unreliable`` when it begins to fail and once in every survey from then on, so
/// that a sensor which is gone for good does not fill the spool with what it once said.
struct SensorMemory {
    private var last: Double?
    private var toldIn: Int?

    /// The last good value.
    var value: Double? { last }

    mutating func keep(_ value: Double) {
        last = value
        toldIn = nil
    }

    /// What to give for a reading that failed: the last value, or NaN where none is known; nil when it has been told.
    mutating func substitute(in survey: Int) -> Double? {
        guard toldIn != survey else { return nil }
        toldIn = survey
        return last ?? .nan
    }
}

extension HostPass {
    /// A good value, judged by the range that the series' provenance states.
    mutating func add(_ series: SeriesID?, _ value: Double, _ memory: inout SensorMemory, range: ClosedRange<Double>?) {
        memory.keep(value)
        add(series, .double(value), quality: range.map { $0.contains(value) ? [] : .outOfRange } ?? [])
    }

    /// A reading that failed, or that the sensor itself calls bad.
    mutating func addFailure(of series: SeriesID?, _ memory: inout SensorMemory) {
        guard let value = memory.substitute(in: survey) else { return }
        add(series, .double(value), quality: .unreliable)
    }

    /// The number in a small file; nil when it cannot be read or holds none.
    func integer(_ file: HostFile) -> Int64? {
        buffer.read(file, survey: survey) ? buffer.withCursor { $0.integer() } : nil
    }

    /// The whole content of a small file.
    func text(_ file: HostFile) -> String? {
        buffer.read(file, survey: survey) ? buffer.withCursor { $0.rest.text } : nil
    }
}
