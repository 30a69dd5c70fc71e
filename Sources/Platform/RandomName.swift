package import Telemetry

extension UUIDBytes {
    /// 128 bits from the system's random source.
    package static func random() -> UUIDBytes {
        var source = SystemRandomNumberGenerator()
        return UUIDBytes(high: source.next(), low: source.next())
    }
}
