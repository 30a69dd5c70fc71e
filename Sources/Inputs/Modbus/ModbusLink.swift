#if Modbus

/// A bus that can be asked for registers, one request after another.
protocol ModbusLink {
    var isOpen: Bool { get }
    /// - Throws: `ModbusFailure` for what may pass; `.stopped` when `stop` was woken.
    mutating func open(until stop: Waker) throws(ModbusFailure)
    mutating func close()
    /// Reads a block into the beginning of `words`: a word for each register, or for each bit 0 or 1.
    mutating func read(_ block: ReadBlock, unit: Int, into words: inout [UInt16]) throws(ModbusFailure)
    /// Makes sure that what is still on its way is not taken for the answer to the next request.
    mutating func settle(until stop: Waker)
}
#endif
