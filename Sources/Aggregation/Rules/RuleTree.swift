package import Delivery
package import Frames
package import Scenarios
package import Telemetry

/// What rules found in the frames of one stream, whatever their order.
///
/// Frames with numbers that follow each other are joined along a binary tree over the numbers, so n frames in a row are at most log₂ n parts, and
/// which parts there are depends on the set of frames alone.
package struct RuleTree: Sendable {
    /// A part as it is stored: of the 2^level frames from number place · 2^level on.
    package struct Node: Hashable, Sendable {
        package let level: Int
        package let place: UInt64

        package init(level: Int, place: UInt64) {
            self.level = level
            self.place = place
        }

        /// The numbers of its frames; nil for one that no tree has.
        package var sequences: ClosedRange<UInt64>? {
            guard (0..<63).contains(level), place <= UInt64.max >> UInt64(level + 1) else { return nil }
            let first = place << UInt64(level)
            return first...(first + (1 << UInt64(level)) - 1)
        }
    }

    private var tree = SequenceTree<RulePart>()
    /// The frames that were looked at.
    package private(set) var covered = IntervalSet()

    package init() {}

    /// - Returns: nil for nodes that overlap.
    package init?(_ nodes: [Node: RulePart]) {
        for node in nodes.keys {
            guard let sequences = node.sequences, covered.gaps(in: sequences) == [sequences] else { return nil }
            covered.insert(sequences)
        }
        tree = SequenceTree(
            whole: nodes.reduce(into: [:]) { whole, node in
                whole[SequenceTree.Node(level: node.key.level, index: node.key.place)] = node.value
            })
    }

    /// Takes in what one frame shows; one that was looked at already changes nothing.
    ///
    /// `changed`: the nodes that are others now, or gone.
    package mutating func insert(_ part: RulePart, at sequence: UInt64, changed: inout Set<Node>) {
        guard covered.insert(sequence) else { return }
        let node = tree.insert(part, at: sequence)
        for level in 0..<node.level { changed.insert(Node(level: level, place: sequence >> UInt64(level) ^ 1)) }
        changed.insert(Node(level: node.level, place: node.index))
    }

    package subscript(node: Node) -> RulePart? { tree.whole[.init(level: node.level, index: node.place)] }

    package var nodes: [Node] { tree.whole.keys.map { Node(level: $0.level, place: $0.index) } }

    /// Parts of frames without a hole between them, each joined to one, with the number of its first frame, ascending.
    var rows: [(first: UInt64, part: RulePart)] {
        let nodes = self.nodes.compactMap { node in node.sequences.map { (node: node, sequences: $0) } }
            .sorted { $0.sequences.lowerBound < $1.sequences.lowerBound }
        var rows: [(first: UInt64, part: RulePart)] = []
        var last: UInt64?
        for (node, sequences) in nodes {
            guard let part = self[node] else { continue }
            if let last, last + 1 == sequences.lowerBound {
                rows[rows.count - 1].part.merge(part)
            } else {
                rows.append((sequences.lowerBound, part))
            }
            last = sequences.upperBound
        }
        return rows
    }
}

/// What rules found in streams, put together by boot and subject.
package struct RuleTraces {
    /// What one series left in a row of frames.
    private struct Row {
        let begin: FrameInstant
        /// Of rows that begin at one time.
        let order: (UInt64, UInt8, UInt64)
        var part: RulePart.Source
    }

    private var found: [BootKey: [SubjectKey: [String: [Row]]]] = [:]

    package init() {}

    /// Takes in what one stream of a boot shows.
    package mutating func add(_ tree: RuleTree, of stream: Stream, in boot: BootKey) {
        for (first, part) in tree.rows {
            for source in part.sources {
                guard let begin = source.begin else { continue }
                let row = Row(begin: begin, order: (stream.epoch, stream.priority.rawValue, first), part: source)
                found[boot, default: [:]][source.subject, default: [:]][source.key, default: []].append(row)
            }
        }
    }

    /// What the rules say of each subject in each boot.
    ///
    /// `boots`: what is known of their clocks. Rows of frames are joined in the order of their first samples; what lies between them is taken
    /// for silence.
    package func traces(_ boots: [BootKey: BootClock]) -> [RuleTrace] {
        found.flatMap { boot, subjects in
            let clock = boots[boot]
            return subjects.compactMap { subject, series -> RuleTrace? in
                var begin: FrameInstant?
                var sources: [RuleTrace.Source] = []
                for (_, rows) in series.sorted(by: { $0.key < $1.key }) {
                    let ordered = rows.sorted { a, b in
                        a.begin.sinceBoot != b.begin.sinceBoot
                            ? a.begin.sinceBoot < b.begin.sinceBoot : a.order < b.order
                    }
                    guard let first = ordered.first else { continue }
                    let whole = ordered.dropFirst().reduce(into: first.part) { $0.merge($1.part) }
                    if first.begin.sinceBoot < begin?.sinceBoot ?? .max { begin = first.begin }
                    sources.append(whole.trace(clock))
                }
                return begin.map {
                    RuleTrace(boot: boot, subject: subject, begin: $0.placed(clock), sources: sources)
                }
            }
        }
    }
}

extension RulePart.Source {
    /// The first sample that says something of a rule.
    fileprivate var begin: FrameInstant? {
        let all = conditions.compactMap { $0?.begin } + [statements?.statements.first?.first].compactMap(\.self)
        return all.min { $0.sinceBoot < $1.sinceBoot }
    }

    fileprivate func trace(_ clock: BootClock?) -> RuleTrace.Source {
        func onsets(_ trace: ConditionTrace?) -> [RuleTrace.Onset] {
            trace?.beginnings.map { RuleTrace.Onset($0.instant.placed(clock), isFirst: $0.isFirst) } ?? []
        }
        var source = RuleTrace.Source(key: key)
        source.starts = onsets(conditions[0])
        source.stops = conditions.dropFirst().map(onsets)
        source.isHolding = conditions.map { $0?.isHolding ?? false }
        source.statements =
            statements?.statements.map {
                RuleTrace.Statement(outcome: $0.outcome, first: $0.first.placed(clock), last: $0.last.placed(clock))
            } ?? []
        return source
    }
}

extension FrameInstant {
    /// As `RecordedClock` places what a frame holds.
    fileprivate func placed(_ clock: BootClock?) -> RecordedInstant {
        let placed = isSynchronised ? offset : clock?.unsynchronisedOffset ?? offset
        return RecordedInstant(
            sinceBoot: sinceBoot, recorded: Timestamp(nanoseconds: sinceBoot).advanced(byNanoseconds: offset),
            time: Timestamp(nanoseconds: sinceBoot).advanced(byNanoseconds: placed),
            isTimeKnown: isSynchronised || clock?.isTimeKnown == true)
    }
}
