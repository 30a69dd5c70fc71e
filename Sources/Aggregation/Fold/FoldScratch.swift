import Frames
import Telemetry

/// The samples of one column that count: within the run's window, numbers, in the order of time.
struct FoldScratch: Sendable {
    private(set) var times: [Int64] = []
    private(set) var values: [Double] = []
    /// ``values`` in another unit, where the metric that takes them has one.
    private var inMetricUnit: [Double] = []
    private var isConverted = false
    /// Whether ``times`` are known to ascend.
    private var isSorted = false
    /// Those of ``converted`` that are finite, where some are not.
    private var filtered: [Double] = []
    private var isAllFinite = true
    /// Samples within the window that are marked unreliable: a substitute, or the last known value. No measurement.
    private(set) var unreliable = 0
    /// Samples that count although they lie outside their sensor's range or come after its calibration's end.
    private(set) var marked = 0

    /// Where in the frame the loaded times lie, all of which count; nil where they are not those of a whole timeline.
    private var timeline: Range<Int>?
    /// Of the loaded times, as the last metric asked for it.
    private var present: (every: Int64, presence: Presence)?
    /// The part of the run that the last column lay in: the next one, of the same frame, nearly always lies there too.
    var place = 0

    /// Samples within the window of any kind, text too.
    private(set) var seen = 0

    /// ``values`` in the unit of the metric that takes them.
    var converted: [Double] { isConverted ? inMetricUnit : values }

    /// Those of ``converted`` that are finite.
    var finite: [Double] { isAllFinite ? converted : filtered }

    /// Numbers within the window, reliable or not.
    var count: Int { times.count + unreliable }

    /// A frame begins: what was loaded is of another.
    mutating func beginFrame() { timeline = nil }

    /// When the loaded samples were there; worked out once for all columns that share their times.
    mutating func presence(every: Int64) -> Presence {
        if let present, present.every == every { return present.presence }
        let presence = Presence(times, every: every)
        present = (every, presence)
        return presence
    }

    /// Takes in what counts of a column. Text does not.
    ///
    /// `isOfOneFrame`: nothing but columns of one frame, under one offset, has been loaded since ``beginFrame()``; nearly all of them share one
    /// timeline, whose times are looked at once.
    mutating func load(_ column: Column, offset: Int64, window: Range<Int64>, isOfOneFrame: Bool = false) {
        let place = column.timestamps.startIndex..<column.timestamps.endIndex
        if isOfOneFrame, timeline == place, column.quality.isEmpty, loadValues(of: column) {
            unreliable = 0
            marked = 0
            seen = count
            return
        }
        timeline = nil
        present = nil
        times.removeAll(keepingCapacity: true)
        values.removeAll(keepingCapacity: true)
        unreliable = 0
        marked = 0
        seen = 0
        isSorted = false
        let low = window.lowerBound.subtractingReportingOverflow(offset)
        let high = window.upperBound.subtractingReportingOverflow(offset)
        guard !low.overflow, !high.overflow else { return }
        let shifted = low.partialValue..<high.partialValue
        switch column.values {
        case .doubles(let numbers):
            if loadTimesOfAll(column, offset, shifted), loadValues(of: column) {
                timeline = place
            } else {
                load(column, numbers, offset, shifted) { $0 }
            }
        case .integers(let numbers):
            if loadTimesOfAll(column, offset, shifted), loadValues(of: column) {
                timeline = place
            } else {
                load(column, numbers, offset, shifted) { Double($0) }
            }
        case .booleans(let flags): load(column, flags, offset, shifted) { $0 ? 1 : 0 }
        case .texts:
            seen = column.timestamps.count { shifted.contains($0) }
            return
        }
        seen = count
        sortByTime()
    }

    /// All values of a column of numbers; false, and nothing is loaded, for any other.
    private mutating func loadValues(of column: Column) -> Bool {
        switch column.values {
        case .doubles(let numbers):
            values.removeAll(keepingCapacity: true)
            values.append(contentsOf: numbers)
            return true
        case .integers(let numbers):
            values.removeAll(keepingCapacity: true)
            for number in numbers { values.append(Double(number)) }
            return true
        case .booleans, .texts: return false
        }
    }

    /// The way of nearly every column: all of it lies within the run, in the order of time, and is measured. False, and nothing is loaded,
    /// if not.
    private mutating func loadTimesOfAll(_ column: Column, _ offset: Int64, _ window: Range<Int64>) -> Bool {
        guard column.quality.isEmpty, let first = column.timestamps.first else { return false }
        return column.timestamps.withUnsafeBufferPointer { stamps in
            var last = first
            for stamp in stamps {
                guard stamp >= last else { return false }
                last = stamp
            }
            guard first >= window.lowerBound, last < window.upperBound else { return false }
            isSorted = true
            if offset == 0 {
                times.append(contentsOf: stamps)
            } else {
                for stamp in stamps { times.append(stamp &+ offset) }
            }
            return true
        }
    }

    @inline(__always)
    private mutating func load<Raw>(
        _ column: Column, _ raw: ArraySlice<Raw>, _ offset: Int64, _ window: Range<Int64>, number: (Raw) -> Double
    ) {
        column.timestamps.withUnsafeBufferPointer { stamps in
            raw.withUnsafeBufferPointer { raw in
                for index in stamps.indices where window.contains(stamps[index]) {
                    if !column.quality.isEmpty {
                        let quality = column.quality[column.quality.startIndex + index]
                        if quality.contains(.unreliable) {
                            unreliable += 1
                            continue
                        }
                        if !quality.isDisjoint(with: .doubtful) { marked += 1 }
                    }
                    times.append(stamps[index] &+ offset)
                    values.append(number(raw[index]))
                }
            }
        }
    }

    /// Stable, so that of several samples at one time the last given stays the last.
    private mutating func sortByTime() {
        guard !isSorted, !isAscending else { return }
        let order = times.indices.sorted { (times[$0], $0) < (times[$1], $1) }
        times = order.map { times[$0] }
        values = order.map { values[$0] }
    }

    private var isAscending: Bool {
        guard var last = times.first else { return true }
        for time in times {
            if time < last { return false }
            last = time
        }
        return true
    }

    /// Converts the values into ``converted`` and ``finite``.
    mutating func convert(by route: Route) {
        isConverted = !route.isIdentity
        if isConverted, let conversion = route.conversion { inMetricUnit = values.map { conversion($0) } }
        isAllFinite = converted.allSatisfy(\.isFinite)
        if !isAllFinite { filtered = converted.filter(\.isFinite) }
    }

    /// The latest sample that is a finite number.
    var last: (time: Int64, value: Double)? {
        guard let index = converted.lastIndex(where: \.isFinite) else { return nil }
        return (times[index], converted[index])
    }
}

extension Quality {
    /// A measurement, but not one that its sensor vouches for.
    fileprivate static let doubtful: Quality = [.outOfRange, .calibrationExpired]
}
