#if Modbus
import Telemetry

/// One value of a device: where it stands, how it is written there, and the series that it becomes.
package struct ModbusRegister: Sendable {
    /// What a fall of a counter means.
    package enum Counting: String, CaseIterable, Sendable {
        /// The device began anew.
        case resets
        /// The register had no room for more; it is counted on from there.
        case wraps
    }

    let span: RegisterSpan
    let codec: RegisterCodec
    /// Without the tags of the device.
    let series: Series
    var scale = 1.0
    var offset = 0.0
    /// Patterns of bits that say "no value".
    var invalid: [UInt64] = []
    /// What the numbers of a state mean; empty where numbers are numbers.
    var states: [UInt64: String] = [:]
    var counting: Counting?
    /// The value that `scale` divides by, where it is the inverse of a whole number: dividing rounds once, as a reader of the
    /// decimal would, where multiplying by an inexact tenth would not.
    private var divisor: Double?

    init(_ series: Series, at span: RegisterSpan, _ codec: RegisterCodec) {
        self.series = series
        self.span = span
        self.codec = codec
    }

    mutating func scale(by scale: Double, offset: Double) {
        self.scale = scale
        self.offset = offset
        let inverse = (1 / scale).rounded()
        divisor = abs(inverse) > 1 && 1 / inverse == scale ? inverse : nil
    }

    var isScaled: Bool { scale != 1 || offset != 0 }

    func scaled(_ raw: Double) -> Double {
        (divisor.map { raw / $0 } ?? raw * scale) + offset
    }
}
#endif
