import Aggregation
import Delivery
import Frames
import Scenarios
import SegmentLog
import Storage
import Telemetry

/// What the rules of a definition found in the archive's frames, kept in the store so that each frame is looked at once.
///
/// Like an aggregate it is a fold: whatever the order in which frames came, and whenever they were looked at, it is the same.
struct RuleRecord {
    private let plan: RulePlan
    /// The name of the rules in the store: the hash of what they ask.
    private let name: String
    private var trees: [Frames.Stream: RuleTree] = [:]
    private var boots: [Frames.Stream: BootKey] = [:]
    /// The boots of which more may have come; nil for all.
    private var touched: Set<BootKey>?
    private var decoder = FrameDecoder(verifyingChecksum: false)
    private var bytes: [UInt8] = []

    /// How many frames are looked at before what they showed is saved.
    private static let batch = 1000

    /// Takes up what was found before; nil for a definition without rules over series.
    ///
    /// Parts that this version cannot read are found again, and so are those that tell of a frame that the archive does not know.
    init?(_ definition: ScenarioDefinition, store: some Store, _ ledgers: StoredLedgers) throws(StoreError) {
        guard let plan = RulePlan(definition) else { return nil }
        self.plan = plan
        name = "sha256:\(FrameDigest(of: Array(plan.text.utf8)))"
        var nodes: [Frames.Stream: [RuleTree.Node: RulePart]] = [:]
        for stored in try store.ruleParts(of: name) {
            guard let received = ledgers.streams[stored.stream]?.ledger.received, let sequences = stored.node.sequences,
                received.ranges.contains(where: {
                    $0.lowerBound <= sequences.lowerBound && sequences.upperBound <= $0.upperBound
                }),
                let bytes = stored.bytes, let part = try? RulePart(bytes: bytes, plan)
            else { continue }
            nodes[stored.stream, default: [:]][stored.node] = part
        }
        trees = nodes.compactMapValues { RuleTree($0) }
        noteBoots(of: ledgers.streams)
    }

    private mutating func noteBoots(of streams: [Frames.Stream: StoredStream]) {
        for (stream, state) in streams where boots[stream] == nil && plan.concerns(stream) {
            boots[stream] = state.boot
        }
    }

    /// More came of a boot, or is known of its series.
    mutating func note(_ boot: BootKey) { touched?.insert(boot) }

    /// Whether there may be frames that nobody has looked at.
    var isDue: Bool { touched.map { !$0.isEmpty } ?? true }

    /// Looks at the frames that have not been looked at, and saves what they show.
    ///
    /// The archive must have been committed. Returns whether anything was found, and why a frame could not be read back; the others are looked at
    /// all the same.
    /// - Throws: `StoreError`.
    mutating func catchUp(
        _ archive: inout Archive<some FileSystem>, _ store: some Store
    ) throws -> (isOther: Bool, failure: CollectorError?) {
        noteBoots(of: archive.streams)
        var isOther = false
        var failure: CollectorError?
        for (stream, boot) in boots where touched?.contains(boot) ?? true {
            guard let state = archive.streams[stream] else { continue }
            let series = try store.series(of: stream)
            var tree = trees[stream] ?? RuleTree()
            var changed = try forget(&tree, stream, series, store)
            let finder = RuleFinder(plan, of: stream, series: series)
            for gap in state.ledger.received.subtracting(tree.covered).ranges {
                var count = 0
                var next = gap.lowerBound
                while let archived = try store.frame(from: next, of: stream), archived.sequence <= gap.upperBound {
                    next = archived.sequence + 1
                    do throws(CollectorError) {
                        try archive.read(archived, into: &bytes)
                    } catch {
                        failure = error
                        continue
                    }
                    _ = try decoder.decode(bytes)
                    tree.insert(finder.part(of: decoder), at: archived.sequence, changed: &changed)
                    count += 1
                    if count % Self.batch == 0 { try save(&changed, of: tree, stream, store) }
                }
            }
            isOther = isOther || !changed.isEmpty
            try save(&changed, of: tree, stream, store)
            trees[stream] = tree
        }
        touched = []
        return (isOther, failure)
    }

    private func save(
        _ changed: inout Set<RuleTree.Node>, of tree: RuleTree, _ stream: Frames.Stream, _ store: some Store
    ) throws(StoreError) {
        guard !changed.isEmpty else { return }
        try store.save(changed.map { StoredRulePart(stream, $0, bytes: tree[$0]?.bytes) }, of: name)
        changed = []
    }

    /// Takes out of a tree what was found before it was told what the series are, if the frames are there to be looked at again.
    private func forget(
        _ tree: inout RuleTree, _ stream: Frames.Stream, _ series: [SeriesID: Series], _ store: some Store
    ) throws(StoreError) -> Set<RuleTree.Node> {
        var parts: [RuleTree.Node: RulePart] = [:]
        var gone: Set<RuleTree.Node> = []
        for node in tree.nodes {
            guard let part = tree[node] else { continue }
            if part.isFound(by: series) {
                parts[node] = part
            } else if try areThere(node, of: stream, store) {
                gone.insert(node)
            } else {
                parts[node] = part
            }
        }
        if !gone.isEmpty { tree = RuleTree(parts) ?? RuleTree() }
        return gone
    }

    private func areThere(
        _ node: RuleTree.Node, of stream: Frames.Stream, _ store: some Store
    ) throws(StoreError) -> Bool {
        guard let sequences = node.sequences else { return true }
        // What expires of a stream are its first frames, so the first of these tells of all; but for one that the disk lost.
        return try store.frame(sequences.lowerBound, of: stream) != nil
    }

    /// How many stretches of frames there are, in the store as in its archive, that nobody has looked at.
    func lacking(_ ledgers: StoredLedgers, in store: some Store) throws(StoreError) -> Int {
        var count = 0
        for (stream, state) in ledgers.streams where plan.concerns(stream) {
            for gap in state.ledger.received.subtracting(trees[stream]?.covered ?? IntervalSet()).ranges {
                guard let frame = try store.frame(from: gap.lowerBound, of: stream) else { continue }
                if frame.sequence <= gap.upperBound { count += 1 }
            }
        }
        return count
    }

    /// The boots of which something was found.
    var foundBoots: Set<BootKey> { Set(trees.keys.compactMap { boots[$0] }) }

    /// What the rules say of each subject in each boot, as clocks place it.
    func traces(_ clocks: [BootKey: BootClock]) -> [RuleTrace] {
        var traces = RuleTraces()
        for (stream, tree) in trees {
            if let boot = boots[stream] { traces.add(tree, of: stream, in: boot) }
        }
        return traces.traces(clocks)
    }
}
