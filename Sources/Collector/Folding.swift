package import Aggregation
import Frames
package import Scenarios
package import SegmentLog
package import Storage
package import Telemetry

/// Folds runs from the archive's frames.
package struct Folding {
    /// A run, and the scenario that it is folded for.
    package struct Subject: Sendable {
        package let run: Run
        package let definition: ScenarioDefinition

        package init(_ run: Run, _ definition: ScenarioDefinition) {
            self.run = run
            self.definition = definition
        }
    }

    /// One run while its frames are read.
    private struct Course {
        var fold: RunFold
        let frames: RunFrames
        var next = 0
        /// By the index of the stream.
        var hasBegun: [Bool]

        init(_ subject: Subject, _ frames: RunFrames) {
            fold = RunFold(run: subject.run, definition: subject.definition)
            self.frames = frames
            hasBegun = Array(repeating: false, count: frames.streams.count)
        }

        var place: RunFrames.Place? { next < frames.places.count ? frames.places[next] : nil }
    }

    private var decoder = FrameDecoder(verifyingChecksum: false)
    private var frame: [UInt8] = []

    /// Where no definition comes while runs are folded: the series of a few streams, which run after run has.
    private var kept: [Frames.Stream: [SeriesID: Series]]?
    private static let mostKept = 16

    /// `keepsSeries`: asks the store once for the series of a stream; right only while it learns of no more.
    package init(keepsSeries: Bool = false) { kept = keepsSeries ? [:] : nil }

    /// The aggregate of one run: every frame that may belong to it, placed by the clocks of `boots`.
    ///
    /// - Throws: `StoreError`, `CollectorError` when a frame cannot be read back, `AggregationError`.
    package mutating func aggregate(
        of run: Run, _ definition: ScenarioDefinition, archive: inout Archive<some FileSystem>,
        boots: [BootKey: BootClock], store: some Store
    ) throws -> RunAggregate {
        let aggregates = try aggregates(of: [Subject(run, definition)], boots: boots, store: store) { place, bytes in
            try archive.read(place, into: &bytes)
        }
        return aggregates[0]
    }

    /// The aggregates of runs, one for each: a frame that belongs to several of them is read and decoded once.
    ///
    /// Frames are read in the order in which they lie in the archive; what is folded does not depend on it. `read`: gives the bytes of a frame,
    /// checked against their checksum.
    mutating func aggregates(
        of subjects: [Subject], boots: [BootKey: BootClock], store: some Store,
        read: (RunFrames.Place, inout [UInt8]) throws -> Void
    ) throws -> [RunAggregate] {
        var courses = try subjects.map { Course($0, try store.places(of: $0.run)) }
        while let place = courses.lazy.compactMap(\.place).min() {
            try read(place, &frame)
            let header = try decoder.decode(frame)
            let placement = boots[header.boot]?.placement(of: header.clock)
            for index in courses.indices {
                guard let own = courses[index].place, own.isSame(as: place) else { continue }
                courses[index].next += 1
                if !courses[index].hasBegun[Int(own.stream)] {
                    courses[index].hasBegun[Int(own.stream)] = true
                    courses[index].fold.begin(stream: header.stream, series: try series(of: header.stream, store))
                }
                try courses[index].fold.add(decoder, placement)
            }
        }
        return courses.map { $0.fold.finish() }
    }

    private mutating func series(of stream: Frames.Stream, _ store: some Store) throws -> [SeriesID: Series] {
        if let known = kept?[stream] { return known }
        let series = try store.series(of: stream)
        if let count = kept?.count, count >= Self.mostKept { kept = [:] }
        kept?[stream] = series
        return series
    }
}
