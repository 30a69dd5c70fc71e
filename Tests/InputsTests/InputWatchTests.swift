import Inputs
import Logging
import Testing

@Suite("A watch over an input")
struct InputWatchTests {
    private static let second: Int64 = 1_000_000_000

    @Test("counts what the input gives, and when it gave it last")
    func counts() {
        let watch = InputWatch()
        #expect(watch.lastDelivery == nil)
        watch.gave(samples: 3, at: 5)
        watch.gave(samples: 0, events: 1, at: 9)
        #expect(watch.samples == 3)
        #expect(watch.events == 1)
        #expect(watch.lastDelivery == 9)
    }

    @Test("knows an input that is late from one that promised nothing, and from one that is known to be away")
    func standings() {
        let watch = InputWatch()
        watch.begins()
        let far = 1_000_000 * Self.second
        #expect(watch.standing(at: far) == .well, "who waits for others is never late")
        watch.comesRound(in: Self.second, every: Self.second, at: 10 * Self.second)
        let due = 12 * Self.second + InputWatch.grace
        #expect(watch.standing(at: due) == .well)
        #expect(watch.standing(at: due + 7) == .overdue(7))
        var source = SourceState("tcp://10.0.0.9:502", logger: Logger(label: "x"), watch: watch)
        _ = source.failed("no answer")
        #expect(watch.standing(at: due + 7) == .away("tcp://10.0.0.9:502: no answer"))
        source.answered()
        #expect(watch.standing(at: due + 7) == .overdue(7))
        watch.fails("the address is taken")
        #expect(watch.standing(at: due + 7) == .away("the address is taken"))
        watch.begins()
        #expect(watch.standing(at: due + 7) == .well)
        #expect(watch.failures == 2)
        #expect(watch.starts == 2)
    }

    @Test("has each source once, with its last word")
    func sources() {
        let watch = InputWatch()
        var one = SourceState("one", logger: Logger(label: "x"), watch: watch)
        var two = SourceState("two", logger: Logger(label: "x"), watch: watch)
        one.answered()
        _ = two.failed("a")
        _ = two.failed("b")
        #expect(
            watch.sources == [.init(name: "one", isUp: true, reason: ""), .init(name: "two", isUp: false, reason: "b")])
        #expect(watch.failures == 2)
    }

    @Test("is told by a ticker that the input comes round")
    func ticker() throws {
        let watch = InputWatch()
        let stop = try #require(Waker())
        var ticker = Ticker(every: 3600 * Self.second, watch: watch)
        #expect(ticker.next(until: stop) != nil)
        #expect(watch.keepsTime)
    }
}
