import Delivery
package import Frames
package import Scenarios
package import Telemetry

/// Follows a run that still goes on: what its safety rules show so far, which of its series are silent, and how complete it is.
///
/// As with ``RunFold``, what it finds is a function of the *set* of frames: their order, repetition and delay do not matter. It keeps what
/// rules need and no more, so that every frame can be looked at as it comes: memory grows with the logarithm of the number of
/// frames, with the holes between them, and with the watched events.
package struct RunWatch: Sendable {
    /// One start of an agent: its streams, of whatever class, have the same series.
    private struct Start: Hashable {
        let agent: Identifier
        let install: UUIDBytes
        let epoch: UInt64

        init(_ stream: Stream) { (agent, install, epoch) = (stream.agent, stream.install, stream.epoch) }
    }

    private struct Definitions: Sendable {
        var routes: [SeriesID: [Route]] = [:]
        /// Series that samples came of before it was told what they are.
        var missed: Set<SeriesID> = []
    }

    /// What is watched of one stream.
    struct StreamWatch: Sendable {
        var received = IntervalSet()
        var tree = SequenceTree<WatchPart>()
        /// When the latest frame was made, nanoseconds.
        var reach: Int64 = .min
    }

    /// The run as its watch takes it, without an end; see `Run.openEnded`.
    package let run: Run
    let plan: FoldPlan
    private(set) var streams: [Stream: StreamWatch] = [:]
    /// By slot.
    private(set) var sources: [SeriesSource] = []
    /// Of the names that safety rules watch. An event that several agents recorded is one event.
    private(set) var events: Set<Event> = []
    /// Samples and events of the run that came.
    private(set) var delivered: UInt64 = 0
    /// By agent, where the definition bounds the clock's error.
    private(set) var clocks: [Identifier: ClockWatch] = [:]
    private let greatestClockError: Int64?
    private var definitions: [Start: Definitions] = [:]
    private var slots: [SeriesSource: Int] = [:]
    private var scratch = FoldScratch()

    /// Nil for a run that does not go on.
    package init?(_ run: Run, _ definition: ScenarioDefinition) {
        guard let run = run.openEnded else { return nil }
        self.run = run
        plan = FoldPlan(run: run, definition: definition)
        greatestClockError = definition.completeness.clockErrorAtMost
    }

    /// Whether it has been told of the series of the start that a stream is of.
    package func knowsSeries(of stream: Stream) -> Bool { definitions[Start(stream)] != nil }

    /// Tells what series are that the start of an agent has, which a stream is of; it may be told again, and then adds.
    ///
    /// - Returns: false when samples of these have come before: the watch has missed them, and must be made anew.
    package mutating func define(_ series: [SeriesID: Series], of stream: Stream) -> Bool {
        var known = definitions[Start(stream)] ?? Definitions()
        for (id, series) in series {
            known.routes[id] = plan.routes(
                for: series, slot: slot(of: SeriesSource(agent: stream.agent, key: series.key))
            )
            .filter { !plan.levels[$0.metric].isEmpty || plan.intervals[$0.metric] != nil }
        }
        definitions[Start(stream)] = known
        return known.missed.isDisjoint(with: series.keys)
    }

    private mutating func slot(of source: SeriesSource) -> Int {
        if let known = slots[source] { return known }
        slots[source] = sources.count
        sources.append(source)
        return sources.count - 1
    }

    /// Takes in a frame; one that is known already, or of another site, changes nothing.
    ///
    /// `placement`: where its times belong, as the clock of its boot has it; nil where no other frame of the boot is known.
    package mutating func add(_ frame: FrameDecoder, _ placement: Placement?) {
        guard let header = frame.header, header.stream.site == plan.site, let window = plan.window else { return }
        let placement = placement ?? Placement(asRecordedAt: header.clock)
        guard let offset = plan.offset(of: header, placement) else { return }
        var stream = streams.removeValue(forKey: header.stream) ?? StreamWatch()
        defer { streams[header.stream] = stream }
        guard stream.received.insert(header.sequence) else { return }
        stream.reach = max(
            stream.reach, header.clock.wall.advanced(byNanoseconds: offset).nanoseconds)
        let known = definitions[Start(header.stream)]
        var part = WatchPart(metrics: plan.metrics.count)
        var missed: Set<SeriesID> = []
        var seen = 0
        frame.forEachColumn { column in
            seen += column.count(in: window, offset: offset)
            guard let routes = known?.routes[column.series] else {
                missed.insert(column.series)
                return
            }
            guard !routes.isEmpty else { return }
            scratch.load(column, offset: offset, window: window)
            for route in routes { take(route, into: &part) }
        }
        if !missed.isEmpty { definitions[Start(header.stream), default: Definitions()].missed.formUnion(missed) }
        for var event in frame.extras.events {
            event.timestamp = event.timestamp.advanced(byNanoseconds: offset)
            guard window.contains(event.timestamp.nanoseconds) else { continue }
            seen += 1
            if plan.safety.contains(where: { $0.condition.event == event.name }) { events.insert(event) }
        }
        delivered += UInt64(seen)
        if let greatestClockError, seen > 0 {
            clocks[header.stream.agent, default: ClockWatch()].note(
                placement.error, at: header.clock.wall.advanced(byNanoseconds: offset).nanoseconds,
                limit: greatestClockError)
        }
        if !part.isEmpty { stream.tree.insert(part, at: header.sequence) }
    }

    /// Gives the samples that are loaded to one metric.
    private mutating func take(_ route: Route, into part: inout WatchPart) {
        guard route.conversion != nil, let last = scratch.times.last else { return }
        scratch.convert(by: route)
        let value = scratch.converted.last.flatMap { $0.isFinite ? $0 : nil }
        part.metrics[route.metric].latest.merge(LatestSample(time: last, value: value), at: route.slot)
        let levels = plan.levels[route.metric]
        for (rule, level) in levels.enumerated() {
            var exceedance = Exceedance(lasting: level.lasting)
            for (time, value) in zip(scratch.times, scratch.converted) where !value.isNaN {
                exceedance.append(time, isBeyond: level.side.isBreached(by: value, level.threshold))
            }
            part.metrics[route.metric].levels.merge(exceedance, at: route.slot * levels.count + rule)
        }
    }

    /// All parts, joined in the order of streams and frames.
    var whole: WatchPart {
        var whole = WatchPart(metrics: plan.metrics.count)
        for stream in streams.keys.sorted(by: { $0.precedes($1) }) {
            if let part = streams[stream]?.tree.root { whole.merge(part) }
        }
        return whole
    }
}

extension Column {
    /// How many of its samples lie in a window once they are moved by `offset`.
    fileprivate func count(in window: Range<Int64>, offset: Int64) -> Int {
        let low = window.lowerBound.subtractingReportingOverflow(offset)
        let high = window.upperBound.subtractingReportingOverflow(offset)
        guard !low.overflow, !high.overflow else { return 0 }
        let shifted = low.partialValue..<high.partialValue
        return timestamps.count { shifted.contains($0) }
    }
}
