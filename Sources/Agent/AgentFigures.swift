import Frames
import Platform
import SegmentLog
import Telemetry

/// What only the engine's thread knows of a running agent, at one moment, for `/healthz` and `/metrics`.
struct AgentFigures: Sendable {
    /// Of one class.
    struct Lane: Sendable {
        let priority: PriorityClass
        let pendingFrames: Int
        /// Nil where frames of an earlier start wait.
        let pendingSamples: UInt64?
        /// When the first frame that waits was made.
        let oldest: Timestamp?
        let acknowledged: UInt64
        let refusals: UInt64
        /// Bytes that the last run left half written; nil when it ended in good order.
        let torn: Int?
        /// The spool has no room for it.
        let isBlocked: Bool
    }

    /// Syncs of the disk since the start.
    struct Syncs: Sendable {
        private(set) var count: UInt64 = 0
        /// Nanoseconds.
        private(set) var time: Int64 = 0
        private(set) var longest: Int64 = 0

        mutating func note(from begin: Int64, to end: Int64) {
            count += 1
            time += end - begin
            longest = max(longest, end - begin)
        }
    }

    let status: AgentStatus
    let lanes: [Lane]
    let lost: [SpoolTally.Cause: SpoolTally.Loss]
    let syncs: Syncs
    let clock: ClockReading

    /// The most precious class for which there is no room.
    var blocked: PriorityClass? { lanes.first(where: \.isBlocked)?.priority }
}

extension AgentCourse {
    mutating func figures() -> AgentFigures {
        let status = status()
        var lanes: [AgentFigures.Lane] = []
        for (index, priority) in PriorityClass.allCases.enumerated() {
            var torn: Int?
            if case .unknown(let bytes) = spool.recovery.lanes[index].tail { torn = bytes }
            lanes.append(
                AgentFigures.Lane(
                    priority: priority, pendingFrames: status.log.lanes[index].pending,
                    pendingSamples: spool.pendingSamples(priority), oldest: status.oldest[index],
                    acknowledged: spool.account.released[index], refusals: refusals[index], torn: torn,
                    isBlocked: blocked.map { priority >= $0 } ?? false))
        }
        return AgentFigures(
            status: status, lanes: lanes, lost: spool.account.lost, syncs: syncs, clock: clock.reading)
    }
}
