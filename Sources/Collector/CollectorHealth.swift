import Health
import Platform
import Telemetry

/// How a running collector is, for whoever asks: put together when somebody does, from state that is there anyway.
struct CollectorHealth: Sendable {
    let watch: ServiceWatch
    let progress: CollectorProgress
    /// Hands the collector's thread a question; false when it takes none.
    let ask: @Sendable (Mailbox<CollectorFigures>) -> Bool
    private let clock = SystemClock()

    /// How long the collector's thread may take to answer, nanoseconds.
    private static let patience: Int64 = 2_000_000_000

    init(
        _ watch: ServiceWatch, _ progress: CollectorProgress,
        ask: @escaping @Sendable (Mailbox<CollectorFigures>) -> Bool
    ) {
        self.watch = watch
        self.progress = progress
        self.ask = ask
    }

    /// Nil when the thread does not answer in time; one that is known to be at something longer is not waited for.
    func figures() -> CollectorFigures? {
        let reply = Mailbox<CollectorFigures>(capacity: 1)
        let begin = clock.monotonic
        let isBusy = progress.runs.folded < progress.runs.due
        guard watch.phase == .running, !isBusy, watch.pulse.delay(at: begin) < Self.patience, ask(reply) else {
            return nil
        }
        var answers: [CollectorFigures] = []
        while answers.isEmpty, clock.monotonic < begin + Self.patience {
            reply.take(into: &answers, until: begin + Self.patience)
        }
        return answers.first
    }

    /// What `/healthz` says.
    func report() -> HealthReport {
        let phase = watch.phase
        let figures = figures()
        let now = clock.monotonic
        let (folded, due) = progress.runs
        var remarks: [String] = []
        if let figures {
            if !figures.isConnected { remarks.append("there is no connection to the broker; agents keep their data") }
            if figures.uncommitted > 0, figures.counters.failedCommits > 0 {
                remarks.append("the store is \(figures.uncommitted) frames behind the archive")
            }
            if figures.damaged > 0 { remarks.append("frames in the archive are damaged") }
        } else if folded < due {
            remarks.append("folding runs, \(folded) of \(due)")
        } else {
            remarks.append("the collector has been at one thing for \(watch.pulse.delay(at: now) / 1_000_000_000) s")
        }
        return HealthReport(phase, activity: watch.activity, faults: watch.faults(at: now), remarks: remarks)
    }

    /// What `/metrics` says. What only the collector's thread knows is left out while it does not answer.
    func metrics() -> MetricsText {
        let figures = figures()
        let now = clock.monotonic
        var text = MetricsText()
        text.build(CollectorMetrics.prefix, version: CollectorVersion.text)
        var metrics = CollectorMetrics(text)
        metrics.progress(
            progress, isAlive: watch.phase == .running && watch.faults(at: now).isEmpty,
            delay: watch.phase == .running ? watch.pulse.delay(at: now) : 0)
        metrics.intake(figures)
        metrics.archive(figures)
        metrics.agents(figures)
        metrics.scenarios(figures)
        text = metrics.text
        text.process()
        return text
    }
}
