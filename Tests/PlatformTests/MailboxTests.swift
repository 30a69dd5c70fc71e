import Platform
import Telemetry
import Testing

@Suite struct MailboxTests {
    private let clock = SystemClock()

    @Test("what is posted from many threads arrives once, in order per sender")
    func delivery() throws {
        let box = Mailbox<(sender: Int, number: Int)>(capacity: 100_000)
        let senders = try (0..<4).map { sender in
            try OwnThread("sender") { for number in 0..<1000 { _ = box.post((sender, number)) } }
        }
        var received: [(sender: Int, number: Int)] = []
        let deadline = clock.monotonic + 20_000_000_000
        while received.count < 4000, clock.monotonic < deadline { box.take(into: &received, until: deadline) }
        senders.forEach { $0.join() }
        for sender in 0..<4 {
            #expect(received.filter { $0.sender == sender }.map(\.number) == Array(0..<1000))
        }
    }

    @Test("a full box refuses and keeps what it has")
    func full() {
        let box = Mailbox<Int>(capacity: 2)
        #expect(box.post(1) && box.post(2))
        #expect(!box.post(3))
        var taken: [Int] = []
        box.take(into: &taken, until: clock.monotonic)
        #expect(taken == [1, 2])
        #expect(box.post(4))
    }

    @Test("an empty box gives up at the deadline, and at once when woken")
    func waiting() {
        let box = Mailbox<Int>(capacity: 2)
        var taken: [Int] = []
        let start = clock.monotonic
        box.take(into: &taken, until: start + 20_000_000)
        #expect(clock.monotonic >= start + 20_000_000)
        box.wake()
        box.take(into: &taken, until: nil)
        #expect(taken.isEmpty)
    }
}

@Suite struct SystemClockTests {
    @Test("the clocks go forward, and this boot has a name")
    func forward() {
        let clock = SystemClock()
        let first = clock.reading
        let second = clock.reading
        #expect(second.sinceBoot >= first.sinceBoot)
        #expect(second.boot == first.boot)
        #expect(first.boot.description != String(repeating: "0", count: 32))
        #expect(first.state.maximumError >= 0)
    }
}
