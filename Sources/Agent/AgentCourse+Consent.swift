import Logging
import Platform
import SegmentLog
import Telemetry

extension AgentCourse {
    /// Puts on disk who has withdrawn, and who has granted; only then has the latter any effect.
    mutating func settleConsent() throws(AgentError) {
        let grants = intake.takeGrants()
        if !grants.isEmpty, let refusal = grant(grants) {
            intake.reject(grants.count, from: "consent", reason: refusal)
            logger.error("consent cannot be recorded; it has no effect", metadata: ["reason": "\(refusal)"])
        }
        guard let standing = intake.takeUnsaved() else { return }
        recordSuppressed()
        // What is shown of it should go now, not in a while.
        nextState = min(nextState, clock.monotonic)
        guard try !consentFile.restrict(to: standing) else { return }
        logger.error(
            """
            it cannot be put on disk whose consent stands, so no consent outlives this start; give the spool's file system room, \
            and have it granted again
            """)
    }

    /// Why these grants have no effect; nil when they have.
    mutating func grant(_ events: [Event]) -> String? {
        guard let standing = intake.standing(with: events) else {
            return "no more than \(ConsentRecord.mostGranted) may have consented at one time"
        }
        for event in events where ConsentChange(event) == nil || !event.fitsFrame {
            return "a change of consent needs subject=…, \(ConsentGiver.subjectRule)"
        }
        do throws(AgentError) {
            try consentFile.write(standing)
        } catch {
            return error.description
        }
        recordSuppressed()
        intake.grant(events)
        return nil
    }

    /// Puts on record how much was held back for want of consent since the last time.
    func recordSuppressed() {
        for event in intake.takeSuppressed() { intake.accept(event) }
    }
}
