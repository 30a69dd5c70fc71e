import Health
import Inputs
import Platform
import Telemetry

/// How a running agent is, for whoever asks: put together when somebody does, from state that is there anyway.
struct AgentHealth: Sendable {
    let settings: AgentSettings
    let engine: AgentEngine
    let inputs: InputGroup
    let watch: ServiceWatch
    /// When each certificate that the agent uses expires, by what it is for.
    let certificates: @Sendable () -> [(use: String, expiry: Timestamp)]
    private let clock = SystemClock()

    /// How long the engine may take to answer, nanoseconds; a sync on a slow card is in it. Who asks is served by one thread.
    private static let patience: Int64 = 2_000_000_000

    init(
        _ settings: AgentSettings, _ engine: AgentEngine, _ inputs: InputGroup, _ watch: ServiceWatch,
        certificates: @escaping @Sendable () -> [(use: String, expiry: Timestamp)] = { [] }
    ) {
        self.settings = settings
        self.engine = engine
        self.inputs = inputs
        self.watch = watch
        self.certificates = certificates
        let group = inputs
        watch.attend { Self.fault(of: group.watched.map(\.watch), at: $0) }
    }

    /// Why inputs do not do what they are there for: of those that keep time none comes round, none of them is known to be away, and nothing else has given
    /// anything for as long. One input that hangs while others deliver is a matter for a person, not for a restart.
    static func fault(of inputs: [InputWatch], at now: Int64) -> String? {
        var longest: Int64 = 0
        for input in inputs where input.keepsTime {
            guard case .overdue(let time) = input.standing(at: now) else { return nil }
            longest = max(longest, time)
        }
        guard longest > 0 else { return nil }
        let last = inputs.compactMap(\.lastDelivery).max() ?? 0
        guard now - last > InputWatch.grace else { return nil }
        return "no input has given anything or come round, for \(longest / 1_000_000_000) s longer than it should take"
    }

    /// Nil when the engine does not answer in time; one that is known to be at something longer is not waited for.
    func figures() -> AgentFigures? {
        let reply = Mailbox<AgentFigures>(capacity: 1)
        let begin = clock.monotonic
        guard watch.pulse.delay(at: begin) < Self.patience, engine.mailbox.post(.figures(reply)) else { return nil }
        var answers: [AgentFigures] = []
        while answers.isEmpty, clock.monotonic < begin + Self.patience {
            reply.take(into: &answers, until: begin + Self.patience)
        }
        return answers.first
    }

    /// What `/healthz` says.
    func report() -> HealthReport {
        let phase = watch.phase
        let figures = phase == .running ? figures() : nil
        let now = clock.monotonic
        var remarks: [String] = []
        if let figures {
            if !figures.status.isConnected {
                remarks.append("there is no connection to the broker; samples are kept on disk")
            }
            if let blocked = figures.blocked {
                remarks.append("the spool has no room for class \(blocked.name) and below")
            }
            if !figures.clock.state.isSynchronised { remarks.append("the clock is not synchronised") }
        } else {
            remarks.append("the engine has been at one thing for \(watch.pulse.delay(at: now) / 1_000_000_000) s")
        }
        for input in inputs.watched {
            switch input.watch.standing(at: now) {
            case .well: break
            case .away(let reason): remarks.append("input '\(input.name)' is away: \(reason)")
            case .overdue(let time):
                remarks.append("input '\(input.name)' should have come round \(time / 1_000_000_000) s ago")
            }
        }
        return HealthReport(phase, activity: watch.activity, faults: watch.faults(at: now), remarks: remarks)
    }

    /// What `/metrics` says. What only the engine knows is left out while it does not answer.
    func metrics() -> MetricsText {
        let figures = watch.phase == .starting ? nil : figures()
        let now = clock.monotonic
        var text = MetricsText()
        text.build(AgentMetrics.prefix, version: AgentVersion.text)
        var metrics = AgentMetrics(text)
        metrics.box(
            settings, isAlive: watch.phase == .running && watch.faults(at: now).isEmpty,
            delay: watch.phase == .running ? watch.pulse.delay(at: now) : 0)
        metrics.clock(clock.reading.state)
        metrics.intake(engine.intake.figures, engine.intake.consent.rules.map(\.pattern.text))
        metrics.inputs(inputs.watched, at: now, clock.now)
        metrics.spool(figures, at: clock.now)
        metrics.losses(figures)
        metrics.delivery(figures)
        metrics.certificates(certificates())
        text = metrics.text
        text.process()
        return text
    }
}
