import Foundation
import Platform
import Telemetry
import Testing

@Suite("The clocks of this machine")
struct SystemClockTests {
    private let clock = SystemClock()

    @Test("they go forward, and time asleep is never less than time awake")
    func forward() {
        let first = clock.reading
        let monotonic = clock.monotonic
        let second = clock.reading
        #expect(second.sinceBoot >= first.sinceBoot)
        #expect(clock.monotonic >= monotonic)
        #expect(clock.reading.sinceBoot >= monotonic)
    }

    @Test("the wall clock is that of everybody else on the machine")
    func wall() {
        let before = Date().timeIntervalSince1970
        let now = clock.now.seconds
        let after = Date().timeIntervalSince1970
        #expect(before - 0.001 <= now && now <= after + 0.001)
    }

    @Test("the boot has the name that the kernel gives it, the same for every clock")
    func boot() throws {
        let text = try String(contentsOfFile: "/proc/sys/kernel/random/boot_id", encoding: .utf8)
        let name = text.trimmingCharacters(in: .whitespacesAndNewlines)
        #expect(clock.boot == UUIDBytes(hexadecimal: name))
        #expect(SystemClock().boot == clock.boot)
        #expect(clock.reading.boot == clock.boot)
    }

    @Test("the bound on the clock's error is one")
    func state() {
        #expect(clock.reading.state.maximumError >= 0)
    }

    @Test("drawn names differ")
    func random() {
        #expect(Set((0..<1000).map { _ in UUIDBytes.random() }).count == 1000)
    }
}
