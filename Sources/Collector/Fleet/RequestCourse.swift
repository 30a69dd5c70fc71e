import Delivery
import Mosquitto
import Telemetry

/// How one request to an agent goes, from the first connection to its last answer.
///
/// Pure: what comes from the broker and what time it is go in, and what is to be done comes out. Nothing is sent before the agent's answers
/// can be heard, and nothing to an agent that is not there: nobody would keep it. After a lost connection the same request goes again; an
/// agent carries one out once, however often it comes.
struct RequestCourse {
    enum Event: Equatable {
        case connected
        case disconnected(MosquittoError?)
        case subscribed(ReasonCode)
        /// `…/status`, as the broker kept it or as it comes.
        case status(isOnline: Bool)
        /// `…/meta`: what the agent can be asked, nil where it does not say, and its version.
        case meta(commands: [String]?, version: String?)
        case answered(Answer)
        /// The broker's word on the request.
        case taken(ReasonCode)
        /// Nothing but time.
        case time
    }

    enum Action: Equatable {
        case publish
        /// Something to show.
        case show(Answer)
        case succeed(Answer)
        case fail(CollectorError)
    }

    struct Patience: Equatable {
        /// For the broker, and for what it keeps of an agent, nanoseconds.
        var broker: Int64 = 10_000_000_000
        var retained: Int64 = 3_000_000_000
        /// For the agent's first word: an event must reach a disk for it.
        var first: Int64 = 20_000_000_000
        /// For any further word.
        var next: Int64 = 60_000_000_000
        /// For an agent to end.
        var end: Int64 = 60_000_000_000

        init() {}
    }

    private enum Stage: Equatable {
        case connecting
        case subscribing
        /// For status and meta.
        case looking
        case asking
        /// An answer has come.
        case following
        /// It is done, and the agent is to go.
        case leaving(Answer)
        case over
    }

    private let request: OperatorRequest
    private let place: String
    private let patience: Patience
    /// Whether the agent is expected to go offline at the end.
    private let stops: Bool
    private var stage = Stage.connecting
    private var subscriptions = 0
    private var isOnline: Bool?
    private var meta: (commands: [String]?, version: String?)?
    private(set) var deadline: Int64

    /// How many filters are subscribed to.
    static let filters = 3

    init(_ request: OperatorRequest, place: String, _ patience: Patience = Patience(), at now: Int64) {
        self.request = request
        self.place = place
        self.patience = patience
        stops = request.task == .drain(stop: true)
        deadline = now + patience.broker
    }

    mutating func handle(_ event: Event, at now: Int64) -> Action? {
        if stage == .over { return nil }
        switch event {
        case .connected:
            subscriptions = 0
            if stage == .connecting { stage = .subscribing }
        case .disconnected(let error):
            guard stage == .connecting || stage == .subscribing || error?.isPermanent == true else { return nil }
            return end(.fail(CollectorError(.unavailable, error?.message ?? "the broker closed the connection")))
        case .subscribed(let reason):
            guard !reason.isFailure else {
                return end(
                    .fail(
                        CollectorError(
                            .refused,
                            "the broker does not let this user hear what \(place) answers (\(reason)); check its ACL")))
            }
            subscriptions += 1
            guard subscriptions == Self.filters else { return nil }
            switch stage {
            case .subscribing:
                stage = .looking
                deadline = now + patience.retained
            // The connection was gone, and with it maybe the request or its last answer.
            case .asking, .following: return .publish
            default: break
            }
            return look(at: now)
        case .status(let flag):
            isOnline = flag
            if case .leaving(let answer) = stage, !flag { return end(.succeed(answer)) }
            return look(at: now)
        case .meta(let commands, let version):
            meta = (commands, version)
            return look(at: now)
        case .taken(let reason): return taken(reason)
        case .answered(let answer): return take(answer, at: now)
        case .time:
            guard now >= deadline else { return nil }
            return expire(at: now)
        }
        return nil
    }

    /// Whether the agent is there and knows what it is asked.
    private mutating func look(at now: Int64) -> Action? {
        guard stage == .looking, let isOnline else { return nil }
        guard isOnline else {
            return end(
                .fail(
                    CollectorError(
                        .unavailable, "\(place) is offline; ask again when 'fieldproof fleet' shows it online")))
        }
        guard let meta else { return nil }
        guard meta.commands?.contains(request.task.name) == true else {
            let version = meta.version.map { " of version \($0)" } ?? ""
            return end(
                .fail(
                    CollectorError(
                        .unavailable, "\(place) runs an agent\(version) that knows no '\(request.task.name)'; update it"
                    )))
        }
        stage = .asking
        deadline = now + patience.first
        return .publish
    }

    private mutating func taken(_ reason: ReasonCode) -> Action? {
        if reason == .noMatchingSubscribers {
            // After a restart of the broker the agent may come back later than this.
            guard stage == .asking else { return nil }
            return end(.fail(CollectorError(.unavailable, "\(place) does not listen; it has gone offline just now")))
        }
        guard reason.isFailure else { return nil }
        return end(
            .fail(
                CollectorError(
                    .refused,
                    "the broker refuses the request (\(reason)): only the operator and the collector may write to …/down/command; "
                        + "see broker/acl among the examples")))
    }

    private mutating func take(_ answer: Answer, at now: Int64) -> Action? {
        guard answer.request == request.id else { return nil }
        switch answer.state {
        case .accepted, .working:
            guard stage == .asking || stage == .following else { return nil }
            stage = .following
            deadline = now + patience.next
            return .show(answer)
        case .refused:
            return end(
                .fail(CollectorError(.refused, "\(place) refuses: \(answer.text ?? "it does not say why")")))
        case .done:
            guard stops, stage == .asking || stage == .following else {
                if case .leaving = stage { return nil }
                return end(.succeed(answer))
            }
            stage = .leaving(answer)
            deadline = now + patience.end
            return .show(answer)
        }
    }

    private mutating func expire(at now: Int64) -> Action? {
        let message =
            switch stage {
            case .connecting, .subscribing: "the broker does not answer"
            case .looking where isOnline == nil:
                "the broker knows of no agent \(place), or keeps its status from this user; check the name, the site and the ACL"
            case .looking:
                "\(place) has published no 'meta', so it is not known what it can be asked; is it of an earlier version?"
            case .asking:
                "\(place) does not answer; it is busy, or may not write to …/answer: see broker/acl among the examples"
            case .following:
                "\(place) has not said anything for \(patience.next / 1_000_000_000) s; it goes on with what it was asked"
            case .leaving: "\(place) has delivered everything, and has not ended yet; look at its service"
            case .over: ""
            }
        return end(.fail(CollectorError(.unavailable, message)))
    }

    private mutating func end(_ action: Action) -> Action {
        stage = .over
        return action
    }
}
