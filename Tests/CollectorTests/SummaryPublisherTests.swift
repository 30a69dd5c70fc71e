import StorageSupport
import Telemetry
import Testing

@testable import Collector

@Suite("When a summary goes out")
struct SummaryPublisherTests {
    private static let second: Int64 = 1_000_000_000
    private let scenario = Identifier.named("demo")
    private var publisher = SummaryPublisher()

    @Test(
        "five seconds after the last one when runs have changed, a minute after it when only data have",
        arguments: [(RunBook.News.runs, 5), (.data, 60)] as [(RunBook.News, Int64)])
    mutating func pauses(news: RunBook.News, seconds: Int64) {
        let start = 100 * Self.second
        #expect(publisher.isDue(scenario, news, at: start) == true, "the first goes at once")
        publisher.published(scenario, at: start)
        let due = start + seconds * Self.second
        #expect(publisher.isDue(scenario, news, at: due - 1) == false)
        #expect(publisher.dueAt == due, "and the engine knows when to wake")
        #expect(publisher.isDue(scenario, news, at: due) == true)
        #expect(publisher.dueAt == nil)
    }

    @Test("never without news, and then nobody is woken")
    mutating func noNews() {
        publisher.published(scenario, at: 0)
        _ = publisher.isDue(scenario, .data, at: 1)
        #expect(publisher.isDue(scenario, .none, at: 1000 * Self.second) == false)
        #expect(publisher.dueAt == nil)
    }

    @Test("each scenario in its own time; a new connection begins anew")
    mutating func several() {
        publisher.published(scenario, at: 0)
        #expect(publisher.isDue(.named("other"), .runs, at: 1) == true)
        publisher.published(.named("other"), at: 2 * Self.second)
        #expect(publisher.isDue(scenario, .runs, at: 3 * Self.second) == false)
        #expect(publisher.isDue(.named("other"), .runs, at: 3 * Self.second) == false)
        #expect(publisher.dueAt == 5 * Self.second)
        publisher.forget()
        #expect(publisher.isDue(scenario, .runs, at: 3 * Self.second) == true)
    }
}
