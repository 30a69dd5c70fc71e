/// Writes one JSON text (RFC 8259) after another into a buffer it owns, value by value.
///
/// The writer puts the separators; the caller gives structure and values in order. After the buffer has grown to the
/// size of a document, writing another of that size allocates nothing: neither for numbers nor for strings.
///
/// ```swift
/// var writer = JSONWriter()
/// writer.beginObject()
/// writer.member("series", "room.temperature")
/// writer.key("values")
/// writer.beginArray()
/// writer.number(21.5)
/// writer.endArray()
/// writer.endObject()
/// publish(writer.bytes)
/// writer.removeAll()
/// ```
///
/// Writing out of order (a value in an object without a key, a key in an array, an end that closes nothing) is a
/// programmer's error: an assertion in debug builds, a malformed text in release builds.
package struct JSONWriter: Sendable {
    /// Where white space goes.
    package enum Layout: Sendable {
        /// No white space at all.
        case compact
        /// One member or element a line, two spaces for each level, `": "` after a key; empty containers stay closed.
        case indented
    }

    private enum Container {
        case object
        case array
    }

    /// What has been written so far, always valid UTF-8.
    package internal(set) var bytes: [UInt8] = []

    private let layout: Layout
    private var open: [Container] = []
    /// Whether a value precedes at this level, so that the next one needs a comma.
    private var followsValue = false
    private var followsKey = false

    /// Makes an empty writer.
    ///
    /// - Parameters:
    ///   - layout: Where white space goes.
    ///   - capacity: How many bytes to reserve at once.
    package init(layout: Layout = .compact, capacity: Int = 0) {
        self.layout = layout
        bytes.reserveCapacity(capacity)
        open.reserveCapacity(8)
    }

    /// Whether exactly one whole value stands at the top level: what a document must be before it leaves.
    package var isComplete: Bool { open.isEmpty && followsValue }

    /// Forgets everything written, also what is still open.
    ///
    /// - Parameter keepingCapacity: Whether the buffer's memory stays for the next document.
    package mutating func removeAll(keepingCapacity: Bool = true) {
        bytes.removeAll(keepingCapacity: keepingCapacity)
        open.removeAll(keepingCapacity: true)
        followsValue = false
        followsKey = false
    }

    /// Opens an object; its members follow as pairs of ``key(_:)-(StaticString)`` and a value.
    package mutating func beginObject() { begin(.object, UInt8(ascii: "{")) }

    /// Closes the innermost container, an object.
    package mutating func endObject() { end(.object, UInt8(ascii: "}")) }

    /// Opens an array.
    package mutating func beginArray() { begin(.array, UInt8(ascii: "[")) }

    /// Closes the innermost container, an array.
    package mutating func endArray() { end(.array, UInt8(ascii: "]")) }

    /// Ends a whole top-level value with a line feed, so that another can follow: one document a line.
    package mutating func endLine() {
        assert(isComplete, "endLine() needs one whole value before it")
        bytes.append(UInt8(ascii: "\n"))
        followsValue = false
    }

    /// Puts what must stand between the last thing written and the value that comes now.
    mutating func prepareForValue() {
        if followsKey {
            followsKey = false
        } else {
            assert(open.last != .object, "a value in an object needs a key before it")
            assert(!isComplete, "a JSON text is one value; see endLine()")
            separate()
        }
        followsValue = true
    }

    /// Puts what must stand before a key; the caller writes the key as a string and then calls ``finishKey()``.
    mutating func prepareForKey() {
        assert(open.last == .object && !followsKey, "a key stands only in an object, after a whole member")
        separate()
    }

    mutating func finishKey() {
        bytes.append(UInt8(ascii: ":"))
        if layout == .indented { bytes.append(UInt8(ascii: " ")) }
        followsKey = true
    }

    private mutating func begin(_ container: Container, _ bracket: UInt8) {
        prepareForValue()
        bytes.append(bracket)
        open.append(container)
        followsValue = false
    }

    private mutating func end(_ container: Container, _ bracket: UInt8) {
        let closed = open.popLast()
        assert(closed == container && !followsKey, "this end closes no open container, or a key lacks its value")
        if followsValue { breakLine() }
        bytes.append(bracket)
        followsValue = true
    }

    private mutating func separate() {
        if followsValue { bytes.append(UInt8(ascii: ",")) }
        if !open.isEmpty { breakLine() }
    }

    private mutating func breakLine() {
        guard layout == .indented else { return }
        bytes.append(UInt8(ascii: "\n"))
        for _ in open {
            bytes.append(UInt8(ascii: " "))
            bytes.append(UInt8(ascii: " "))
        }
    }
}
