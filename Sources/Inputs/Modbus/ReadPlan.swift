#if Modbus

/// Where a value stands: `count` registers or bits of one table from `address` on.
struct RegisterSpan: Hashable, Sendable {
    let kind: RegisterKind
    let address: Int
    let count: Int

    var end: Int { address + count }
}

/// How much a device gives with one request.
package struct ReadLimits: Hashable, Sendable {
    /// The most that a response can hold (Modbus Application Protocol V1.1b3, 6.1 and 6.3).
    package static let mostRegisters = 125
    package static let mostBits = 2000

    package var registers = ReadLimits.mostRegisters
    package var bits = ReadLimits.mostBits
    /// Registers, or bits, that nobody asked for and that are read all the same to save a request.
    package var gap = 0

    func most(of kind: RegisterKind) -> Int { kind.isBit ? bits : registers }
}

/// One request, and which values are in its response.
struct ReadBlock: Hashable, Sendable {
    let kind: RegisterKind
    let address: Int
    let count: Int
    /// Indices of ``ReadPlan/spans``.
    let members: Range<Int>
}

/// Which requests read a device: as few as its limits allow, and smaller ones where it has refused.
///
/// Invariants: every span is in exactly one block or refused; no block is longer than the limit, unless one span is.
struct ReadPlan: Hashable, Sendable {
    /// In order of table and address.
    let spans: [RegisterSpan]
    /// Which of the spans given to ``init(_:limits:)`` each of ``spans`` is.
    let origins: [Int]
    private(set) var blocks: [ReadBlock] = []
    /// Indices of ``spans`` that the device does not have.
    private(set) var refused: Set<Int> = []
    /// The blocks before anything was refused.
    private let whole: [ReadBlock]

    init(_ given: [RegisterSpan], limits: ReadLimits = ReadLimits()) {
        let sorted = given.enumerated().sorted { a, b in
            let (left, right) = (a.element, b.element)
            return (left.kind, left.address, left.count, a.offset) < (right.kind, right.address, right.count, b.offset)
        }
        spans = sorted.map(\.element)
        origins = sorted.map(\.offset)
        whole = Self.blocks(spans, limits)
        blocks = whole
    }

    /// Merges neighbours as long as neither the limit nor the gap is exceeded. Taking as much as fits from the lowest address
    /// on gives the fewest blocks, since a block that begins later can never end earlier.
    private static func blocks(_ spans: [RegisterSpan], _ limits: ReadLimits) -> [ReadBlock] {
        var blocks: [ReadBlock] = []
        var first = 0
        while first < spans.count {
            let start = spans[first]
            var (end, next) = (start.end, first + 1)
            while next < spans.count, spans[next].kind == start.kind, spans[next].address <= end + limits.gap,
                max(end, spans[next].end) - start.address <= limits.most(of: start.kind)
            {
                end = max(end, spans[next].end)
                next += 1
            }
            blocks.append(
                ReadBlock(kind: start.kind, address: start.address, count: end - start.address, members: first..<next))
            first = next
        }
        return blocks
    }

    /// The device has refused a block because of where it reads: its parts take its place, or its only value is refused.
    ///
    /// What nobody asked for goes first: a block with gaps becomes its runs without any. A run becomes two halves.
    mutating func refuse(_ index: Int) {
        let block = blocks[index]
        let members = block.members
        guard let last = members.last, spans[members.lowerBound] != spans[last] else {
            refused.formUnion(members)
            blocks.remove(at: index)
            return
        }
        var parts = runs(members)
        if parts.count == 1 { parts = halves(members) }
        blocks.replaceSubrange(index...index, with: parts.map(block(of:)))
    }

    /// The device does not know the function that reads a block, so no smaller part of it can be read either.
    mutating func refuseWhole(_ index: Int) {
        refused.formUnion(blocks[index].members)
        blocks.remove(at: index)
    }

    /// Gives what was refused another chance, each value alone.
    mutating func retryRefused() {
        for member in refused.sorted() { blocks.append(block(of: member..<member + 1)) }
        refused.removeAll()
    }

    /// Forgets what was refused, and the smaller blocks that came of it.
    mutating func reset() {
        blocks = whole
        refused.removeAll()
    }

    private func block(of members: Range<Int>) -> ReadBlock {
        let start = spans[members.lowerBound].address
        let end = members.reduce(start) { max($0, spans[$1].end) }
        return ReadBlock(
            kind: spans[members.lowerBound].kind, address: start, count: end - start, members: members)
    }

    private func runs(_ members: Range<Int>) -> [Range<Int>] {
        var runs: [Range<Int>] = []
        var (start, end) = (members.lowerBound, spans[members.lowerBound].end)
        for member in members {
            if spans[member].address > end {
                runs.append(start..<member)
                start = member
            }
            end = max(end, spans[member].end)
        }
        return runs + [start..<members.upperBound]
    }

    /// Two parts of about equal length; values of the same registers, such as the bits of one, stay together.
    private func halves(_ members: Range<Int>) -> [Range<Int>] {
        let middle = members.lowerBound + members.count / 2
        let cuts = members.dropFirst().filter { spans[$0] != spans[$0 - 1] }
        let cut = cuts.min { abs($0 - middle) < abs($1 - middle) } ?? middle
        return [members.lowerBound..<cut, cut..<members.upperBound]
    }
}
#endif
