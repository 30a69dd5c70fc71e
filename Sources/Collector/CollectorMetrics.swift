import Aggregation
import Health
import SegmentLog
import Scenarios
import Telemetry

/// The collector's metrics, family by family. `Metrics.md` lists them all, and a test holds the list against what the program says.
struct CollectorMetrics {
    static let prefix = "fieldproof_collector"

    var text: MetricsText

    init(_ text: MetricsText) { self.text = text }

    private func name(_ rest: String) -> String { "\(Self.prefix)_\(rest)" }

    /// `delay`: nanoseconds for which the collector's thread has not come round.
    mutating func progress(_ progress: CollectorProgress, isAlive: Bool, delay: Int64) {
        text.single(name("alive"), "Whether data flow: what /healthz and the watchdog go by.", isAlive)
        text.single(
            name("engine_delay_seconds"), .gauge, "How long the collector's thread has been at one thing.",
            Double(delay) / 1e9)
        text.single(
            name("opening_progress_ratio"), .gauge, "The share of the archive that was read at its opening.",
            progress.openingShare)
        let (folded, due) = progress.runs
        text.single(
            name("fold_pending_runs"), .gauge, "Runs that the present round of folding has still to fold.",
            max(0, due - folded))
    }

    mutating func intake(_ figures: CollectorFigures?) {
        let counters = figures?.counters
        func single(_ name: String, _ help: String, _ value: UInt64?) {
            text.single(self.name(name), .counter, help, value.map { Double($0) })
        }
        single("frames_admitted_total", "Frames taken into the archive.", counters?.frames)
        single("samples_admitted_total", "Samples in them.", counters?.samples)
        single("frames_duplicate_total", "Frames that came again.", counters?.duplicates)
        text.begin(name("payloads_refused_total"), .counter, "Payloads that were refused, by reason.")
        for reason in FrameRefusal.words {
            if let counters { text.sample(counters.refusals[reason] ?? 0, ("reason", reason)) }
        }
        single("messages_unpublished_total", "Messages that the connection did not take.", counters?.unpublished)
        text.single(
            name("broker_connected"), .gauge, "Whether there is a connection to the broker.",
            figures.map { $0.isConnected ? 1 : 0 })
        single("broker_connections_total", "How often there was one made.", counters?.connections)
    }

    mutating func archive(_ figures: CollectorFigures?) {
        text.single(
            name("archive_bytes"), .gauge, "What the archive takes on disk.",
            figures.map { Double($0.log.usedBytes + $0.log.freeBytes) })
        text.single(
            name("archive_damaged_stretches"), .gauge, "Stretches of the archive that cannot be read back.",
            figures.map { Double($0.damaged) })
        text.single(
            name("store_behind_frames"), .gauge, "Frames in the archive that the store lacks.",
            figures.map { Double($0.uncommitted) })
        text.single(
            name("fold_lag_seconds"), .gauge, "For how long something has been waiting to be folded.",
            figures.map { Double($0.foldLag) / 1e9 })
        func work(_ name: String, _ what: String, _ work: CollectorCounters.Work?) {
            text.single(self.name("\(name)s_total"), .counter, "\(what).", work.map { Double($0.count) })
            text.single(
                self.name("\(name)_seconds_total"), .counter, "What they took.", work.map { Double($0.time) / 1e9 })
        }
        work("archive_sync", "Syncs of the archive's disk", figures?.counters.syncs)
        work("store_commit", "Commits to the store", figures?.counters.commits)
        work("fold_round", "Rounds of folding", figures?.counters.folds)
        text.single(
            name("store_commit_failures_total"), .counter, "Commits that the store did not take.",
            figures.map { Double($0.counters.failedCommits) })
    }

    mutating func agents(_ figures: CollectorFigures?) {
        text.begin(name("agents"), .gauge, "Agents in the archive, by whether they are heard.")
        for standing in AgentWatch.Standing.words {
            if let count = figures?.standings[standing] { text.sample(count, ("standing", standing)) }
        }
        func each(
            _ name: String, _ kind: MetricsText.Kind, _ help: String, _ value: (CollectorFigures.Agent) -> Double?
        ) {
            text.begin(self.name(name), kind, help)
            for (agent, figures) in figures?.agents ?? [] {
                guard let value = value(figures) else { continue }
                text.sample(value, ("site", agent.site.text), ("agent", agent.agent.text))
            }
            // An id can have no such letter.
            if let others = figures?.others, let value = value(others) {
                text.sample(value, ("site", "_others"), ("agent", "_others"))
            }
        }
        each("agent_silent", .gauge, "Whether an agent is not heard though it should be; absent where nobody can say.")
        {
            switch $0.standing {
            case .heard: 0
            case .silent: 1
            case .unknown, .gone, nil: nil
            }
        }
        each("agent_last_heard_timestamp_seconds", .gauge, "When an agent was last heard, since 1970.") {
            $0.last.map { Double($0.nanoseconds) / 1e9 }
        }
        each("agent_frames_archived_total", .counter, "Frames of an agent that the archive has or had.") {
            Double($0.frames)
        }
        each("agent_samples_archived_total", .counter, "Samples in them.") { Double($0.samples) }
        each("agent_frames_duplicate_total", .counter, "Frames of an agent that came again.") { Double($0.duplicates) }
        each("agent_samples_lost", .gauge, "Samples that an agent declared lost and that did not come after all.") {
            Double($0.lostSamples)
        }
        each("agent_frames_missing", .gauge, "Frames in open holes: known to exist, neither here nor declared lost.") {
            Double($0.missingFrames)
        }
    }

    mutating func scenarios(_ figures: CollectorFigures?) {
        text.begin(
            name("scenario_verdict"), .gauge, "Which verdict a scenario had when its summary was published last.")
        for scenario in figures?.scenarios ?? [] {
            guard let verdict = scenario.verdict else { continue }
            for word in Verdict.allCases {
                text.sample(word == verdict ? 1 : 0, ("scenario", scenario.id.text), ("verdict", word.rawValue))
            }
        }
        text.begin(name("scenario_runs"), .gauge, "Runs of a scenario.")
        for scenario in figures?.scenarios ?? [] { text.sample(scenario.runs, ("scenario", scenario.id.text)) }
        text.begin(name("scenario_alerts"), .gauge, "Alerts of a scenario that stand.")
        for scenario in figures?.scenarios ?? [] {
            for kind in Alert.Kind.allCases {
                text.sample(
                    scenario.alerts[kind] ?? 0, ("scenario", scenario.id.text), ("kind", kind.rawValue))
            }
        }
        text.single(
            name("alerts_raised_total"), .counter, "Alerts raised since the start.",
            figures.map { Double($0.counters.alerts) })
    }
}
