package import Telemetry

/// A stream as both ends of one agent's topics name it: the agent and its site are in the topic.
package struct StreamReference: Hashable, Sendable {
    package var install: UUIDBytes
    package var epoch: UInt64
    package var priority: PriorityClass

    package init(install: UUIDBytes, epoch: UInt64, priority: PriorityClass) {
        self.install = install
        self.epoch = epoch
        self.priority = priority
    }
}
