import StorageSupport
import Telemetry
import Testing

@testable import Collector

@Suite("Which agents are heard")
struct AgentWatchTests {
    enum Step {
        case connect, disconnect, frame, online, kept, offline
        /// It sent frames in an earlier life of the collector, so many seconds before this one.
        case recalled(Int64)
    }

    private static let agent = AgentWatch.Agent(site: .named("hall"), agent: .named("box-01"))
    private static let start = Timestamp(seconds: 1_795_334_400)

    private static func wall(_ second: Int64) -> Timestamp { start.advanced(byNanoseconds: second * 1_000_000_000) }

    /// Steps with the second of each, then a second, and what is known then; patience is a minute.
    @Test(
        "follows from connections, frames and what the status says",
        arguments: [
            ("a frame a minute ago", [(0, .connect), (10, .frame)], 69, .heard),
            ("a frame more than a minute ago", [(0, .connect), (10, .frame)], 70, .silent(wall(10))),
            ("its last will", [(0, .connect), (10, .frame), (20, .offline)], 25, .silent(wall(10))),
            ("its last will, just now", [(0, .connect), (10, .frame), (20, .offline)], 24, .unknown),
            ("back at once", [(0, .connect), (10, .frame), (20, .offline), (22, .online)], 30, .heard),
            ("a frame after its last will", [(0, .connect), (20, .offline), (22, .frame)], 30, .heard),
            (
                "it is kept as online, and says nothing", [(0, .recalled(9)), (0, .connect), (0, .kept)], 60,
                .silent(wall(-9))
            ),
            ("it is kept as online since a moment", [(0, .recalled(9)), (0, .connect), (0, .kept)], 59, .unknown),
            ("nobody could have heard it", [(0, .connect), (10, .frame), (20, .disconnect)], 999, .unknown),
            (
                "the connection came back a moment ago",
                [(0, .connect), (10, .frame), (20, .disconnect), (90, .connect)], 149, .unknown
            ),
            (
                "the connection came back a minute ago",
                [(0, .connect), (10, .frame), (20, .disconnect), (90, .connect)], 150, .silent(wall(10))
            ),
            ("out of service", [(0, .recalled(86_401)), (0, .connect)], 90, .gone),
            ("away for nearly a day", [(0, .recalled(86_000)), (0, .connect)], 90, .silent(wall(-86_000))),
            ("never heard of but for its status", [(0, .connect), (1, .offline)], 90, .unknown),
        ] as [(String, [(Int64, Step)], Int64, AgentWatch.Standing)])
    func standing(_ name: String, steps: [(Int64, Step)], at second: Int64, expected: AgentWatch.Standing) {
        var watch = AgentWatch(patience: 60_000_000_000)
        for (second, step) in steps {
            let now = second * 1_000_000_000
            switch step {
            case .connect: watch.connect(at: now)
            case .disconnect: watch.disconnect()
            case .frame, .online: watch.hear(Self.agent, at: now, Self.wall(second))
            case .kept: watch.remain(Self.agent)
            case .offline: watch.leave(Self.agent, at: now)
            case .recalled(let ago): watch.recall(Self.agent, at: Self.wall(-ago))
            }
        }
        #expect(watch.standing(of: Self.agent, at: second * 1_000_000_000, Self.wall(second)) == expected, "\(name)")
    }

    @Test("is asked again when one may fall silent, and not before")
    func due() {
        var watch = AgentWatch(patience: 60_000_000_000)
        #expect(watch.dueAt(after: 0) == nil)
        watch.connect(at: 0)
        watch.hear(Self.agent, at: 10_000_000_000, Self.wall(10))
        #expect(watch.dueAt(after: 10_000_000_000) == 70_000_000_000)
        watch.leave(Self.agent, at: 20_000_000_000)
        #expect(watch.dueAt(after: 20_000_000_000) == 25_000_000_000)
        #expect(watch.dueAt(after: 25_000_000_000) == nil)
    }
}
