import Frames
import Health
import Inputs
import Pipeline
import Platform
import SegmentLog
import Telemetry

/// The agent's metrics, family by family. `Metrics.md` lists them all, and a test holds the list against what the program says.
struct AgentMetrics {
    static let prefix = "fieldproof_agent"

    var text: MetricsText

    init(_ text: MetricsText) { self.text = text }

    private func name(_ rest: String) -> String { "\(Self.prefix)_\(rest)" }

    /// `delay`: nanoseconds for which the engine has not come round.
    mutating func box(_ settings: AgentSettings, isAlive: Bool, delay: Int64) {
        text.begin(name("info"), .gauge, "Which box this is; the value is always 1.")
        text.sample(1, ("site", settings.identity.site.text), ("agent", settings.identity.agent.text))
        text.single(name("alive"), "Whether data flow: what /healthz and the watchdog go by.", isAlive)
        text.single(
            name("engine_delay_seconds"), .gauge, "How long the engine has been at one thing.", Double(delay) / 1e9)
    }

    mutating func clock(_ state: ClockState) {
        text.single(name("clock_synchronised"), "Whether the kernel says that its clock is kept.", state.isSynchronised)
        text.single(
            name("clock_error_bound_seconds"), .gauge, "The kernel's bound on the clock's error (maxerror).",
            state.maximumError == .max ? nil : Double(state.maximumError) / 1e9)
        text.single(
            name("clock_offset_seconds"), .gauge, "How far the kernel still has to move the clock.",
            SystemClock.remainingOffset.map { Double($0) / 1e9 })
    }

    /// `rules`: the series that each rule of consent matches.
    mutating func intake(_ figures: SampleIntake.Figures, _ rules: [String]) {
        text.single(name("samples_accepted_total"), .counter, "Samples and events accepted.", figures.accepted)
        text.begin(name("samples_rejected_total"), .counter, "What was refused or skipped, by who gave it and why.")
        let rejected = figures.rejected.sorted { ($0.key.input, $0.key.reason) < ($1.key.input, $1.key.reason) }
        for (rejection, count) in rejected {
            text.sample(count, ("input", rejection.input), ("reason", rejection.reason))
        }
        text.single(
            name("samples_unchanged_total"), .counter, "Samples left out on purpose: within a dead-band.",
            figures.shaped.unchanged)
        text.begin(name("samples_redacted_total"), .counter, "Samples that rules of redaction changed or took away.")
        for (rule, (changed, dropped)) in zip(figures.redacted.changed, figures.redacted.dropped).enumerated() {
            text.sample(changed, ("rule", "\(rule)"), ("outcome", "changed"))
            text.sample(dropped, ("rule", "\(rule)"), ("outcome", "dropped"))
        }
        text.begin(name("samples_withheld_total"), .counter, "Samples and events not kept for want of consent.")
        for (rule, count) in figures.withheld.enumerated() {
            text.sample(count, ("rule", "\(rule)"), ("series", rule < rules.count ? rules[rule] : ""))
        }
        text.single(name("captures_total"), .counter, "Windows of raw samples saved around events.", figures.captures)
        text.single(name("series"), .gauge, "Series that the box has.", figures.series)
        text.single(
            name("intake_waiting_batches"), .gauge, "Full batches of samples that wait for the disk.",
            figures.waitingBatches)
        text.single(name("intake_waiting_events"), .gauge, "Events that wait for the disk.", figures.waitingEvents)
    }

    /// `now`: `CLOCK_MONOTONIC`, nanoseconds; `wall`: the same moment.
    mutating func inputs(_ inputs: [InputGroup.Watched], at now: Int64, _ wall: Timestamp) {
        func each(_ name: String, _ kind: MetricsText.Kind, _ help: String, _ value: (InputWatch) -> UInt64) {
            text.begin(self.name(name), kind, help)
            for input in inputs { text.sample(value(input.watch), ("input", input.name), ("kind", input.kind)) }
        }
        each("input_up", .gauge, "Whether the input runs and all its sources answer.") {
            if case .away = $0.standing(at: now) { 0 } else { 1 }
        }
        each("input_overdue", .gauge, "Whether the input should have come round and did not.") {
            if case .overdue = $0.standing(at: now) { 1 } else { 0 }
        }
        each("input_samples_total", .counter, "Samples that the input gave.") { $0.samples }
        each("input_events_total", .counter, "Events that the input gave.") { $0.events }
        each("input_failures_total", .counter, "Failures of the input and of its sources.") { $0.failures }
        each("input_starts_total", .counter, "How often the input was started.") { $0.starts }
        text.begin(
            name("input_last_delivery_timestamp_seconds"), .gauge, "When the input last gave something, since 1970.")
        for input in inputs {
            guard let last = input.watch.lastDelivery else { continue }
            let time = Double(wall.nanoseconds - (now - last)) / 1e9
            text.sample(time, ("input", input.name), ("kind", input.kind))
        }
        text.begin(name("input_source_up"), .gauge, "Whether a source of the input answers.")
        for input in inputs {
            for source in input.watch.sources {
                text.sample(source.isUp ? 1 : 0, ("input", input.name), ("source", source.name))
            }
        }
    }

