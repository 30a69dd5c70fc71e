import Telemetry
import Testing

@testable import Inputs

@Suite("Cadence")
struct TickerTests {
    @Test("ticks stay on their grid, and those that were missed are counted, not caught up")
    func schedule() {
        var schedule = TickSchedule(every: 10, first: 100)
        let expected: [(now: Int64, tick: Tick?)] = [
            (99, nil), (100, Tick(scheduled: 100, skipped: 0)), (100, nil), (113, Tick(scheduled: 110, skipped: 0)),
            (119, nil), (120, Tick(scheduled: 120, skipped: 0)), (155, Tick(scheduled: 150, skipped: 2)), (159, nil),
            (160, Tick(scheduled: 160, skipped: 0)),
        ]
        for (now, tick) in expected { #expect(schedule.take(at: now) == tick, "at \(now)") }
    }

    @Test("a ticker does not run ahead, and ends when it is told to")
    func ticker() throws {
        let stop = try #require(Waker())
        var ticker = Ticker(every: 5_000_000)
        var scheduled: [Int64] = []
        let start = ContinuousClock.now
        while let tick = ticker.next(until: stop) {
            scheduled.append(tick.scheduled)
            if scheduled.count == 3 { stop.wake() }
        }
        #expect(scheduled.count == 3)
        #expect(scheduled.first == 0)
        #expect(scheduled.allSatisfy { $0 % 5_000_000 == 0 })
        #expect(ContinuousClock.now - start >= .nanoseconds(scheduled.last ?? 0))
    }

    @Test("the first tick comes even to an input that is told to end before it began")
    func firstTick() throws {
        let stop = try #require(Waker())
        stop.wake()
        var ticker = Ticker(every: 3_600_000_000_000)
        #expect(ticker.next(until: stop) == Tick(scheduled: 0, skipped: 0))
        #expect(ticker.next(until: stop) == nil)
    }

    @Test("an input whose readings take longer than its interval ends all the same")
    func alwaysDue() throws {
        struct SlowReader: HostReader {
            let stop: Waker
            let count: Counter
            func read(_ pass: inout HostPass) -> Bool {
                count.value += 1
                if count.value == 3 { stop.wake() }
                // Nothing else would end it.
                precondition(count.value < 100, "it goes on")
                return true
            }
        }
        final class Counter { var value = 0 }
        let (stop, count, sink) = (try #require(Waker()), Counter(), RecordingSink())
        // At every look a tick is due.
        PolledSensors(every: 1, priority: .metric, source: "x", advice: "y", environment: .test())
            .run(SlowReader(stop: stop, count: count), device: nil, into: sink, until: stop)
        #expect(count.value == 3)
        #expect((sink.rejected["skipped tick"] ?? 0) > 0)
    }

    @Test("a log line in ten seconds comes through, and says how many did not")
    func throttle() {
        var throttle = LogThrottle(burst: 2, interval: 10, now: 0)
        #expect((0..<5).map { _ in throttle.admit(at: 0) } == [0, 0, nil, nil, nil])
        #expect(throttle.admit(at: 9) == nil)
        #expect(throttle.admit(at: 10) == 4)
        #expect(throttle.admit(at: 11) == nil)
        #expect((0..<3).map { _ in throttle.admit(at: 1000) } == [1, 0, nil])
    }

    @Test("a wake is seen by all who wait, also by those who come later, and a wait without one ends by itself")
    func waker() async throws {
        let waker = try #require(Waker())
        #expect(!waker.isWoken)
        let start = ContinuousClock.now
        #expect(!waker.wait(nanoseconds: 10_000_001))
        #expect(ContinuousClock.now - start >= .nanoseconds(10_000_001))
        #expect(!waker.wait(nanoseconds: .min))
        let waiting = try (0..<3).map { _ in
            try RunningInput { _ throws(InputError) in
                guard waker.wait(nanoseconds: .max) else { throw InputError(.system, input: "x", "not woken") }
            }
        }
        waker.wake()
        for one in waiting { #expect(await one.end() == nil) }
        #expect(waker.isWoken)
        #expect(waker.wait(nanoseconds: .max))
    }
}
