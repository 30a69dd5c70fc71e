/// A part of an aggregate that can be joined with the part that follows it.
protocol Mergeable {
    /// Takes in what comes after `self`.
    mutating func merge(_ later: Self)
}

/// Joins the parts of numbered frames in one order, whatever the order in which they come.
///
/// Number n is a leaf of the infinite binary tree over 0, 1, 2 …; a node is the merge of its two halves. A node whose
/// halves are whole is merged at once, so that n consecutive frames leave at most log₂ n nodes; halves that never come
/// are merged as nothing at the end. The shape of the tree, and with it every rounding, depends on the numbers alone.
struct SequenceTree<Part: Mergeable> {
    /// The parts of 2^level numbers from index · 2^level on.
    struct Node: Hashable {
        var level: Int
        var index: UInt64
    }

    /// The nodes that are whole and joined with no other.
    private(set) var whole: [Node: Part] = [:]

    init() {}

    /// A tree that was taken apart into its nodes.
    init(whole: [Node: Part]) { self.whole = whole }

    /// Returns the node that holds the part now; those of lower levels beside its way are gone.
    ///
    /// - Precondition: no part of this number was inserted before.
    @discardableResult
    mutating func insert(_ part: Part, at number: UInt64) -> Node {
        var node = Node(level: 0, index: number)
        var part = part
        while var other = whole.removeValue(forKey: Node(level: node.level, index: node.index ^ 1)) {
            // The earlier one takes in the later one where it stands; a copy would cost more than the joining.
            if node.index & 1 == 1 { swap(&part, &other) }
            part.merge(other)
            node = Node(level: node.level + 1, index: node.index >> 1)
        }
        whole[node] = part
        return node
    }

    /// The merge of all parts; nil if there are none.
    var root: Part? {
        var level = 0
        var row: [UInt64: Part] = [:]
        var waiting = whole
        while true {
            for (node, part) in waiting where node.level == level {
                row[node.index] = part
                waiting[node] = nil
            }
            if waiting.isEmpty, row.count <= 1 { return row.values.first }
            var above: [UInt64: Part] = [:]
            for (index, part) in row {
                guard index & 1 == 0 else {
                    if row[index ^ 1] == nil { above[index >> 1] = part }
                    continue
                }
                var joined = part
                if let later = row[index ^ 1] { joined.merge(later) }
                above[index >> 1] = joined
            }
            row = above
            level += 1
        }
    }
}

extension SequenceTree: Sendable where Part: Sendable {}