    mutating func spool(_ figures: AgentFigures?, at now: Timestamp) {
        let log = figures?.status.log
        text.single(
            name("spool_capacity_bytes"), .gauge, "What all files of the spool may take.",
            log?.capacityBytes.map { Double($0) })
        text.single(name("spool_used_bytes"), .gauge, "Segments that hold something.", log.map { Double($0.usedBytes) })
        text.single(
            name("spool_free_bytes"), .gauge, "Segments that are ready for use.", log.map { Double($0.freeBytes) })
        let lanes = figures?.lanes ?? []
        text.begin(name("spool_pending_frames"), .gauge, "Frames that nobody else has for good.")
        for lane in lanes { text.sample(lane.pendingFrames, ("class", lane.priority.name)) }
        text.begin(
            name("spool_pending_samples"), .gauge,
            "Samples in them; absent while frames of an earlier start are among them.")
        for lane in lanes {
            if let samples = lane.pendingSamples { text.sample(samples, ("class", lane.priority.name)) }
        }
        text.begin(name("spool_oldest_pending_seconds"), .gauge, "The age of the oldest of them; 0 when there is none.")
        for lane in lanes {
            let age = lane.oldest.map { max(0, Double(now.nanoseconds(since: $0)) / 1e9) } ?? 0
            text.sample(age, ("class", lane.priority.name))
        }
        text.begin(name("spool_blocked"), .gauge, "Whether the spool has no room for this class.")
        for lane in lanes { text.sample(lane.isBlocked ? 1 : 0, ("class", lane.priority.name)) }
        let syncs = figures?.syncs
        text.single(name("spool_syncs_total"), .counter, "Syncs of the spool's disk.", syncs.map { Double($0.count) })
        text.single(name("spool_sync_seconds_total"), .counter, "What they took.", syncs.map { Double($0.time) / 1e9 })
        text.single(
            name("spool_sync_longest_seconds"), .gauge, "The longest since the start.",
            syncs.map { Double($0.longest) / 1e9 })
    }

    mutating func losses(_ figures: AgentFigures?) {
        let lost = (figures?.lost ?? [:]).sorted { $0.key < $1.key }
        text.begin(name("frames_lost_total"), .counter, "Frames declared lost, by class and reason.")
        for (cause, loss) in lost {
            text.sample(loss.frames, ("class", cause.priority.name), ("reason", cause.reason.name))
        }
        text.begin(name("samples_lost_total"), .counter, "Samples in them, as far as anybody knows.")
        for (cause, loss) in lost {
            text.sample(loss.samples, ("class", cause.priority.name), ("reason", cause.reason.name))
        }
        let lanes = figures?.lanes ?? []
        text.begin(
            name("previous_end_unclean"), .gauge,
            "Whether the last run ended without closing the spool: at most one sync window is missing.")
        for lane in lanes { text.sample(lane.torn == nil ? 0 : 1, ("class", lane.priority.name)) }
        text.begin(name("previous_end_torn_bytes"), .gauge, "What that run had begun to write and not finished.")
        for lane in lanes { text.sample(lane.torn ?? 0, ("class", lane.priority.name)) }
    }

    mutating func delivery(_ figures: AgentFigures?) {
        let status = figures?.status
        text.single(name("frames_sent_total"), .counter, "Frames sent, again or not.", status.map { Double($0.sent) })
        text.single(name("frames_resent_total"), .counter, "Frames sent again.", status.map { Double($0.resent) })
        text.single(
            name("frames_unacknowledged"), .gauge, "Frames sent and not acknowledged.",
            status.map { Double($0.unacknowledged) })
        let lanes = figures?.lanes ?? []
        text.begin(
            name("frames_acknowledged_total"), .counter,
            "Frames let go because they are safe elsewhere, or because they cannot be read.")
        for lane in lanes { text.sample(lane.acknowledged, ("class", lane.priority.name)) }
        text.begin(name("broker_refusals_total"), .counter, "How often the broker began to refuse frames.")
        for lane in lanes { text.sample(lane.refusals, ("class", lane.priority.name)) }
        text.single(
            name("broker_connected"), .gauge, "Whether there is a connection to the broker.",
            status.map { $0.isConnected ? 1 : 0 })
        text.single(
            name("broker_connections_total"), .counter, "How often there was one made.",
            status.map { Double($0.connections) })
    }

    mutating func certificates(_ certificates: [(use: String, expiry: Timestamp)]) {
        text.begin(
            name("certificate_expiry_timestamp_seconds"), .gauge,
            "When a certificate of the connection expires, since 1970.")
        for (use, expiry) in certificates { text.sample(Double(expiry.nanoseconds) / 1e9, ("use", use)) }
    }
}
