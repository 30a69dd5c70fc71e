import Delivery
import Testing

@Suite("What a stream lacks is asked for")
struct HoleWatchTests {
    private static let second: Int64 = 1_000_000_000
    private static let patience = 20 * second

    @Test("not before the hole has stayed as it is for a while, and then with growing pauses")
    func pauses() {
        var watch = HoleWatch<String>()
        watch.note("a", lacks: [3...5], at: 0)
        #expect(watch.due(at: Self.patience - 1).isEmpty)
        var asked: [Int64] = []
        while let now = watch.dueAt {
            let requests = watch.due(at: now)
            #expect(requests.map(\.stream) == ["a"])
            #expect(requests.map(\.ranges) == [[3...5]])
            asked.append(now / Self.second)
        }
        #expect(asked == [20, 60, 140, 300, 620, 1220, 1820, 2420], "and no more, while nobody answers")
    }

    @Test("a hole that fills is given time, and one that is filled is forgotten")
    func filling() {
        var watch = HoleWatch<String>()
        for step in 0..<30 {
            let now = Int64(step) * Self.second
            watch.note("a", lacks: [UInt64(step + 2)...100], at: now)
            #expect(watch.due(at: now).isEmpty)
        }
        #expect(watch.dueAt == 29 * Self.second + Self.patience)
        watch.note("a", lacks: [], at: 30 * Self.second)
        #expect(watch.dueAt == nil)
    }

    @Test("news of the stream that leave the hole as it is do not put off the question")
    func unchanged() {
        var watch = HoleWatch<String>()
        for step in 0..<20 { watch.note("a", lacks: [3...5], at: Int64(step) * Self.second) }
        #expect(watch.dueAt == Self.patience)
    }

    @Test("an agent that comes back is asked again, and only it")
    func heard() {
        var watch = HoleWatch<String>()
        watch.note("a", lacks: [3...5], at: 0)
        watch.note("b", lacks: [1...1], at: 0)
        while let now = watch.dueAt { _ = watch.due(at: now) }
        watch.heard(ofStreams: { $0 == "b" }, at: 5_000 * Self.second)
        let due = watch.due(at: 5_000 * Self.second + Self.patience)
        #expect(due.map(\.stream) == ["b"])
    }

    @Test("a request has no more ranges than a message may")
    func limit() {
        var watch = HoleWatch<String>()
        watch.note("a", lacks: (1...200).map { $0 * 2...$0 * 2 }, at: 0)
        #expect(watch.due(at: Self.patience).map(\.ranges.count) == [Acknowledgement.rangeLimit])
    }
}
