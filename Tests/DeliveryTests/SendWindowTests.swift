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
        window.connected(durable: 0)
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
            window.sent(
                SendWindow.SentFrame(position: number, epoch: 1, sequence: number), on: .backlog, token: number,
                at: now, jitter: 0)
        }
    }

    @Test("nothing is sent before there is a connection, and no more than the limit after")
    func limit() {
        var unconnected = SendWindow(install: install, priority: .metric, released: 5, limit: 3)
        #expect(unconnected.next(at: 0, durable: 99) == .idle)
        unconnected.connected(durable: 0)
        #expect(unconnected.next(at: 0, durable: 99) == .send(after: 5, .backlog))
        var window = window()
        send(1...3, in: &window)
        #expect(window.unacknowledged == 3)
        #expect(window.next(at: 0, durable: 99) == .wait(until: 10 * Self.second))
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
        #expect(window.next(at: 10 * Self.second, durable: 99) == .resend(position: 1))
        window.acknowledged(acknowledgement(through: 3))
        let secondReleased = window.takeReleasable()
        #expect(secondReleased == 3)
        #expect(window.next(at: 0, durable: 99) == .send(after: 3, .backlog))
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
            #expect(window.next(at: now - 1, durable: 99) == .wait(until: now))
            #expect(window.next(at: now, durable: 99) == .resend(position: 1))
            send(1...1, in: &window, at: now)
        }
    }

    @Test("jitter spreads resends over half the time-out")
    func jitter() {
        var window = window()
        window.sent(
            SendWindow.SentFrame(position: 1, epoch: 1, sequence: 1), on: .backlog, token: 1, at: 0, jitter: 1)
        #expect(window.dueAt == 15 * Self.second)
    }

    @Test("after a reconnect everything unacknowledged goes again, in order, before anything new")
    func reconnect() {
        var window = window()
        send(1...3, in: &window)
        window.acknowledged(acknowledgement(through: 0, also: [2...2]))
        window.disconnected()
        #expect(window.next(at: 0, durable: 99) == .idle)
        #expect(window.dueAt == nil)
        window.connected(durable: 0)
        #expect(window.next(at: 0, durable: 99) == .resend(position: 1))
        window.sent(
            SendWindow.SentFrame(position: 1, epoch: 1, sequence: 1), on: .backlog, token: 11, at: 0, jitter: 0)
        #expect(window.next(at: 0, durable: 99) == .resend(position: 3))
        let answer = window.answered(token: 1, reason: 0, at: 0)
        #expect(answer == .unexpected, "the token of the old connection")
    }

    @Test("a collector's greeting makes everything unacknowledged due at once")
    func greeting() {
        var window = window(limit: 1)
        send(1...1, in: &window)
        #expect(window.next(at: 0, durable: 99) == .wait(until: 10 * Self.second))
        window.greeted()
        #expect(window.next(at: 0, durable: 99) == .resend(position: 1))
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
        #expect(window.next(at: 0, durable: 99) == .wait(until: Self.second))
        #expect(window.next(at: Self.second, durable: 99) == .resend(position: 1))
        window.sent(
            SendWindow.SentFrame(position: 1, epoch: 1, sequence: 1), on: .backlog, token: 2, at: Self.second, jitter: 0
        )
        let answer = window.answered(token: 2, reason: reason, at: Self.second)
        #expect(answer != .accepted)
        #expect(window.next(at: Self.second, durable: 99) == .wait(until: 3 * Self.second))
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
        #expect(window.next(at: 0, durable: 99) == .send(after: 9, .backlog))
    }

    /// A window over an outage of `count` frames, connected now.
    private func afterOutage(_ count: UInt64, limit: Int = 8) -> SendWindow {
        var window = SendWindow(install: install, priority: .metric, released: 0, limit: limit)
        window.connected(durable: count)
        return window
    }

    /// Sends what the window asks for, as a log without holes would give it, and tells on which course.
    private func sendNext(_ window: inout SendWindow, durable: UInt64) -> (UInt64, SendWindow.Course)? {
        guard case .send(let after, let course) = window.next(at: 0, durable: durable) else { return nil }
        let position = after + 1
        if course == .backlog, window.wentAhead(position) { return sendNext(&window, durable: durable) }
        window.sent(
            SendWindow.SentFrame(position: position, epoch: 1, sequence: position), on: course, token: position, at: 0,
            jitter: 0)
        return (position, course)
    }

    @Test("a frame stored after an outage goes at once, beside the backlog, with a quarter of the window")
    func liveFirst() {
        var window = afterOutage(100)
        let first = sendNext(&window, durable: 100)
        #expect(first?.0 == 1 && first?.1 == .backlog)
        var sent: [UInt64] = []
        while let next = sendNext(&window, durable: 105) { sent.append(next.0) }
        #expect(sent == [101, 102, 2, 3, 4, 5, 6])
        window.acknowledged(acknowledgement(through: 0, also: [101...101]))
        let next = sendNext(&window, durable: 105)
        #expect(next?.0 == 103 && next?.1 == .live)
    }

    @Test("live frames that are safe release nothing before the backlog is")
    func liveReleasesNothing() {
        var window = afterOutage(20)
        _ = sendNext(&window, durable: 21)
        window.acknowledged(acknowledgement(through: 0, also: [21...21]))
        let early = window.takeReleasable()
        #expect(early == nil)
        _ = sendNext(&window, durable: 21)
        window.acknowledged(acknowledgement(through: 1, also: [21...21]))
        let late = window.takeReleasable()
        #expect(late == 1)
    }

    @Test("the backlog passes over what went ahead, and both courses become one")
    func coursesMeet() {
        var window = afterOutage(12, limit: 4)
        var durable: UInt64 = 12
        var sent: [UInt64] = []
        while sent.count < 30 {
            durable = min(durable + 1, 30)
            guard let next = sendNext(&window, durable: durable) else { break }
            sent.append(next.0)
            window.acknowledged(acknowledgement(through: 0, also: [next.0...next.0]))
        }
        #expect(sent.sorted() == Array(1...30), "each once")
        #expect(sent != Array(1...30))
        let released = window.takeReleasable()
        #expect(released == 30)
        #expect(window.next(at: 0, durable: 31) == .send(after: 30, .backlog))
    }

    @Test("a second outage in the middle of the first backlog: the latest frames go first again, and none twice")
    func secondOutage() {
        var window = afterOutage(50, limit: 4)
        var sent: [UInt64] = []
        func drain(_ steps: Int, _ durable: UInt64) {
            for _ in 0..<steps {
                guard let next = sendNext(&window, durable: durable) else { return }
                sent.append(next.0)
                window.acknowledged(acknowledgement(through: 0, also: [next.0...next.0]))
            }
        }
        drain(10, 55)
        window.disconnected()
        window.connected(durable: 80)
        drain(1, 81)
        #expect(sent.last == 81)
        drain(200, 81)
        #expect(sent.sorted() == Array(1...81))
        let released = window.takeReleasable()
        #expect(released == 81)
    }

    @Test("damage on either course is passed, and released in its turn")
    func damageOnBothCourses() {
        var window = afterOutage(20, limit: 8)
        window.gaveUp(21...22, on: .live)
        #expect(window.next(at: 0, durable: 23) == .send(after: 22, .live))
        window.gaveUp(1...20, on: .backlog)
        #expect(window.next(at: 0, durable: 23) == .send(after: 22, .backlog), "the courses have met")
        let released = window.takeReleasable()
        #expect(released == 22)
    }

    /// The frames that it sends now, by position; nothing is answered.
    private func sends(_ window: inout SendWindow, durable: UInt64) -> [UInt64] {
        var sent: [UInt64] = []
        while sent.count < 1000 {
            switch window.next(at: 0, durable: durable) {
            case .send(let after, let course):
                sent.append(after + 1)
                window.sent(
                    SendWindow.SentFrame(position: after + 1, epoch: 1, sequence: after + 1), on: course,
                    token: after + 1, at: 0, jitter: 0)
            case .resend(let position):
                sent.append(position)
                window.sent(
                    SendWindow.SentFrame(position: position, epoch: 1, sequence: position), on: nil, token: position,
                    at: 0, jitter: 0)
            case .wait, .idle: return sent
            }
        }
        return sent
    }

    @Test("what the collector asks for and is under way goes again now, and nothing else")
    func asked() {
        var window = window(limit: 8)
        #expect(sends(&window, durable: 5) == [1, 2, 3, 4, 5])
        window.asked(for: [2...3], of: 2)
        #expect(sends(&window, durable: 5).isEmpty, "of another epoch")
        window.asked(for: [2...3, 9...99], of: 1)
        #expect(sends(&window, durable: 5) == [2, 3])
    }

    @Test("a collector that asks for what it had has lost it: everything that is held goes again")
    func askedForKept() {
        var window = window(limit: 8)
        #expect(sends(&window, durable: 5) == [1, 2, 3, 4, 5])
        window.acknowledged(acknowledgement(through: 1, also: [3...4]))
        #expect(window.takeReleasable() == 1)
        window.asked(for: [5...5], of: 1)
        #expect(sends(&window, durable: 5) == [5])
        window.asked(for: [3...3], of: 1)
        #expect(sends(&window, durable: 5) == [2, 3, 4, 5])
    }

    @Test("another life of the archive that lacks what the former had gets everything that is held")
    func generations() {
        func word(_ life: UInt64, through: UInt64, also: [ClosedRange<UInt64>] = []) -> Acknowledgement {
            var word = acknowledgement(through: through, also: also)
            word.generation = UUIDBytes(high: 0, low: life)
            return word
        }
        var window = window(limit: 8)
        _ = sends(&window, durable: 6)
        window.acknowledged(word(1, through: 1, also: [3...4]))
        #expect(window.takeReleasable() == 1)
        window.acknowledged(word(2, through: 1, also: [3...4]))
        #expect(sends(&window, durable: 6).isEmpty, "it has what it had")
        window.acknowledged(word(2, through: 1, also: [3...3]))
        #expect(sends(&window, durable: 6).isEmpty, "the same life: an older word that came late")
        window.acknowledged(word(3, through: 1, also: [3...3]))
        #expect(sends(&window, durable: 6) == [2, 3, 4, 5, 6])
        window.acknowledged(word(3, through: 6))
        #expect(window.takeReleasable() == 6)
    }

    @Test("a list that is full may have left out what lies behind it")
    func fullList() {
        var window = window(limit: 300)
        _ = sends(&window, durable: 300)
        let even = (1...150).map { UInt64($0 * 2)...UInt64($0 * 2) }
        for life in 1...2 {
            for part in [even[..<64], even[64..<128]] where life == 1 || part.startIndex == 0 {
                var word = acknowledgement(through: 0, also: Array(part))
                word.generation = UUIDBytes(high: 0, low: UInt64(life))
                window.acknowledged(word)
            }
        }
        #expect(sends(&window, durable: 300).isEmpty)
    }
}
