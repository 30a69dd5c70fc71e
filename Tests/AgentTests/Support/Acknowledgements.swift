import Delivery
import Installation
import SegmentLog
import Telemetry

@testable import Agent

extension Spool {
    /// What a collector says of one class of this spool; by default of the current epoch.
    func acknowledgement(
        _ priority: PriorityClass, epoch: UInt64? = nil, through: UInt64, also: [ClosedRange<UInt64>] = []
    ) -> Acknowledgement {
        let stream = StreamReference(
            install: identity.install, epoch: epoch ?? identity.epoch, priority: priority)
        return Acknowledgement(
            stream: stream, through: through, also: also, generation: UUIDBytes(high: 1, low: 2))
    }
}
