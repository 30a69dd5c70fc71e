import Checksums
import Frames
import SegmentLog
import StorageSupport
import Telemetry

/// An agent as a collector sees it: the frames of one stream, one after another.
struct Sender {
    private var encoder = FrameEncoder()
    private(set) var head: StreamHead
    private let boot: UUIDBytes?
    /// What its boot clock shows; nil for a second.
    var sinceBoot: Int64?
    /// What its wall clock shows; nil for that of `clock`.
    var wall: Timestamp?

    static let clock = ClockReading(
        boot: UUIDBytes(high: 7, low: 7), sinceBoot: 1_000_000_000, wall: Timestamp(seconds: 1_795_676_400),
        state: ClockState(isSynchronised: true, maximumError: 1000))

    init(
        site: String = "here", agent: String = "box", install: UInt64 = 1, epoch: UInt64 = 1,
        boot: UInt64? = nil, _ priority: PriorityClass = .metric
    ) {
        self.boot = boot.map { UUIDBytes(high: $0, low: $0) }
        head = StreamHead(
            Frames.Stream(
                site: .named(site), agent: .named(agent), install: UUIDBytes(high: install, low: install),
                epoch: epoch, priority: priority))
    }

    var stream: Frames.Stream { head.stream }

    /// The next frame, with samples a second apart.
    mutating func frame(
        samples count: Int = 3, from second: Int64 = 0, _ extras: FrameExtras = FrameExtras()
    ) throws -> [UInt8] {
        var batch = SampleBatch()
        for offset in 0..<Int64(count) {
            let value = Double(head.sequence) * 1000 + Double(offset)
            try batch.append(
                Sample(
                    series: SeriesID(rawValue: 0), timestamp: Timestamp(seconds: second + offset),
                    value: .double(value)))
        }
        var bytes: [UInt8] = []
        var clock = Self.clock
        if let boot { clock.boot = boot }
        if let sinceBoot { clock.sinceBoot = sinceBoot }
        if let wall { clock.wall = wall }
        let header = try encoder.encode(batch, extras, at: head, clock: clock, into: &bytes)
        head.advance(past: header, digest: FrameDigest(of: bytes))
        return bytes
    }

    /// Lets the stream go on where only a liar's would: as if so many samples had been sent.
    mutating func pretend(samples: Int) {
        let header = FrameHeader(
            stream: head.stream, sequence: head.sequence, sampleCount: samples, firstOrdinal: head.firstOrdinal,
            clock: Self.clock, previous: head.previous)
        head.advance(past: header, digest: FrameDigest(of: []))
    }
}

extension [UInt8] {
    /// The frame with its first run of bytes `old` replaced by `new`, and its checksum mended.
    func forged(_ old: [UInt8], _ new: [UInt8]) -> [UInt8]? {
        guard let start = indices.first(where: { self[$0...].starts(with: old) }) else { return nil }
        let covered = Array(self[..<start] + new + self[(start + old.count)...].dropLast(4))
        let checksum = CRC32C.checksum(of: covered.span.bytes)
        return covered + (0..<4).map { UInt8(truncatingIfNeeded: checksum >> UInt32(24 - 8 * $0)) }
    }
}
