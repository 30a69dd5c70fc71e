import Installation
import Logging
import Platform
import SegmentLog
import Telemetry

extension AgentCourse {
    /// Tells what the rules of the pipeline could not do.
    func reportComplaints() {
        for complaint in intake.takeComplaints() {
            logger.warning("a rule of the pipeline does not fit a series", metadata: ["reason": "\(complaint)"])
        }
    }

    /// Puts the start on record, with what is known of how the last run ended.
    func announceStart(_ identity: InstallationIdentity, _ recovery: RecoveryReport) {
        var isClean = true
        for (priority, lane) in zip(PriorityClass.allCases, recovery.lanes) {
            if case .unknown(let torn) = lane.tail {
                isClean = false
                logger.warning(
                    "the last run ended without closing the spool; at most one sync window is missing",
                    metadata: ["class": "\(priority.name)", "torn_bytes": "\(torn)"])
            }
            for positions in lane.lost {
                logger.error(
                    "frames in the spool are damaged and cannot be delivered",
                    metadata: [
                        "class": "\(priority.name)",
                        "positions": "\(positions.lowerBound.number)-\(positions.upperBound.number)",
                    ])
            }
        }
        logger.notice(
            "agent started",
            metadata: [
                "install": "\(identity.install)", "epoch": "\(identity.epoch)",
                "pending": "\(recovery.lanes.reduce(0) { $0 + $1.pending })",
            ])
        intake.accept(
            Event(
                "agent.start", at: clock.now,
                attributes: [
                    .init("version", .text(AgentVersion.text)),
                    .init("previous_tail", .text(isClean ? "clean" : "unknown")),
                ]))
        if let rules = intake.beginConsent(epoch: identity.epoch) {
            logger.notice("series are held back without consent", metadata: ["rules": "\(rules)"])
        }
        guard let record = intake.redaction.record(epoch: identity.epoch) else { return }
        intake.accept(record.event(at: clock.now))
        logger.notice("series are redacted before they are stored", metadata: ["rules": "\(record.rules.count)"])
    }

    /// Puts on record what the rules of the pipeline have done since the start, where that is more than what was put on record before.
    mutating func recordRedaction() {
        let tally = intake.redacted
        guard tally != recordedRedaction, let event = tally.event(at: clock.now) else { return }
        recordedRedaction = tally
        intake.accept(event)
    }

    mutating func reportEvictions() {
        for eviction in spool.takeEvictions() {
            uplink.forgot(through: eviction.through, of: eviction.priority)
            evicted.frames += eviction.frames
            evicted.samples += eviction.samples
            logger.error(
                "the spool is full: the oldest frames were declared lost to make room",
                metadata: [
                    "class": "\(eviction.priority.name)", "frames": "\(eviction.frames)",
                    "samples": "\(eviction.samples)",
                ])
        }
    }

    mutating func report(_ notices: [Uplink.Notice]) {
        for notice in notices {
            switch notice {
            case .unreadable(let priority, let positions):
                if priority == .event { intake.defineAgain() }
                logger.error(
                    "frames in the spool cannot be read back and stay missing",
                    metadata: [
                        "class": "\(priority.name)", "positions": "\(positions.lowerBound)-\(positions.upperBound)",
                    ])
            case .refused(let priority, let reason, let permanent):
                refusals[Int(priority.rawValue)] += 1
                let advice = permanent ? "check the broker's ACL and limits for this agent" : "trying again later"
                logger.error(
                    "the broker refuses frames; they stay on disk; \(advice)",
                    metadata: ["class": "\(priority.name)", "reason": "0x\(String(reason, radix: 16))"])
            case .unavailable(let priority, let frames):
                logger.error(
                    """
                    the collector asks for frames that are not here any more; they were declared lost. Was its archive \
                    restored from a copy?
                    """,
                    metadata: ["class": "\(priority.name)", "frames": "\(frames)"])
            case .unsendable(let priority, let message):
                logger.error("a frame cannot be sent", metadata: ["class": "\(priority.name)", "reason": "\(message)"])
            }
        }
    }

    /// How the agent is, for `spool status` and the control socket.
    mutating func status() -> AgentStatus {
        AgentStatus(
            version: AgentVersion.text, identity: spool.identity, isConnected: link.isUp, connections: link.connections,
            accepted: intake.accepted, rejected: intake.rejected, unacknowledged: uplink.unacknowledged,
            sent: uplink.sent,
            resent: uplink.resent, log: spool.statistics,
            oldest: PriorityClass.allCases.map { spool.oldest($0) }, evicted: evicted)
    }
}
