import Pipeline
import Synchronization
import Telemetry

extension SampleIntake {
    /// What has become of all that inputs gave, since the start.
    struct Figures: Sendable {
        let accepted: UInt64
        let rejected: [Rejection: Int]
        let shaped: ShapingTally
        let redacted: RedactionTally
        /// Rule by rule.
        let withheld: [UInt64]
        let captures: UInt64
        /// That frames know.
        let series: Int
        /// Batches that wait for the disk.
        let waitingBatches: Int
        let waitingEvents: Int
    }

    /// Takes the lock that inputs take, for as long as copying takes.
    var figures: Figures {
        let rejected = rejected
        return state.withLock { state in
            Figures(
                accepted: state.accepted, rejected: rejected, shaped: state.shaping.tally, redacted: state.tally,
                withheld: state.consent.withheld, captures: state.captures, series: state.defined.count,
                waitingBatches: state.full.count, waitingEvents: state.events.count)
        }
    }
}
