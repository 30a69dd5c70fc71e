package import Telemetry

/// Where a stream of an agent ended: the agent's last word about it, at a stop in good order.
///
/// It travels as an event `stream.end` with the attributes `class`, `epoch`, `frames` and `samples`, in the last frame of class
/// `event`. A stream without one ended in a crash, or has not ended: what was taken in within the last sync window may be gone, and
/// nobody knows how much that was.
package struct StreamEnd: Hashable, Sendable {
    package var priority: PriorityClass
    package var epoch: UInt64
    /// How many frames the stream has.
    package var frames: UInt64
    /// How many samples and events they hold.
    package var samples: UInt64

    /// The name of the event. Nobody but the agent itself may record one.
    package static let eventName = "stream.end"

    package init(priority: PriorityClass, epoch: UInt64, frames: UInt64, samples: UInt64) {
        self.priority = priority
        self.epoch = epoch
        self.frames = frames
        self.samples = samples
    }

    /// The event that says so.
    package func event(at time: Timestamp) -> Event {
        Event(
            Self.eventName, at: time,
            attributes: [
                .init("class", .text(priority.name)), .init("epoch", .integer(Int64(clamping: epoch))),
                .init("frames", .integer(Int64(clamping: frames))),
                .init("samples", .integer(Int64(clamping: samples))),
            ])
    }

    /// Nil when `event` is none, or lacks something.
    package init?(_ event: Event) {
        guard event.name == Self.eventName, let priority = event.text("class").flatMap(PriorityClass.init(name:)),
            case .integer(let epoch)? = event["epoch"], case .integer(let frames)? = event["frames"],
            case .integer(let samples)? = event["samples"], epoch >= 0, frames >= 0, samples >= 0
        else { return nil }
        self.init(priority: priority, epoch: UInt64(epoch), frames: UInt64(frames), samples: UInt64(samples))
    }
}
