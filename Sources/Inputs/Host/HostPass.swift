import Telemetry

/// What the readers of one host share: where to read, where to put samples, and the time.
///
/// Everything here is made once and used again: a reading in which no disk, core or interface is new allocates nothing.
struct HostPass {
    /// What stands before `/proc` and `/sys`.
    let root: String
    private let tags: [Tag]
    private let sink: any SampleSink
    let buffer = HostBuffer()
    private(set) var samples: [Sample] = []
    /// Samples that had no series, because the box's limit is reached.
    private(set) var overLimit = 0
    private(set) var moment: HostMoment
    /// Grows once a minute; what was absent is then looked for again.
    private(set) var survey = 0
    private var surveyed: Int64

    private static let surveyInterval: Int64 = 60_000_000_000

    init(root: String, tags: [Tag], sink: any SampleSink, moment: HostMoment) {
        self.root = root
        self.tags = tags
        self.sink = sink
        self.moment = moment
        surveyed = moment.monotonic
        samples.reserveCapacity(256)
    }

    mutating func begin(at moment: HostMoment) {
        self.moment = moment
        samples.removeAll(keepingCapacity: true)
        buffer.forget()
        overLimit = 0
        if moment.monotonic - surveyed >= Self.surveyInterval {
            surveyed = moment.monotonic
            survey += 1
        }
    }

    func register(
        _ name: String, _ own: [Tag] = [], unit: Unit, kind: Series.Kind = .gauge, provenance: Provenance = Provenance()
    ) -> SeriesID? {
        sink.register(Series(name, tags: tags + own, unit: unit, kind: kind, provenance: provenance))
    }

    mutating func add(_ series: SeriesID?, _ value: Value, quality: Quality = []) {
        guard let series else {
            overLimit += 1
            return
        }
        samples.append(Sample(series: series, timestamp: moment.wall, value: value, quality: quality))
    }

    /// A count from the kernel, whose counters are unsigned.
    mutating func add(_ series: SeriesID?, count: UInt64) { add(series, .integer(Int64(clamping: count))) }

    /// A share in percent, to two decimals: more would be noise that costs bytes.
    mutating func add(_ series: SeriesID?, percent: Double) { add(series, .double((percent * 100).rounded() / 100)) }
}
