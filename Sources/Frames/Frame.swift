package import Telemetry

/// A whole frame as a value; convenient where speed does not matter.
package struct Frame: Hashable, Sendable {
    package let header: FrameHeader
    package let extras: FrameExtras
    /// By series; within a series by value type, and then in the order in which they were taken in.
    package let samples: [Sample]

    /// - Throws: what `FrameDecoder.decode(_:)` throws.
    package init(decoding frame: [UInt8]) throws(FrameError) {
        var decoder = FrameDecoder()
        header = try decoder.decode(frame)
        extras = decoder.extras
        samples = decoder.columns.flatMap { column in (0..<column.count).map(column.sample(at:)) }
    }
}
