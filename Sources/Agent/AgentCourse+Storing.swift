import Frames
import SegmentLog
import Telemetry

extension AgentCourse {
    /// Stores class by class, and tells at which one the spool was full.
    mutating func storeHarvest(
        retrying: Bool, _ stored: inout [(priority: PriorityClass, batch: SampleBatch, clock: ClockReading?)]
    ) throws(AgentError) -> PriorityClass? {
        for priority in PriorityClass.allCases {
            if !retrying, let blocked, priority >= blocked { return blocked }
            do throws(AgentError) {
                if priority == .event { try storeEvents() }
                while let next = harvest.batches.firstIndex(where: { $0.priority == priority }) {
                    let (_, batch, clock) = harvest.batches[next]
                    try spool.store(batch, as: priority, clock: clock)
                    stored.append(harvest.batches.remove(at: next))
                }
            } catch {
                guard error.code == .full else { throw error }
                return priority
            }
        }
        return nil
    }

    /// Definitions and events go first and together: a metric frame may be read only after what it refers to.
    private mutating func storeEvents() throws(AgentError) {
        while let (event, clock) = harvest.earlierEvents.first {
            try spool.store(SampleBatch(), FrameExtras(events: [event]), as: .event, clock: clock)
            harvest.earlierEvents.removeFirst()
        }
        while !harvest.definitions.isEmpty || !harvest.events.isEmpty {
            let extras = harvest.firstExtras()
            try spool.store(SampleBatch(), extras, as: .event)
            harvest.removeFirst(extras)
        }
    }
}
