/// Memory for the values of one frame after another: only what is in use means anything, the rest is of earlier frames.
struct Room<Element: Sendable>: Sendable {
    private(set) var elements: [Element] = []
    private(set) var count = 0

    mutating func removeAll() { count = 0 }

    /// Takes `length` more elements into use, and has `body` set all of them.
    ///
    /// - Returns: where they lie in `elements`.
    @discardableResult
    mutating func append(
        _ length: Int, placeholder: Element,
        _ body: (UnsafeMutableBufferPointer<Element>) throws(FrameError) -> Void
    ) throws(FrameError) -> Range<Int> {
        let range = count..<(count + length)
        if elements.count < range.upperBound {
            elements.append(contentsOf: repeatElement(placeholder, count: range.upperBound - elements.count))
        }
        count = range.upperBound
        try elements.withUnsafeMutableBufferPointer { (all) throws(FrameError) in
            try body(UnsafeMutableBufferPointer(rebasing: all[range]))
        }
        return range
    }

    /// Changes elements that are in use.
    mutating func update(
        _ range: Range<Int>, _ body: (UnsafeMutableBufferPointer<Element>) throws(FrameError) -> Void
    ) throws(FrameError) {
        precondition(range.upperBound <= count)
        try elements.withUnsafeMutableBufferPointer { (all) throws(FrameError) in
            try body(UnsafeMutableBufferPointer(rebasing: all[range]))
        }
    }
}
