package import Telemetry

/// How far the evidence reaches: what decides whether a run without a stop has timed out.
package struct Horizon: Hashable, Sendable {
    /// The latest known time.
    package let time: Timestamp
    /// The latest time of each boot whose clock was never synchronised, as its runs name it.
    package let unknown: [BootKey: Timestamp]

    package init(_ time: Timestamp, unknown: [BootKey: Timestamp] = [:]) {
        self.time = time
        self.unknown = unknown
    }
}
