import Frames
import Telemetry

extension Stream {
    /// The order in which streams are joined and listed: site, agent, install, epoch, class.
    func precedes(_ other: Stream) -> Bool {
        (site, agent, install, epoch, priority) < (other.site, other.agent, other.install, other.epoch, other.priority)
    }
}
