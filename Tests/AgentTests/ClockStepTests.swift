import Frames
import Telemetry
import Testing

@testable import Agent

@Suite("No frame holds times of two clocks")
struct ClockStepTests {
    private func reading(_ sinceBoot: Int64, wall: Int64, synchronised: Bool) -> ClockReading {
        ClockReading(
            boot: UUIDBytes(high: 1, low: 1), sinceBoot: sinceBoot * 1_000_000_000, wall: Timestamp(seconds: wall),
            state: ClockState(isSynchronised: synchronised, maximumError: 5))
    }

    private func harvest(_ times: [Int64]) throws -> SampleIntake.Harvest {
        var batch = SampleBatch()
        for time in times {
            try batch.append(
                Sample(series: SeriesID(rawValue: 0), timestamp: Timestamp(seconds: time), value: .integer(time)))
        }
        var harvest = SampleIntake.Harvest()
        harvest.batches = [(.metric, batch, nil)]
        harvest.events = times.map { Event("e", at: Timestamp(seconds: $0)) }
        return harvest
    }

    private func times(_ batch: SampleBatch) -> [Int64] {
        var times: [Int64] = []
        batch.forEach { times.append($0.timestamp.nanoseconds / 1_000_000_000) }
        return times
    }

    @Test(
        "a step parts a harvest, and what came before it keeps the clock that timed it",
        arguments: [2_000_000_000, 50, 1010] as [Int64])
    func parted(_ wall: Int64) throws {
        var harvest = try harvest([999, 1000, wall - 1, wall])
        harvest.split(
            from: reading(100, wall: 999, synchronised: false), to: reading(102, wall: wall, synchronised: true))
        #expect(harvest.batches.map { times($0.batch) } == [[999, 1000], [wall - 1, wall]])
        #expect(harvest.batches[0].clock == reading(102, wall: 1001, synchronised: false))
        #expect(harvest.batches[1].clock == nil)
        #expect(harvest.earlierEvents.map(\.event.timestamp.seconds) == [999, 1000])
        #expect(harvest.events.map(\.timestamp.seconds) == [Double(wall - 1), Double(wall)])
        #expect(!harvest.isEmpty)
    }

    @Test("what one clock timed stays whole")
    func whole() throws {
        var early = try harvest([999, 1000])
        early.split(
            from: reading(100, wall: 999, synchronised: false), to: reading(102, wall: 5000, synchronised: true))
        #expect(early.batches.count == 1 && early.batches[0].clock?.wall == Timestamp(seconds: 1001))
        var late = try harvest([4999, 5000])
        late.split(from: reading(100, wall: 999, synchronised: false), to: reading(102, wall: 5000, synchronised: true))
        #expect(late.batches.count == 1 && late.batches[0].clock == nil && late.earlierEvents.isEmpty)
    }

    @Test("a frame is stored with the clock that timed it")
    func stored() throws {
        let box = Box()
        var spool = try box.open()
        let clock = reading(3, wall: 5, synchronised: false)
        #expect(try spool.store(SampleBatch(), as: .metric, clock: clock).clock == clock)
        #expect(try spool.store(SampleBatch(), as: .metric).clock == box.clock.reading)
    }
}
