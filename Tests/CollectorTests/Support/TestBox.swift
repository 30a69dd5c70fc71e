import Frames
import StorageSupport
import Telemetry

/// A box whose wall clock is as a test wants it, and whose boot clock is true.
struct TestBox {
    /// What the wall clock says of the boot's time, and whether the kernel believes it.
    struct Clock {
        /// Seconds by which the wall clock is off.
        var wrongBy: Int64 = 0
        var isSynchronised = true
        /// Nanoseconds.
        var error: Int64 = 2_000_000
    }

    static let site = Identifier.named("lab")
    static let force = SeriesID(rawValue: 1)
    /// When each boot began in truth: 2026-11-22T08:00:00Z.
    static let start: Int64 = 1_795_334_400

    let agent: Identifier
    let install: UUIDBytes
    let boot: UUIDBytes
    /// Seconds from `start` to the boot.
    let bootedAt: Int64
    private var heads: [PriorityClass: StreamHead] = [:]
    private var encoder = FrameEncoder()

    init(_ agent: String = "box-01", install: UInt64 = 7, epoch: UInt64 = 1, boot: UInt64 = 1, bootedAt: Int64 = 0) {
        self.agent = .named(agent)
        self.install = UUIDBytes(high: install, low: 1)
        self.boot = UUIDBytes(high: boot, low: 1)
        self.bootedAt = bootedAt
        for priority in PriorityClass.allCases {
            heads[priority] = StreamHead(
                Stream(site: Self.site, agent: self.agent, install: self.install, epoch: epoch, priority: priority))
        }
    }

    /// The true time, seconds after the boot.
    func time(_ seconds: Double) -> Timestamp {
        Timestamp(seconds: Self.start + bootedAt).advanced(byNanoseconds: Int64(seconds * 1e9))
    }

    private func wall(_ seconds: Double, _ clock: Clock) -> Timestamp {
        time(seconds).advanced(byNanoseconds: clock.wrongBy * 1_000_000_000)
    }

    private mutating func frame(
        _ priority: PriorityClass, at seconds: Double, _ clock: Clock, _ batch: SampleBatch, _ extras: FrameExtras
    ) throws -> [UInt8] {
        var head = try heads[priority].orFail()
        let reading = ClockReading(
            boot: boot, sinceBoot: Int64(seconds * 1e9), wall: wall(seconds, clock),
            state: ClockState(isSynchronised: clock.isSynchronised, maximumError: clock.error))
        var bytes: [UInt8] = []
        let header = try encoder.encode(batch, extras, at: head, clock: reading, into: &bytes)
        head.advance(past: header, digest: FrameDigest(of: bytes))
        heads[priority] = head
        return bytes
    }

    /// What the series are.
    mutating func definitions(at seconds: Double, _ clock: Clock = Clock()) throws -> [UInt8] {
        let series = Series("gripper.force", unit: Unit("N") ?? .one)
        return try frame(
            .event, at: seconds, clock, SampleBatch(),
            FrameExtras(definitions: [SeriesDefinition(id: Self.force, series: series)]))
    }

    /// The names of more series, as their definitions have them.
    mutating func definitions(of names: [String], at seconds: Double) throws -> [UInt8] {
        let definitions = names.enumerated().map { index, name in
            SeriesDefinition(id: SeriesID(rawValue: Self.force.rawValue + 1 + UInt32(index)), series: Series(name))
        }
        return try frame(.event, at: seconds, Clock(), SampleBatch(), FrameExtras(definitions: definitions))
    }

    /// What these series are, numbered from 1 on.
    mutating func define(_ series: [Series], at seconds: Double, _ clock: Clock = Clock()) throws -> [UInt8] {
        let definitions = series.enumerated().map {
            SeriesDefinition(id: SeriesID(rawValue: UInt32($0 + 1)), series: $1)
        }
        return try frame(.event, at: seconds, clock, SampleBatch(), FrameExtras(definitions: definitions))
    }

    /// Values of series by their numbers, each at its second after the boot; the frame is made at the last of them.
    mutating func values(
        _ samples: [(series: UInt32, second: Double, value: Value)], _ clock: Clock = Clock(),
        _ priority: PriorityClass = .metric
    ) throws -> [UInt8] {
        var batch = SampleBatch()
        for sample in samples {
            try batch.append(
                Sample(
                    series: SeriesID(rawValue: sample.series), timestamp: wall(sample.second, clock),
                    value: sample.value))
        }
        return try frame(priority, at: samples.map(\.second).max() ?? 0, clock, batch, FrameExtras())
    }

    mutating func record(_ event: Event, at seconds: Double) throws -> [UInt8] {
        try frame(.event, at: seconds, Clock(), SampleBatch(), FrameExtras(events: [event]))
    }

    /// Forces of 1 N, each taken at its second after the boot; the frame is made at the last one.
    mutating func samples(
        at seconds: [Double], _ clock: Clock = Clock(), value: Double = 1, of series: SeriesID = force
    ) throws -> [UInt8] {
        var batch = SampleBatch()
        for second in seconds {
            try batch.append(Sample(series: series, timestamp: wall(second, clock), value: .double(value)))
        }
        return try frame(.metric, at: seconds.last ?? 0, clock, batch, FrameExtras())
    }

    mutating func start(_ run: String, at seconds: Double, _ clock: Clock = Clock()) throws -> [UInt8] {
        try mark(
            RunEvent(.start, scenario: .named("lifting"), run: .named(run), at: wall(seconds, clock)), seconds, clock)
    }

    mutating func stop(
        _ run: String, at seconds: Double, _ clock: Clock = Clock(), outcome: String = "success"
    ) throws -> [UInt8] {
        try mark(
            RunEvent(.stop, scenario: .named("lifting"), run: .named(run), at: wall(seconds, clock), outcome: outcome),
            seconds, clock)
    }

    /// Records a marker whose time is what it says.
    mutating func mark(_ marker: RunEvent, _ seconds: Double, _ clock: Clock = Clock()) throws -> [UInt8] {
        try frame(.event, at: seconds, clock, SampleBatch(), FrameExtras(events: [marker.event]))
    }

    mutating func declare(_ losses: [LossDeclaration], at seconds: Double) throws -> [UInt8] {
        try frame(.event, at: seconds, Clock(), SampleBatch(), FrameExtras(losses: losses))
    }

    /// A run of ten seconds from `first`, with a sample each second from a second before it to a second after.
    mutating func run(
        _ run: String, at first: Double, clock: (Double) -> Clock = { _ in Clock() }
    ) throws -> [[UInt8]] {
        var frames = [try samples(at: [first - 1], clock(first - 1)), try start(run, at: first, clock(first))]
        for second in 0..<10 {
            let time = first + Double(second)
            frames.append(try samples(at: [time], clock(time)))
        }
        frames.append(try stop(run, at: first + 10, clock(first + 10)))
        frames.append(try samples(at: [first + 11], clock(first + 11)))
        return frames
    }
}

extension Optional {
    /// The value that a test knows to be there.
    func orFail() throws -> Wrapped {
        guard let self else { throw Absent() }
        return self
    }
}

struct Absent: Error {}
