package import Aggregation

/// One way to write a summary down.
///
/// A writer is a pure function of the summary and its own settings: it reads no clock and no locale, so the same
/// evidence gives the same bytes anywhere.
package protocol SummaryWriter: Sendable {
    static var format: ReportFormat { get }

    /// Writes the whole report, a final line break included. Every summary can be written.
    func write(_ summary: Summary, to output: inout some TextOutputStream)
}
