import Delivery
import Mosquitto
import Telemetry
import Testing

@testable import Collector

@Suite("The course of a request to an agent")
struct RequestCourseTests {
    private static let second: Int64 = 1_000_000_000
    private static let knows = RequestCourse.Event.meta(commands: ["diagnose", "drain", "resend"], version: "0.1.0")

    private static func request(_ task: OperatorRequest.Task = .drain(stop: false)) -> OperatorRequest {
        OperatorRequest(task, id: UUIDBytes(high: 1, low: 2), by: "ann")
    }

    private static func course(_ task: OperatorRequest.Task = .drain(stop: false)) -> RequestCourse {
        RequestCourse(request(task), place: "agent 'a'", at: 0)
    }

    /// What comes of events, all at one time.
    private static func run(
        _ course: inout RequestCourse, _ events: [RequestCourse.Event], at now: Int64 = 0
    ) -> [RequestCourse.Action] {
        events.compactMap { course.handle($0, at: now) }
    }

    private static let subscribed = [RequestCourse.Event](repeating: .subscribed(.grantedQoS1), count: 3)
    private static let ready = [.connected] + subscribed + [.status(isOnline: true), knows]

    /// The message of the failure that ended it, if one did.
    private static func failure(_ actions: [RequestCourse.Action]) -> String? {
        guard case .fail(let error)? = actions.last else { return nil }
        return error.message
    }

    @Test(
        "nothing is sent before the answers can be heard and the agent is known to be there, in whatever order that comes"
    )
    func order() {
        for events in [Self.ready, [.connected, .status(isOnline: true), Self.knows] + Self.subscribed] {
            var course = Self.course()
            for event in events.dropLast() { #expect(course.handle(event, at: 0) == nil) }
            #expect(course.handle(events[events.count - 1], at: 0) == .publish)
        }
    }

    @Test("progress is shown, and the last answer ends it")
    func following() {
        var course = Self.course()
        _ = Self.run(&course, Self.ready)
        let words = [
            Answer(.accepted, to: Self.request()), Answer(.working, to: Self.request(), left: 3, of: 9),
            Answer(.done, to: Self.request(), text: "all"),
        ]
        var foreign = words[2]
        foreign.request = UUIDBytes(high: 9, low: 9)
        #expect(Self.run(&course, [.taken(.success), .answered(foreign)]).isEmpty, "others ask, too")
        #expect(
            Self.run(&course, words.map { .answered($0) }) == [.show(words[0]), .show(words[1]), .succeed(words[2])])
        #expect(Self.run(&course, [.answered(words[2]), .time, .connected], at: .max).isEmpty, "it is over")
    }

    @Test("a drain that stops the agent ends when the broker says that it is gone")
    func stopping() {
        let request = Self.request(.drain(stop: true))
        var course = Self.course(.drain(stop: true))
        _ = Self.run(&course, Self.ready)
        let done = Answer(.done, to: request)
        #expect(Self.run(&course, [.answered(done)]) == [.show(done)])
        #expect(Self.run(&course, [.status(isOnline: false)]) == [.succeed(done)])
    }

    @Test(
        "what goes wrong is told with what to do",
        arguments: [
            ([.connected] + subscribed + [.status(isOnline: false)], 0, "is offline"),
            (ready.dropLast() + [.meta(commands: nil, version: "0.0.9")], 0, "of version 0.0.9 that knows no 'drain'"),
            (
                ready.dropLast() + [.meta(commands: ["diagnose"], version: nil)], 0,
                "runs an agent that knows no 'drain'"
            ),
            ([.connected, .subscribed(.notAuthorized)], 0, "does not let this user hear"),
            (ready + [.taken(.notAuthorized)], 0, "only the operator and the collector may write"),
            (ready + [.taken(.noMatchingSubscribers)], 0, "gone offline just now"),
            (ready + [.answered(Answer(.refused, to: request(), text: "too many requests"))], 0, "too many requests"),
            ([.disconnected(nil)], 0, "closed the connection"),
            ([.time], 10, "the broker does not answer"),
            ([.connected] + subscribed + [.time], 3, "knows of no agent"),
            ([.connected] + subscribed + [.status(isOnline: true), .time], 3, "no 'meta'"),
            (ready + [.time], 20, "does not answer"),
        ] as [([RequestCourse.Event], Int64, String)])
    func failures(events: [RequestCourse.Event], seconds: Int64, says: String) {
        var course = Self.course()
        var actions = Self.run(&course, Array(events.dropLast()))
        if events.last == .time { #expect(course.handle(.time, at: seconds * Self.second - 1) == nil, "not before") }
        actions += Self.run(&course, [events[events.count - 1]], at: seconds * Self.second)
        #expect(Self.failure(actions)?.contains(says) == true, "\(actions)")
    }

    @Test("an agent that says nothing more for a minute is given up, and each word gives it another")
    func silence() {
        var course = Self.course()
        _ = Self.run(&course, Self.ready)
        let word = Answer(.working, to: Self.request(), left: 3, of: 9)
        #expect(Self.run(&course, [.answered(word)], at: 10 * Self.second) == [.show(word)])
        #expect(Self.run(&course, [.time], at: 69 * Self.second).isEmpty)
        #expect(Self.run(&course, [.answered(word)], at: 69 * Self.second) == [.show(word)])
        #expect(Self.run(&course, [.time], at: 128 * Self.second).isEmpty)
        #expect(Self.failure(Self.run(&course, [.time], at: 129 * Self.second))?.contains("it goes on") == true)
    }

    @Test("after a lost connection the request goes again, whatever the broker knew meanwhile")
    func reconnected() {
        var course = Self.course()
        _ = Self.run(&course, Self.ready)
        _ = Self.run(&course, [.answered(Answer(.accepted, to: Self.request()))])
        let again = Self.run(
            &course,
            [.disconnected(nil), .connected] + Self.subscribed + [
                .taken(.noMatchingSubscribers), .status(isOnline: false),
            ])
        #expect(again == [.publish])
    }
}
