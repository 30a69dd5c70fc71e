import Platform
import Synchronization
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

    @Test("what must leave places free is refused before the box is full, and keeps nothing else out")
    func reserve() {
        let box = Mailbox<Int>(capacity: 4)
        #expect(box.post(1, leavingFree: 2) && box.post(2, leavingFree: 2))
        #expect(!box.post(3, leavingFree: 2))
        #expect(box.post(4) && box.post(5))
        #expect(!box.post(6))
        var taken: [Int] = []
        box.take(into: &taken, until: nil)
        #expect(taken == [1, 2, 4, 5])
    }

    @Test("who waits until a time that is none, or long past, does not wait", arguments: [Int64.min, -1, 0])
    func past(deadline: Int64) {
        let box = Mailbox<Int>(capacity: 1)
        var taken: [Int] = []
        box.take(into: &taken, until: deadline)
        #expect(taken.isEmpty)
        #expect(box.post(1))
    }

    @Test("a box of no size has room for one", arguments: [0, -1])
    func smallest(capacity: Int) {
        let box = Mailbox<Int>(capacity: capacity)
        #expect(box.post(1))
        #expect(!box.post(2))
    }

    @Test("what was taken stands behind what its owner had already")
    func appends() {
        let box = Mailbox<Int>(capacity: 4)
        _ = box.post(3)
        var taken = [1, 2]
        box.take(into: &taken, until: nil)
        #expect(taken == [1, 2, 3])
    }

    @Test("a full box takes what somebody insists on")
    func insisting() {
        let box = Mailbox<Int>(capacity: 1)
        #expect(box.post(1))
        box.insist(2)
        var taken: [Int] = []
        box.take(into: &taken, until: clock.monotonic)
        #expect(taken == [1, 2])
    }

    @Test("a closed box gives back what is in it and takes nothing more, so that nobody waits for an answer in vain")
    func closing() {
        let box = Mailbox<Int>(capacity: 2)
        #expect(box.post(1))
        #expect(box.close() == [1])
        #expect(!box.post(2))
        box.insist(3)
        #expect(box.close().isEmpty)
    }

    @Test("an empty box gives up at the deadline, and at once when that has passed or somebody wakes it")
    func waiting() {
        let box = Mailbox<Int>(capacity: 2)
        var taken: [Int] = []
        let start = clock.monotonic
        box.take(into: &taken, until: start + 20_000_000)
        #expect(clock.monotonic >= start + 20_000_000)
        box.take(into: &taken, until: 0)
        box.take(into: &taken, until: clock.monotonic - 1)
        box.wake()
        box.take(into: &taken, until: nil)
        #expect(taken.isEmpty)
    }

    @Test("many wakes are one, and are forgotten once the owner has looked")
    func wakes() {
        let box = Mailbox<Int>(capacity: 2)
        for _ in 0..<5 { box.wake() }
        var taken: [Int] = []
        box.take(into: &taken, until: nil)
        let start = clock.monotonic
        box.take(into: &taken, until: start + 10_000_000)
        #expect(clock.monotonic >= start + 10_000_000)
    }

    /// The owner's every wait is without end: a wake or post that got lost would hang the test, and its time limit end it.
    @Test("no post and no wake is missed by an owner that waits without end", .timeLimit(.minutes(1)))
    func noneMissed() throws {
        let requests = Mailbox<Int>(capacity: 1)
        let answers = Mailbox<Int>(capacity: 1)
        let owner = try OwnThread("owner") {
            var taken: [Int] = []
            while taken.last != 2000 {
                let known = taken.count
                requests.take(into: &taken, until: nil)
                if taken.count > known { _ = answers.post(taken.count) } else { _ = answers.post(-1) }
            }
        }
        for number in 1...2000 {
            if number % 3 == 0 {
                requests.wake()
                var answer: [Int] = []
                answers.take(into: &answer, until: nil)
                #expect(answer == [-1])
            }
            #expect(requests.post(number))
            var answer: [Int] = []
            answers.take(into: &answer, until: nil)
            #expect(answer == [number])
        }
        owner.join()
    }
}
