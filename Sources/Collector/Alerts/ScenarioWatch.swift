import Aggregation
import Frames
import Scenarios
import SegmentLog
import Storage
import Telemetry

/// The runs of one scenario that go on, each followed frame by frame, and what its safety rules show in all runs.
struct ScenarioWatch {
    /// How a boot places what it recorded, as far as a watch has relied on it.
    fileprivate struct Footing: Hashable {
        let offset: Int64?
        let isTimeKnown: Bool

        init(_ clock: BootClock?) {
            offset = clock?.unsynchronisedOffset
            isTimeKnown = clock?.isTimeKnown ?? false
        }
    }

    fileprivate struct WatchedRun {
        let run: Run
        var watch: RunWatch
        var footings: [BootKey: Footing] = [:]
        /// It lacks something that the archive has.
        var isBehind = true
    }

    let entry: ScenarioLibrary.Entry
    private var runs: [RunKey: WatchedRun] = [:]
    /// Nil until the runs that are over are folded.
    private var safety: ScenarioSafety?
    /// What boxes at the sites of open runs put on record of consent.
    private var consents: [ConsentAccount] = []
    private var decoder = FrameDecoder(verifyingChecksum: false)
    private var bytes: [UInt8] = []

    init(_ entry: ScenarioLibrary.Entry) { self.entry = entry }

    private var definition: ScenarioDefinition { entry.definition }

    var isReady: Bool { safety != nil }

    func hasOpenRun(at site: Identifier) -> Bool { runs.keys.contains { $0.site == site } }

    var sitesWithOpenRuns: Set<Identifier> { Set(runs.keys.map(\.site)) }

    /// Runs were marked or folded.
    mutating func follow(_ book: RunBook) {
        safety = ScenarioSafety(definition, runs: book.runs, aggregates: book.aggregates)
        var known = runs
        runs.removeAll(keepingCapacity: true)
        for run in book.runs {
            let key = RunKey(run)
            guard let watch = RunWatch(run, definition) else { continue }
            let kept = known.removeValue(forKey: key)
            if let kept, kept.watch.run.isWatched(as: watch.run) {
                runs[key] = kept
            } else {
                runs[key] = WatchedRun(run: run, watch: watch)
            }
        }
    }

    /// Takes in a frame that was admitted.
    ///
    /// `series`: those of the start that the frame's stream is of, with what the frame defines; nil where they cannot be told now.
    mutating func add(
        _ frame: FrameDecoder, _ boots: [BootKey: BootClock], series: (Frames.Stream) -> [SeriesID: Series]?
    ) {
        guard let header = frame.header else { return }
        for key in runs.keys where key.site == header.stream.site {
            guard var open = runs.removeValue(forKey: key) else { continue }
            defer { runs[key] = open }
            guard !open.isBehind else { continue }
            if !open.watch.knowsSeries(of: header.stream) || !frame.extras.definitions.isEmpty {
                guard let known = series(header.stream), open.watch.define(known, of: header.stream) else {
                    open.isBehind = true
                    continue
                }
            }
            open.take(frame, header, boots)
        }
    }

    /// Reads from the archive what a run has missed: one that was not followed from its start, or whose frames are placed anew; and from the
    /// store what is on record of consent.
    ///
    /// - Throws: `StoreError`. A frame that the archive's disk lost is left out.
    mutating func catchUp(_ archive: inout Archive<some FileSystem>, _ store: some Store) throws {
        let boots = archive.clocks
        consents = runs.isEmpty ? [] : try ConsentRecords.accounts(of: sitesWithOpenRuns, store, boots)
        for key in runs.keys {
            guard let known = runs[key], known.isBehind || known.isPlacedOtherwise(boots),
                let watch = RunWatch(known.run, definition)
            else { continue }
            var open = WatchedRun(run: known.run, watch: watch)
            for archived in try store.frames(of: watch.run) {
                if !open.watch.knowsSeries(of: archived.stream) {
                    _ = open.watch.define(try store.series(of: archived.stream), of: archived.stream)
                }
                do throws(CollectorError) {
                    try archive.read(archived, into: &bytes)
                } catch {
                    continue
                }
                let header = try decoder.decode(bytes)
                open.take(decoder, header, boots)
            }
            open.isBehind = false
            runs[key] = open
        }
    }

    /// Everything that is known of the scenario's causes.
    ///
    /// `now` and `wall`: the time of the agents' standing, by `CLOCK_MONOTONIC` and by the wall clock. `limit`: how long a series may be silent,
    /// in the place of what the definition says. `losses`: what is missing of streams. `isWhole`: whether no frame of a stream is known to be
    /// missing. `isTold`: whether of a cause that is over all these times have been told; those are left out.
    func facts(
        _ agents: AgentWatch, _ losses: LossWatch, at now: Int64, _ wall: Timestamp, limit: Int64?,
        isWhole: (Frames.Stream) -> Bool, isTold: (Alert.Cause, Int) -> Bool
    ) -> [Alert.Fact] {
        let open = runs.sorted { $0.key < $1.key }
        var facts: [Alert.Fact] = []
        for finding in safety?.breaches(with: open.flatMap(\.value.watch.findings)) ?? [] {
            guard finding.isOngoing || !isTold(Alert.Cause(finding, of: definition.id), finding.count) else { continue }
            facts.append(Alert.Fact(finding, of: definition.id))
        }
        for (key, run) in open {
            facts += run.watch.silences(definition, consents, limit: limit, isWhole: isWhole).map {
                Alert.Fact($0, of: definition.id, in: key, subject: run.run.subject)
            }
            facts += run.watch.shortfalls(definition, losses.accounts, isStuck: losses.isStuck).map {
                Alert.Fact($0, of: definition.id, in: key, subject: run.run.subject)
            }
        }
        let sites = Set(definition.sites.map(\.id))
        for agent in agents.agents where sites.isEmpty || sites.contains(agent.site) {
            facts.append(
                Alert.Fact(
                    agent, agents.standing(of: agent, at: now, wall), of: definition.id,
                    isAwaited: hasOpenRun(at: agent.site), patience: agents.patience))
        }
        return facts
    }
}

extension ScenarioWatch.WatchedRun {
    fileprivate mutating func take(
        _ frame: FrameDecoder, _ header: FrameHeader, _ boots: [BootKey: BootClock]
    ) {
        let clock = boots[header.boot]
        footings[header.boot] = ScenarioWatch.Footing(clock)
        watch.add(frame, clock?.placement(of: header.clock))
    }

    /// Whether what was taken in belongs elsewhere by now.
    fileprivate func isPlacedOtherwise(_ boots: [BootKey: BootClock]) -> Bool {
        footings.contains { $0.value != ScenarioWatch.Footing(boots[$0.key]) }
    }
}

extension Run {
    /// Whether another account of the run takes the same frames at the same times.
    fileprivate func isWatched(as other: Run) -> Bool {
        FoldedStretch(self) == FoldedStretch(other) && subject == other.subject
    }
}
