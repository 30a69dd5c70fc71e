import Delivery
import Telemetry
import Testing

@Suite struct SendWindowTests {
    private static let second: Int64 = 1_000_000_000
    private let install = UUIDBytes(high: 1, low: 1)
    private let generation = UUIDBytes(high: 9, low: 9)

    private func window(limit: Int = 3, authority: SendWindow.Authority = .collector, released: UInt64 = 0)
        -> SendWindow
    {
        var window = SendWindow(
            install: install, priority: .metric, released: released, limit: limit, authority: authority,
            timing: .init(first: 10 * Self.second, longest: 40 * Self.second))
        window.connected()
        return window
    }

    private func acknowledgement(through: UInt64, also: [ClosedRange<UInt64>] = [], epoch: UInt64 = 1)
        -> Acknowledgement
    {
        Acknowledgement(
            stream: StreamReference(install: install, epoch: epoch, priority: .metric), through: through, also: also,
            generation: generation)
    }

    /// Sends `count` frames whose position, sequence number and token are the same number.
    private func send(_ numbers: ClosedRange<UInt64>, in window: inout SendWindow, at now: Int64 = 0) {
        for number in numbers {
            window.sent(position: number, epoch: 1, sequence: number, token: number, at: now, jitter: 0)
        }
    }

    @Test("nothing is sent before there is a connection, and no more than the limit after")
    func limit() {
        var unconnected = SendWindow(install: install, priority: .metric, released: 5, limit: 3)
        #expect(unconnected.next(at: 0) == .idle)
        unconnected.connected()
        #expect(unconnected.next(at: 0) == .send(after: 5))
        var window = window()
        send(1...3, in: &window)
        #expect(window.unacknowledged == 3)
        #expect(window.next(at: 0) == .wait(until: 10 * Self.second))
    }

    @Test("only the collector's word releases: the broker's answer does not")
    func brokerAnswerIsNotEnough() {
        var window = window()
        send(1...2, in: &window)
        let answer = window.answered(token: 1, reason: 0, at: 0)
        #expect(answer == .accepted)
        let firstReleased = window.takeReleasable()
        #expect(firstReleased == nil)
        window.acknowledged(acknowledgement(through: 1))
        let secondReleased = window.takeReleasable()
        #expect(secondReleased == 1)
        let thirdReleased = window.takeReleasable()
        #expect(thirdReleased == nil)
        #expect(window.unacknowledged == 1)
    }

    @Test("a box without a collector releases at the broker's answer, and takes no other word")
    func brokerAuthority() {
        var window = window(authority: .broker)
        send(1...2, in: &window)
        window.acknowledged(acknowledgement(through: 2))
        let firstReleased = window.takeReleasable()
        #expect(firstReleased == nil)
        let firstAnswer = window.answered(token: 2, reason: 0x10, at: 0)
        #expect(firstAnswer == .accepted)
        let secondReleased = window.takeReleasable()
        #expect(secondReleased == nil, "frame 1 is still out")
        let secondAnswer = window.answered(token: 1, reason: 0, at: 0)
        #expect(secondAnswer == .accepted)
        let thirdReleased = window.takeReleasable()
        #expect(thirdReleased == 2)
    }

    @Test("a frame acknowledged out of order waits for those before it")
    func outOfOrder() {
        var window = window()
        send(1...3, in: &window)
        window.acknowledged(acknowledgement(through: 0, also: [2...3]))
        let firstReleased = window.takeReleasable()
        #expect(firstReleased == nil)
        #expect(window.unacknowledged == 1)
        #expect(window.next(at: 10 * Self.second) == .resend(position: 1))
        window.acknowledged(acknowledgement(through: 3))
        let secondReleased = window.takeReleasable()
        #expect(secondReleased == 3)
        #expect(window.next(at: 0) == .send(after: 3))
    }

    @Test("acknowledgements of other installs, epochs and classes are not ours")
    func foreignAcknowledgements() {
        var window = window()
        send(1...1, in: &window)
        window.acknowledged(acknowledgement(through: 9, epoch: 2))
        var other = acknowledgement(through: 9)
        other.stream.install = generation
        window.acknowledged(other)
        other = acknowledgement(through: 9)
        other.stream.priority = .event
        window.acknowledged(other)
        let released = window.takeReleasable()
        #expect(released == nil)
    }

    @Test("silence brings a resend, later each time, up to the longest wait")
    func backOff() {
        var window = window(limit: 1)
        var now: Int64 = 0
        send(1...1, in: &window)
        for wait in [10, 20, 40, 40] {
            #expect(window.dueAt == now + Int64(wait) * Self.second)
            now += Int64(wait) * Self.second
            #expect(window.next(at: now - 1) == .wait(until: now))
            #expect(window.next(at: now) == .resend(position: 1))
            send(1...1, in: &window, at: now)
        }
    }

    @Test("jitter spreads resends over half the time-out")
    func jitter() {
        var window = window()
        window.sent(position: 1, epoch: 1, sequence: 1, token: 1, at: 0, jitter: 1)
        #expect(window.dueAt == 15 * Self.second)
    }

    @Test("after a reconnect everything unacknowledged goes again, in order, before anything new")
    func reconnect() {
        var window = window()
        send(1...3, in: &window)
        window.acknowledged(acknowledgement(through: 0, also: [2...2]))
        window.disconnected()
        #expect(window.next(at: 0) == .idle)
        #expect(window.dueAt == nil)
        window.connected()
        #expect(window.next(at: 0) == .resend(position: 1))
        window.sent(position: 1, epoch: 1, sequence: 1, token: 11, at: 0, jitter: 0)
        #expect(window.next(at: 0) == .resend(position: 3))
        let answer = window.answered(token: 1, reason: 0, at: 0)
        #expect(answer == .unexpected, "the token of the old connection")
    }

    @Test("a collector's greeting makes everything unacknowledged due at once")
    func greeting() {
        var window = window(limit: 1)
        send(1...1, in: &window)
        #expect(window.next(at: 0) == .wait(until: 10 * Self.second))
        window.greeted()
        #expect(window.next(at: 0) == .resend(position: 1))
    }

    @Test(
        "a refusal pauses the class, longer each time; only some refusals are for good",
        arguments: [(0x97, false), (0x80, false), (0x87, true), (0x90, true), (0x95, true), (0x99, true)]
            as [(UInt8, Bool)])
    func refusal(reason: UInt8, permanent: Bool) {
        var window = window(limit: 1)
        send(1...1, in: &window)
        let refusal = window.answered(token: 1, reason: reason, at: 0)
        #expect(refusal == .refused(reason: reason, permanent: permanent))
        let released = window.takeReleasable()
        #expect(released == nil)
        #expect(window.next(at: 0) == .wait(until: Self.second))
        #expect(window.next(at: Self.second) == .resend(position: 1))
        window.sent(position: 1, epoch: 1, sequence: 1, token: 2, at: Self.second, jitter: 0)
        let answer = window.answered(token: 2, reason: reason, at: Self.second)
        #expect(answer != .accepted)
        #expect(window.next(at: Self.second) == .wait(until: 3 * Self.second))
    }

    @Test("frames that the log has let go are forgotten")
    func forgotten() {
        var window = window()
        send(1...3, in: &window)
        window.forgot(through: 2)
        #expect(window.unacknowledged == 1)
        window.acknowledged(acknowledgement(through: 3))
        let released = window.takeReleasable()
        #expect(released == 3)
        window.forgot(through: 9)
        #expect(window.next(at: 0) == .send(after: 9))
    }
}
