import Mosquitto
import Testing

struct BackoffTests {
    @Test(
        "the ceiling doubles up to the maximum",
        arguments: [(0, 1), (1, 2), (2, 4), (5, 32), (6, 60), (7, 60), (1_000_000, 60)])
    func ceiling(failures: Int, seconds: Int) {
        #expect(Backoff().ceiling(failures: failures) == .seconds(seconds))
    }

    @Test("jitter covers the whole interval, and never goes under the minimum")
    func jitter() {
        func delay(_ random: Double, failures: Int, permanent: Bool = false) -> Duration {
            Backoff(minimum: .seconds(1), base: .seconds(3), maximum: .seconds(60), random: { random })
                .delay(failures: failures, isPermanent: permanent)
        }
        #expect(delay(0, failures: 9) == .seconds(1))
        #expect(delay(0.5, failures: 0) == .seconds(2))
        #expect(delay(1, failures: 2) == .seconds(12))
        #expect(delay(-7, failures: 2) == .seconds(1))
        #expect(delay(0, failures: 0, permanent: true) == .seconds(30))
        #expect(delay(1, failures: 0, permanent: true) == .seconds(60))
    }

    @Test("bounds in the wrong order are put right")
    func bounds() {
        let backoff = Backoff(minimum: .seconds(5), base: .seconds(1), maximum: .seconds(2), random: { 0 })
        #expect(backoff.delay(failures: 3, isPermanent: false) == .seconds(5))
    }
}
