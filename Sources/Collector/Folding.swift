package import Aggregation
import Frames
package import Scenarios
package import SegmentLog
package import Storage
import Telemetry

/// Folds runs from the archive's frames.
package struct Folding {
    private var decoder = FrameDecoder(verifyingChecksum: false)
    private var frame: [UInt8] = []

    package init() {}

    /// The aggregate of one run: every frame of its site that overlaps its window, in canonical order.
    ///
    /// - Throws: `StoreError`, `CollectorError` when a frame cannot be read back, `AggregationError`.
    package mutating func aggregate(
        of run: Run, _ definition: ScenarioDefinition, archive: inout Archive<some FileSystem>, store: some Store
    ) throws -> RunAggregate {
        var fold = RunFold(run: run, definition: definition)
        guard let window = run.window else { return fold.finish() }
        var current: Frames.Stream?
        for archived in try store.frames(overlapping: window, site: run.site) {
            if archived.stream != current {
                current = archived.stream
                fold.begin(
                    stream: archived.stream,
                    series: try store.series(install: archived.stream.install, epoch: archived.stream.epoch))
            }
            try archive.read(archived, into: &frame)
            try decoder.decode(frame)
            try fold.add(decoder)
        }
        return fold.finish()
    }
}
