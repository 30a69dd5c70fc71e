import Delivery
import Telemetry

/// What becomes of the requests of persons: which are taken, and in which order things happen to one that is.
///
/// Pure: a request goes in, and what is to be done comes out. A request is put on record before it is carried out; one that comes twice is
/// carried out once; and a flood of them leaves neither the spool nor the broker fuller than ``CommandDesk/Limits`` say.
struct CommandDesk: Sendable {
    struct Limits: Hashable, Sendable {
        /// How many requests may come at once, and after how many nanoseconds one more may.
        var burst = 10
        var interval: Int64 = 30_000_000_000
        /// How many may be under way; as many reports may be, too, for they tell what the others wait for.
        var active = 4
        /// How many that have ended are remembered.
        var remembered = 32
        /// The shortest time between two refusals that are answered, nanoseconds.
        var refusalInterval: Int64 = 1_000_000_000

        init() {}
    }

    /// What is to be done.
    enum Step: Equatable, Sendable {
        /// Put it on record; then call `recorded` or `unrecorded`. `passedOver`: how many were before it for which nobody has room.
        case record(OperatorRequest, passedOver: Int)
        case answer(Answer)
        case ignore
    }

    private enum Standing: Hashable, Sendable {
        case recording
        case working
    }

    private let limits: Limits
    private var active: [(request: OperatorRequest, standing: Standing)] = []
    private var ended: [Answer] = []
    private var credit: Int
    private var refilled: Int64
    private var passedOver = 0
    private var nextRefusal: Int64 = .min

    /// `now`: `CLOCK_MONOTONIC`, nanoseconds.
    init(_ limits: Limits = Limits(), at now: Int64) {
        self.limits = limits
        credit = limits.burst
        refilled = now
    }

    mutating func received(_ request: OperatorRequest, at now: Int64) -> Step {
        // The broker may deliver twice, and a person's program may ask twice.
        if let answer = ended.last(where: { $0.request == request.id }) { return refusable(answer, at: now) }
        guard !active.contains(where: { $0.request.id == request.id }) else { return .ignore }
        refill(at: now)
        let isReport = request.task == .diagnose
        let rivals = active.count(where: { ($0.request.task == .diagnose) == isReport })
        guard rivals < limits.active else {
            passedOver += 1
            return refusable(
                Answer(.refused, to: request, text: "\(rivals) other requests are being carried out; try again"),
                at: now)
        }
        guard credit > 0 else {
            passedOver += 1
            let wait = max(1, (refilled + limits.interval - now) / 1_000_000_000)
            return refusable(
                Answer(.refused, to: request, text: "too many requests; try again in \(wait) s"), at: now)
        }
        credit -= 1
        active.append((request, .recording))
        defer { passedOver = 0 }
        return .record(request, passedOver: passedOver)
    }

    /// The request is on disk: it is to be carried out now. Nil for one that nobody knows.
    mutating func recorded(_ id: UUIDBytes) -> OperatorRequest? {
        guard let index = active.firstIndex(where: { $0.request.id == id && $0.standing == .recording }) else {
            return nil
        }
        active[index].standing = .working
        return active[index].request
    }

    /// The request has ended so; nothing more will be said of it.
    mutating func ended(_ answer: Answer) {
        active.removeAll { $0.request.id == answer.request }
        var remembered = answer
        // A report is made anew by a new request.
        remembered.report = nil
        ended.append(remembered)
        if ended.count > limits.remembered { ended.removeFirst() }
    }

    /// A refusal, or what was said before, said at most once a second.
    private mutating func refusable(_ answer: Answer, at now: Int64) -> Step {
        guard now >= nextRefusal else { return .ignore }
        nextRefusal = now + limits.refusalInterval
        return .answer(answer)
    }

    private mutating func refill(at now: Int64) {
        let earned = (now - refilled) / limits.interval
        guard earned > 0 else { return }
        credit = Int(min(Int64(limits.burst), Int64(credit) + earned))
        refilled += earned * limits.interval
    }
}
