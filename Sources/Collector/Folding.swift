package import Aggregation
import Frames
package import Scenarios
package import SegmentLog
package import Storage
package import Telemetry

/// Folds runs from the archive's frames.
package struct Folding {
    private var decoder = FrameDecoder(verifyingChecksum: false)
    private var frame: [UInt8] = []

    package init() {}

    /// The aggregate of one run: every frame that may belong to it, in canonical order, placed by the clocks of `boots`.
    ///
    /// - Throws: `StoreError`, `CollectorError` when a frame cannot be read back, `AggregationError`.
    package mutating func aggregate(
        of run: Run, _ definition: ScenarioDefinition, archive: inout Archive<some FileSystem>,
        boots: [BootKey: BootClock], store: some Store
    ) throws -> RunAggregate {
        var fold = RunFold(run: run, definition: definition)
        var current: Frames.Stream?
        for archived in try store.frames(of: run) {
            if archived.stream != current {
                current = archived.stream
                fold.begin(stream: archived.stream, series: try store.series(of: archived.stream))
            }
            try archive.read(archived, into: &frame)
            let header = try decoder.decode(frame)
            try fold.add(decoder, boots[header.boot]?.placement(of: header.clock))
        }
        return fold.finish()
    }
}
