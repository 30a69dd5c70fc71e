/// What `w1_slave` says: the nine bytes of a thermometer's memory, whether their checksum is right, and the temperature.
///
/// ```
/// 72 01 4b 46 7f ff 0e 10 57 : crc=57 YES
/// 72 01 4b 46 7f ff 0e 10 57 t=23125
/// ```
struct W1Scratchpad: Equatable {
    let bytes: [UInt8]
    let isChecked: Bool
    /// Thousandths of a degree Celsius.
    let temperature: Int

    /// Nil for text that is not this.
    init?(_ text: String) {
        let lines = text.split(separator: "\n")
        guard lines.count >= 2 else { return nil }
        let bytes = lines[0].prefix { $0 != ":" }.split(separator: " ").compactMap { UInt8($0, radix: 16) }
        guard bytes.count == 9, let mark = lines[1].range(of: "t="), let value = Int(lines[1][mark].dropFirst(2))
        else { return nil }
        self.bytes = bytes
        isChecked = lines[0].hasSuffix("YES")
        temperature = value
    }

    /// Whether the bytes are worth nothing, whatever the checksum says.
    var isNonsense: Bool {
        // A line that is shorted reads as zeros, whose checksum is 0 and so right; one without a sensor reads as ones.
        bytes.allSatisfy { $0 == 0 } || bytes.allSatisfy { $0 == 0xFF } || isUnconverted
    }

    /// Whether the sensor has not measured: byte 6 is still what it is at power-on, and the temperature is the one it has then,
    /// 85 °C, or that of too little power, 127.94 °C (kernel documentation, w1/slaves/w1_therm, `features`).
    private var isUnconverted: Bool { bytes[6] == 0x0C && (temperature == 85_000 || temperature == 127_937) }
}

extension Substring {
    /// The place of a text in this one, without Foundation.
    fileprivate func range(of text: String) -> PartialRangeFrom<Index>? {
        var index = startIndex
        while index < endIndex {
            if self[index...].hasPrefix(text) { return index... }
            index = self.index(after: index)
        }
        return nil
    }
}

/// What can be said of a temperature alone, where the driver gives no bytes.
enum W1Plausibility {
    /// Thousandths of a degree: what the sensors can measure (data sheet of the DS18B20: −55 °C to +125 °C).
    static let range = -55_000...125_000

    /// Whether a temperature is to be believed.
    ///
    /// 85 °C is what a sensor gives that has not measured since its power came, so that it is believed only where the last good
    /// value was near; −127 °C is what libraries give for "no sensor", and like everything out of range is not.
    static func isCredible(_ temperature: Int, after last: Double?) -> Bool {
        guard range.contains(temperature) else { return false }
        guard temperature == 85_000 else { return true }
        return last.map { abs($0 - 85) <= 10 } ?? false
    }
}
