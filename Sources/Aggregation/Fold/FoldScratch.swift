import Frames
import Telemetry

/// The samples of one column that count: within the run's window, numbers, in the order of time.
struct FoldScratch: Sendable {
    private(set) var times: [Int64] = []
    private(set) var values: [Double] = []
    /// ``values`` in the unit of the metric that takes them.
    private(set) var converted: [Double] = []
    /// Those of ``converted`` that are finite.
    private(set) var finite: [Double] = []
    /// Samples within the window that are marked unreliable: a substitute, or the last known value. No measurement.
    private(set) var unreliable = 0

    /// Samples within the window of any kind, text too.
    private(set) var seen = 0

    /// Numbers within the window, reliable or not.
    var count: Int { times.count + unreliable }

    /// Takes in what counts of a column. Text does not.
    mutating func load(_ column: Column, offset: Int64, window: Range<Int64>) {
        times.removeAll(keepingCapacity: true)
        values.removeAll(keepingCapacity: true)
        unreliable = 0
        seen = 0
        let low = window.lowerBound.subtractingReportingOverflow(offset)
        let high = window.upperBound.subtractingReportingOverflow(offset)
        guard !low.overflow, !high.overflow else { return }
        let shifted = low.partialValue..<high.partialValue
        switch column.values {
        case .doubles(let numbers): load(column, numbers, offset, shifted) { $0 }
        case .integers(let numbers): load(column, numbers, offset, shifted) { Double($0) }
        case .booleans(let flags): load(column, flags, offset, shifted) { $0 ? 1 : 0 }
        case .texts:
            seen = column.timestamps.count { shifted.contains($0) }
            return
        }
        seen = count
        sortByTime()
    }

    @inline(__always)
    private mutating func load<Raw>(
        _ column: Column, _ raw: ArraySlice<Raw>, _ offset: Int64, _ window: Range<Int64>, number: (Raw) -> Double
    ) {
        column.timestamps.withUnsafeBufferPointer { stamps in
            raw.withUnsafeBufferPointer { raw in
                for index in stamps.indices where window.contains(stamps[index]) {
                    if !column.quality.isEmpty, column.quality[column.quality.startIndex + index].contains(.unreliable)
                    {
                        unreliable += 1
                        continue
                    }
                    times.append(stamps[index] &+ offset)
                    values.append(number(raw[index]))
                }
            }
        }
    }

    /// Stable, so that of several samples at one time the last given stays the last.
    private mutating func sortByTime() {
        guard zip(times, times.dropFirst()).contains(where: >) else { return }
        let order = times.indices.sorted { (times[$0], $0) < (times[$1], $1) }
        times = order.map { times[$0] }
        values = order.map { values[$0] }
    }

    /// Converts the values into ``converted`` and ``finite``.
    mutating func convert(by conversion: UnitConversion) {
        converted.removeAll(keepingCapacity: true)
        if conversion.isIdentity {
            converted.append(contentsOf: values)
        } else {
            for value in values { converted.append(conversion(value)) }
        }
        finite.removeAll(keepingCapacity: true)
        if converted.allSatisfy(\.isFinite) {
            finite.append(contentsOf: converted)
        } else {
            finite.append(contentsOf: converted.lazy.filter(\.isFinite))
        }
    }

    /// The latest sample that is a finite number.
    var last: (time: Int64, value: Double)? {
        guard let index = converted.lastIndex(where: \.isFinite) else { return nil }
        return (times[index], converted[index])
    }
}
