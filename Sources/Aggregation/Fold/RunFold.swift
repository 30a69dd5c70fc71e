import Delivery
package import Frames
package import Scenarios
import Statistics
package import Telemetry

/// Folds the frames that overlap a run into its aggregate.
///
/// The aggregate is a function of the *set* of frames: their order, repetition and delay do not change one bit of it.
/// What does not depend on order (the sketches) is filled at once; the rest is joined by sequence number
/// (`SequenceTree`), and streams are joined in the order of their identity. Memory grows with the logarithm of the
/// number of frames, with the holes between them, and with the gaps in the series.
package struct RunFold: Sendable {
    /// What the fold knows of one stream.
    private struct StreamFold: Sendable {
        var routes = RouteTable()
        var received = IntervalSet()
        var tree = SequenceTree<FramePart>()
    }

    let plan: FoldPlan
    private var streams: [Stream: StreamFold] = [:]
    /// That of the last frame, taken out: the next one is nearly always of the same.
    private var open: (stream: Stream, fold: StreamFold)?
    /// By slot.
    private(set) var sources: [SeriesSource] = []
    private var slots: [SeriesSource: Int] = [:]
    var totals: FoldTotals
    var scratch = FoldScratch()
    /// By metric: how many series a frame may have of it.
    private(set) var widths: [Int]

    /// An empty fold.
    ///
    /// - Parameters:
    ///   - run: what to fold; a run without a window takes in nothing.
    ///   - definition: the scenario of the run.
    ///   - mostValues: of a metric whose 95th percentile a criterion asks for, so many finite values are kept, so that it is exact; in a
    ///     run with more it comes of the sketch.
    package init(run: Run, definition: ScenarioDefinition, mostValues: Int = Self.mostValues) {
        plan = FoldPlan(run: run, definition: definition)
        totals = FoldTotals(mostValues: plan.asksForP95.map { $0 ? mostValues : 0 })
        widths = Array(repeating: 0, count: plan.metrics.count)
    }

    /// 8 MiB a metric: seventeen minutes at 1 kHz.
    package static let mostValues = 1 << 20

    /// Tells what the series of a stream's frames are: the dictionary of its (install, epoch).
    ///
    /// Must precede the stream's frames, for a frame is not looked at twice; it may be given again, and then adds.
    package mutating func begin(stream: Stream, series: [SeriesID: Series]) {
        close()
        var fold = streams[stream] ?? StreamFold()
        var widths = Array(repeating: 0, count: widths.count)
        // In the order of the columns of a frame, so that slots are filled from the first to the last.
        for (id, series) in series.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
            let slot = slot(of: SeriesSource(agent: stream.agent, key: series.key))
            let routes = plan.routes(for: series, slot: slot)
            for route in routes { widths[route.metric] += 1 }
            fold.routes[id] = routes
        }
        self.widths = zip(self.widths, widths).map(max)
        streams[stream] = fold
    }

    private mutating func close() {
        if let last = open.take() { streams[last.stream] = last.fold }
    }

    private mutating func slot(of source: SeriesSource) -> Int {
        if let known = slots[source] { return known }
        slots[source] = sources.count
        sources.append(source)
        return sources.count - 1
    }

    /// Takes in a frame; one that is known already changes nothing.
    ///
    /// - Parameters:
    ///   - frame: holds the frame.
    ///   - placement: where its times belong, as the clock of its boot has it; nil where no other frame of the boot is known.
    /// - Throws: ``AggregationError/Code/foreignFrame`` when the frame's stream has not begun.
    package mutating func add(_ frame: FrameDecoder, _ placement: Placement? = nil) throws(AggregationError) {
        guard let header = frame.header else { return }
        if open?.stream != header.stream {
            close()
            open = streams.removeValue(forKey: header.stream).map { (header.stream, $0) }
        }
        guard var current = open.take() else {
            throw AggregationError(
                .foreignFrame, "the stream of this frame has not begun; give its dictionary first",
                at: "\(header.stream.site)/\(header.stream.agent), frame \(header.sequence)")
        }
        defer { open = current }
        guard header.stream.site == plan.site, let window = plan.window, current.fold.received.insert(header.sequence)
        else {
            return
        }
        let placement = placement ?? Placement(asRecordedAt: header.clock)
        guard let offset = plan.offset(of: header, placement) else { return }
        var part = FramePart(metrics: plan.metrics.count)
        var isWithin = false
        scratch.beginFrame()
        frame.forEachColumn { column in
            scratch.load(column, offset: offset, window: window, isOfOneFrame: true)
            guard scratch.seen > 0 else { return }
            isWithin = true
            totals.samples += UInt64(scratch.seen)
            guard scratch.count > 0 else { return }
            guard let routes = current.fold.routes[column.series] else {
                totals.unusable += UInt64(scratch.count)
                return
            }
            for index in routes.indices { take(routes[index], into: &part) }
        }
        for event in frame.extras.events {
            let time = event.timestamp.advanced(byNanoseconds: offset)
            guard window.contains(time.nanoseconds) else { continue }
            totals.samples += 1
            isWithin = true
            guard plan.watches(event.name) else { continue }
            var event = event
            event.timestamp = time
            totals.events.insert(event)
        }
        guard isWithin else { return }
        totals.note(clockError: placement.error)
        if !part.isEmpty { current.fold.tree.insert(part, at: header.sequence) }
    }

    /// The aggregate of all frames taken in so far.
    package func finish() -> RunAggregate {
        var whole = FramePart(metrics: plan.metrics.count)
        var streams = streams
        if let open { streams[open.stream] = open.fold }
        for stream in streams.keys.sorted(by: { $0.precedes($1) }) {
            if let part = streams[stream]?.tree.root { whole.merge(part) }
        }
        return aggregate(whole)
    }
}
