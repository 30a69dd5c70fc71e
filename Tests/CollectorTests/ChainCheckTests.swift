import Frames
import Telemetry
import Testing

@testable import Collector

@Suite("Hash chains")
struct ChainCheckTests {
    /// Frames 1 to 5 of one stream, each with its digest.
    private func chain() throws -> [(header: FrameHeader, digest: FrameDigest)] {
        let id = try #require(Identifier("box-01"))
        var head = StreamHead(
            Stream(site: id, agent: id, install: UUIDBytes(high: 1, low: 2), epoch: 1, priority: .metric))
        var encoder = FrameEncoder()
        return try (1...5).map { number in
            var batch = SampleBatch()
            try batch.append(
                Sample(
                    series: SeriesID(rawValue: 1), timestamp: Timestamp(seconds: Int64(number)),
                    value: .integer(Int64(number))))
            var bytes: [UInt8] = []
            let clock = ClockReading(
                boot: UUIDBytes(high: 3, low: 3), sinceBoot: 0, wall: Timestamp(seconds: 0),
                state: ClockState(isSynchronised: true, maximumError: 1))
            let header = try encoder.encode(batch, FrameExtras(), at: head, clock: clock, into: &bytes)
            let digest = FrameDigest(of: bytes)
            head.advance(past: header, digest: digest)
            return (header, digest)
        }
    }

    @Test(
        "a chain is whole in any order",
        arguments: [[0, 1, 2, 3, 4], [4, 3, 2, 1, 0], [2, 0, 4, 1, 3], [1, 2], [3]])
    func whole(_ order: [Int]) throws {
        let frames = try chain()
        var check = ChainCheck()
        for index in order { check.note(frames[index].header, frames[index].digest) }
        #expect(check.breaks.isEmpty)
    }

    @Test(
        "a frame that was changed is named by the one after it, in any order",
        arguments: [[0, 1, 2, 3, 4], [4, 3, 2, 1, 0]])
    func changed(_ order: [Int]) throws {
        var frames = try chain()
        frames[2].digest = FrameDigest(of: [0])
        var check = ChainCheck()
        for index in order { check.note(frames[index].header, frames[index].digest) }
        #expect(check.breaks.map(\.sequence) == [4])
    }
}
