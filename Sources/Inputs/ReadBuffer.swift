/// Memory to read into. Pages that nothing has reached yet take none: an array of zeros would touch them all.
final class ReadBuffer {
    private let memory: UnsafeMutableRawBufferPointer

    /// - Parameter count: bytes. They hold anything.
    init(count: Int) { memory = .allocate(byteCount: count, alignment: 16) }

    deinit { memory.deallocate() }

    func withUnsafeMutableBytes<Result, Failure: Error>(
        _ body: (UnsafeMutableRawBufferPointer) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try body(memory)
    }

    /// Only what was written there before means something.
    func withUnsafeBytes<Result, Failure: Error>(
        _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try body(UnsafeRawBufferPointer(memory))
    }
}
