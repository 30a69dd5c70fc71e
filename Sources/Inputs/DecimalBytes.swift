extension UnsafeRawBufferPointer {
    /// The decimal number that these bytes are and nothing else: `21`, `-.5`, `+1.5e3`; nil for anything else. Infinite beyond a double's range.
    var decimalNumber: Double? {
        DecimalText(whole: self)?.double(in: self)
    }
}
