import Platform
import Telemetry
import Testing

@Suite struct ClockStateTests {
    /// `STA_PLL`, `STA_UNSYNC`, `STA_NANO`; `TIME_OK`, `TIME_INS`, `TIME_ERROR` (linux/timex.h).
    private static let answers: [(result: Int32, status: Int32, error: Int64, expected: ClockState)] = [
        (0, 0x0001, 1500, ClockState(isSynchronised: true, maximumError: 1_500_000)),
        (0, 0x2001, 1500, ClockState(isSynchronised: true, maximumError: 1_500_000)),
        (1, 0x0011, 0, ClockState(isSynchronised: true, maximumError: 0)),
        (5, 0x0040, 16_000_000, ClockState(isSynchronised: false, maximumError: 16_000_000_000)),
        (0, 0x0040, 1500, ClockState(isSynchronised: false, maximumError: 1_500_000)),
        (5, 0x0001, 1500, ClockState(isSynchronised: false, maximumError: 1_500_000)),
        (-1, 0, 0, ClockState(isSynchronised: false, maximumError: .max)),
        (0, 0, .max, ClockState(isSynchronised: true, maximumError: .max)),
        (0, 0, -1, ClockState(isSynchronised: false, maximumError: .max)),
    ]

    @Test("adjtimex says whether the clock is kept, and bounds its error in microseconds", arguments: answers)
    func states(_ answer: (result: Int32, status: Int32, error: Int64, expected: ClockState)) {
        #expect(
            ClockState(result: answer.result, status: answer.status, maximumError: answer.error) == answer.expected)
    }

    @Test("readings of one clock keep one distance to the boot clock")
    func steady() {
        let clock = SystemClock()
        let readings = (0..<50).map { _ in clock.reading }
        #expect(Set(readings.map(\.offset)).count == 1)
        #expect(zip(readings, readings.dropFirst()).allSatisfy { $0.sinceBoot <= $1.sinceBoot })
    }
}
