package import Telemetry

/// Where inputs put what they measure. Every call is safe from any thread and never waits for disk or network.
package protocol SampleSink: Sendable {
    /// The id of `series` in this epoch; the same series always gets the same id.
    ///
    /// Nil when the box's limit on the number of series is reached. The input then drops that series' samples, says so
    /// with ``reject(_:from:reason:)``, and goes on with the others.
    func register(_ series: Series) -> SeriesID?

    /// Takes samples over. The array is only lent: the caller empties and fills it again.
    func accept(_ samples: [Sample], priority: PriorityClass)

    /// Takes an event over; events are of the class `event` by nature.
    func accept(_ event: Event)

    /// Counts what an input had to drop, and why. Shown in health, so that no loss is silent.
    ///
    /// - Parameters:
    ///   - count: how many values, lines or datagrams, as `reason` says.
    ///   - input: the input's name.
    ///   - reason: one of few fixed phrases, such as `bad line`: each becomes a counter.
    func reject(_ count: Int, from input: String, reason: String)

    /// A number that stands for all that was accepted so far.
    var mark: UInt64 { get }

    /// Whether all that was accepted before ``mark`` was this number is on disk, or was refused and counted.
    func isStored(_ mark: UInt64) -> Bool

    /// Has what was accepted stored without waiting for the next sync.
    func storeSoon()
}

extension SampleSink {
    // Where nothing is stored, there is nothing to wait for.
    package var mark: UInt64 { 0 }
    package func isStored(_ mark: UInt64) -> Bool { true }
    package func storeSoon() {}
}
