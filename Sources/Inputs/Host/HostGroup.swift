import Telemetry

/// What the host input can look at.
package enum HostGroup: String, CaseIterable, Sendable {
    case cpu
    case load
    case memory
    case swap
    case pressure
    case disks
    case fileSystems = "file-systems"
    case network
    case thermal
    case sensors
    case uptime
    case agent
}

/// One group's way to its numbers, with what it remembers from the reading before.
protocol HostReader {
    /// Reads once.
    ///
    /// - Returns: whether the kernel offers the group at all; one that is absent is no error.
    mutating func read(_ pass: inout HostPass) -> Bool
}

/// The two clocks of one reading: one dates the samples, the other measures between them.
struct HostMoment {
    var wall: Timestamp
    /// Nanoseconds on a clock that never steps.
    var monotonic: Int64
}
