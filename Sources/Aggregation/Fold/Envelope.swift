/// Between which values a metric lies as a run goes on: the run in parts of equal time, each with how many samples it has, the least and
/// the greatest of them.
///
/// A function of the set of samples, since counts and extremes know no order. It is what a drawing needs, and nothing is proven with it.
struct Envelope: Hashable, Sendable {
    struct Part: Hashable, Sendable {
        var count = 0
        /// Meaningless without samples, as is `greatest`.
        var least = Double.infinity
        var greatest = -Double.infinity

        /// What both hold.
        static func + (a: Part, b: Part) -> Part {
            Part(
                count: a.count + b.count, least: Swift.min(a.least, b.least),
                greatest: Swift.max(a.greatest, b.greatest))
        }
    }

    /// A power of two, so that neighbours can be joined until one is left.
    static let length = 32

    /// As many as ``length``; none without samples.
    private(set) var parts: [Part] = []

    init() {}

    /// - Parameter parts: none, or ``length`` of them.
    init(parts: [Part]) { self.parts = parts }

    /// Where the parts of a window begin, and where the last one ends, nanoseconds: ``length`` + 1 times.
    static func edges(of window: Range<Int64>) -> [Int64] {
        let (whole, rest) = (window.upperBound - window.lowerBound).quotientAndRemainder(dividingBy: Int64(length))
        return (0...Int64(length)).map { window.lowerBound + whole * $0 + rest * $0 / Int64(length) }
    }

    /// Takes in the samples of one column; what is no finite number does not count.
    ///
    /// Columns are short beside a run, so nearly always one part takes all of it: a search for each part, and two comparisons a sample.
    ///
    /// - Parameters:
    ///   - times: ascending, within the window, nanoseconds.
    ///   - values: one for each time.
    ///   - edges: of the window.
    ///   - place: the part where the search begins, and afterwards the one in which it ended.
    mutating func take(_ times: [Int64], _ values: [Double], edges: [Int64], near place: inout Int) {
        var start = 0
        while start < times.count {
            if times[start] < edges[place] || times[start] >= edges[place + 1] {
                place = min(edges.firstPlace(above: times[start], from: 0), Self.length) - 1
            }
            let isLast = place == Self.length - 1 || times[times.count - 1] < edges[place + 1]
            let end = isLast ? times.count : times.firstPlace(atLeast: edges[place + 1], from: start)
            var part = Part()
            for value in values[start..<end] where value.isFinite {
                part.count += 1
                if value < part.least { part.least = value }
                if value > part.greatest { part.greatest = value }
            }
            start = end
            guard part.count > 0 else { continue }
            if parts.isEmpty { parts = [Part](repeating: Part(), count: Self.length) }
            parts[place] = parts[place] + part
        }
    }

    /// The same with one zero: which of both came first must not be seen.
    var normalised: Envelope {
        Envelope(parts: parts.map { Part(count: $0.count, least: $0.least + 0, greatest: $0.greatest + 0) })
    }

    /// The run in `count` parts, a power of two and at most ``length``.
    func parts(_ count: Int) -> [Part] {
        var joined = [Part](repeating: Part(), count: count)
        join(into: &joined)
        return joined
    }

    /// Adds the run to as many parts as there are in `joined`, a power of two and at most ``length``.
    func join(into joined: inout [Part]) {
        guard !parts.isEmpty else { return }
        let width = Self.length / joined.count
        for index in parts.indices { joined[index / width] = joined[index / width] + parts[index] }
    }
}

extension [Int64] {
    /// The first place from which on no number is less than `number`; the array ascends.
    fileprivate func firstPlace(atLeast number: Int64, from start: Int) -> Int {
        var (low, high) = (start, count)
        while low < high {
            let middle = low + (high - low) / 2
            if self[middle] < number { low = middle + 1 } else { high = middle }
        }
        return low
    }

    /// The first place from which on every number is greater than `number`; the array ascends.
    fileprivate func firstPlace(above number: Int64, from start: Int) -> Int {
        number == .max ? count : firstPlace(atLeast: number + 1, from: start)
    }
}
