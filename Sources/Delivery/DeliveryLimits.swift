/// What no stream reaches in its life: numbers beyond it are mistakes or lies.
package enum DeliveryLimits {
    /// The greatest number of a frame, of a sample, and of an agent's start. 2^53: at a thousand frames a second, 285,000 years.
    package static let greatestNumber: UInt64 = 1 << 53
}
