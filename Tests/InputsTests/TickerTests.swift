import Glibc
import Synchronization
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

    @Test("a ticker does not run ahead, and ends when its task does")
    func ticker() async {
        let task = Task { () -> [Int64] in
            var ticker = Ticker(every: 5_000_000)
            var scheduled: [Int64] = []
            while let tick = await ticker.next() {
                scheduled.append(tick.scheduled)
                if scheduled.count == 3 { withUnsafeCurrentTask { $0?.cancel() } }
            }
            return scheduled
        }
        let scheduled = await task.value
        #expect(scheduled.count == 3)
        #expect(scheduled.first == 0)
        #expect(scheduled.allSatisfy { $0 % 5_000_000 == 0 })
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

    private final class Flag: Sendable {
        let isSet = Mutex(false)
    }

    @Test("work on a thread of its own sees the cancellation and gives its error back")
    func thread() async {
        let running = Flag()
        let task = Task { () -> InputError? in
            do throws(InputError) {
                try await runOnThread(named: "a name that is too long", input: "x") { waker throws(InputError) in
                    running.isSet.withLock { $0 = true }
                    var polled = pollfd(fd: waker.descriptor, events: Int16(POLLIN), revents: 0)
                    poll(&polled, 1, 10_000)
                    throw InputError(polled.revents == 0 ? .system : .absent, input: "x", "woken")
                }
                return nil
            } catch {
                return error
            }
        }
        #expect(await eventually { running.isSet.withLock { $0 } })
        task.cancel()
        #expect(await task.value?.code == .absent)
    }
}
