import Telemetry
import Testing

@Suite("The clock of a boot")
struct BootClockTests {
    private static let second: Int64 = 1_000_000_000

    private func reading(_ sinceBoot: Int64, wall: Int64, synchronised: Bool, error: Int64 = 1000) -> ClockReading {
        ClockReading(
            boot: UUIDBytes(high: 1, low: 1), sinceBoot: sinceBoot * Self.second, wall: Timestamp(seconds: wall),
            state: ClockState(isSynchronised: synchronised, maximumError: error))
    }

    private func clock(_ readings: [ClockReading]) throws -> BootClock {
        var clock = BootClock(try #require(readings.first))
        for reading in readings { clock.note(reading) }
        return clock
    }

    @Test("an unsynchronised reading moves by the difference of the offsets; a synchronised one stays")
    func correction() throws {
        let (early, right, later) = (
            reading(10, wall: 15, synchronised: false), reading(40, wall: 1_000_040, synchronised: true),
            reading(50, wall: 1_000_060, synchronised: true, error: 7)
        )
        let clock = try clock([later, early, right])
        #expect(clock.anchor?.offset == 1_000_000 * Self.second)
        // 15 s by the wrong clock is 10 s after the boot; 30 s from the anchor, at 500 µs a second.
        #expect(
            clock.placement(of: early)
                == Placement(correction: 999_995 * Self.second, isTimeKnown: true, error: 1000 + 15_000_000))
        #expect(clock.placement(of: later) == Placement(correction: 0, isTimeKnown: true, error: 7))
    }

    @Test("without a synchronised reading times are laid on the boot clock and stay unknown")
    func unknown() throws {
        let (early, stepped) = (
            reading(10, wall: 15, synchronised: false), reading(20, wall: 7000, synchronised: false)
        )
        let clock = try clock([stepped, early])
        #expect(!clock.isTimeKnown)
        #expect(clock.placement(of: early) == Placement(correction: 0, isTimeKnown: false, error: nil))
        #expect(clock.placement(of: stepped).correction == -6975 * Self.second)
    }

    @Test("the record is the same in whatever order readings are noted")
    func order() throws {
        var readings: [ClockReading] = []
        for index: Int64 in 0..<40 {
            let wall = index % 7 * 1000
            readings.append(reading(index, wall: wall, synchronised: index % 3 == 1, error: index % 5))
        }
        let expected = try clock(readings)
        for _ in 0..<20 {
            readings.shuffle()
            #expect(try clock(readings + readings.prefix(5)) == expected)
        }
    }

    @Test("two records of one boot give together what one record of all their readings gives", arguments: 1..<12)
    func joining(count: Int) throws {
        let readings = (0..<12 as Range<Int64>).map {
            reading(($0 * 5) % 12, wall: 1000 * ($0 % 4), synchronised: $0 % 3 == 2, error: $0)
        }
        let whole = try clock(readings)
        var first = try clock(Array(readings.prefix(count)))
        var second = try clock(Array(readings.dropFirst(count)))
        let other = first
        first.join(second)
        second.join(other)
        #expect(first == whole && second == whole)
        first.join(first)
        #expect(first == whole)
    }

    @Test("times at the ends of what can be told saturate")
    func extremes() throws {
        let wild = ClockReading(
            boot: UUIDBytes(high: 0, low: 0), sinceBoot: .min, wall: Timestamp(nanoseconds: .max),
            state: ClockState(isSynchronised: false, maximumError: .max))
        let right = reading(1, wall: 2, synchronised: true, error: .max)
        #expect(try clock([wild, right]).placement(of: wild).error == .max)
    }

    @Test("a kernel without a boot id is kept apart by the agent's starts")
    func withoutBootID() throws {
        let site = try #require(Identifier("lab"))
        func key(_ boot: UInt64, _ epoch: UInt64) -> BootKey {
            BootKey(
                site: site, agent: site, install: UUIDBytes(high: 1, low: 1), boot: UUIDBytes(high: boot, low: 0),
                epoch: epoch)
        }
        #expect(key(0, 1) != key(0, 2))
        #expect(key(3, 1) == key(3, 2))
    }

    @Test("the noise of reading is taken out, a step is not")
    func steady() {
        var steady = SteadyOffset()
        func wall(_ sinceBoot: Int64, _ offset: Int64) -> Int64 {
            let reading = ClockReading(
                boot: UUIDBytes(high: 1, low: 1), sinceBoot: sinceBoot,
                wall: Timestamp(nanoseconds: sinceBoot + offset),
                state: ClockState(isSynchronised: true, maximumError: 1))
            return steady.steadied(reading).offset
        }
        #expect(wall(1, 500) == 500)
        #expect(wall(2, 40_000) == 500)
        #expect(wall(3, -900_000) == 500)
        #expect(wall(4, 2_000_000) == 2_000_000)
        #expect(wall(5, 1_500_000) == 2_000_000)
    }
}
