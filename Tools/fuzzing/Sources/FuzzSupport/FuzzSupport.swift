import CHeap

/// Feeds one input of libFuzzer to `body`, under ``bounded(_:base:factor:_:)``.
///
/// - Returns: 0, for libFuzzer.
package func fuzz(
    _ data: UnsafePointer<UInt8>?, _ count: Int, base: Int, factor: Int, _ body: ([UInt8]) -> Void
) -> CInt {
    let bytes = Array(UnsafeBufferPointer(start: data, count: count))
    bounded(count, base: base, factor: factor) { body(bytes) }
    return 0
}

/// Calls `body`, and traps when that held more memory at once than an input of this size may cost.
///
/// - Parameters:
///   - count: the bytes of the input.
///   - base: bytes that any input may cost: working memory, tables that are made once.
///   - factor: bytes more for each byte of the input.
///   - body: what is fuzzed; it traps when a property does not hold.
/// - Returns: what `body` returns.
@discardableResult
package func bounded<Result>(_ count: Int, base: Int, factor: Int, _ body: () -> Result) -> Result {
    heap_watch_begin()
    let result = body()
    let most = heap_watch_end()
    demand(
        most <= base + factor * count,
        "an input of \(count) bytes made the program hold \(most) bytes; \(base) and \(factor) a byte are allowed")
    return result
}

/// Traps unless a property holds, in words that stand above libFuzzer's stack.
package func demand(
    _ holds: Bool, _ property: @autoclosure () -> String, file: StaticString = #fileID, line: UInt = #line
) {
    guard !holds else { return }
    fatalError("does not hold: \(property())", file: file, line: line)
}

/// The value, or a trap that shows the error: for what cannot fail after what went before.
package func demanded<Value: ~Copyable, Failure: Error>(
    _ what: String, file: StaticString = #fileID, line: UInt = #line, _ body: () throws(Failure) -> Value
) -> Value {
    do throws(Failure) {
        return try body()
    } catch {
        fatalError("does not hold: \(what), but: \(error)", file: file, line: line)
    }
}
