/// A unit of measure, named by its case-sensitive UCUM code (ucum.org): `Cel`, `m/s2`, `%`, `1`.
package struct Unit: Hashable, Sendable, CustomStringConvertible {
    /// The UCUM code, 1 to 32 printable ASCII characters without spaces.
    package let code: String

    /// Nil when `code` has a character that no UCUM code has, is empty or is too long.
    package init?(_ code: some StringProtocol) {
        let bytes = code.utf8
        guard (1...32).contains(bytes.count), bytes.allSatisfy({ (0x21...0x7E).contains($0) }) else { return nil }
        self.code = String(code)
    }

    private init(known code: String) { self.code = code }

    package var description: String { code }

    /// A pure number.
    package static let one = Unit(known: "1")
    package static let second = Unit(known: "s")
    package static let millisecond = Unit(known: "ms")
    package static let byte = Unit(known: "By")
    package static let percent = Unit(known: "%")
    package static let celsius = Unit(known: "Cel")
    package static let volt = Unit(known: "V")
    package static let milliampere = Unit(known: "mA")
    package static let watt = Unit(known: "W")
    package static let hertz = Unit(known: "Hz")
    package static let revolutionsPerMinute = Unit(known: "{rev}/min")

    /// The unit's SenML name where the registry has one of the same size, else the UCUM code.
    ///
    /// IANA "SenML Units" registry (RFC 8428, section 12.1; RFC 8798). A unit that the registry has only at another scale
    /// is not converted: a reader must get the number that the sensor gave.
    package var senML: String { Self.senMLNames[code] ?? code }

    private static let senMLNames: [String: String] = [
        "1": "/", "%": "%", "m": "m", "kg": "kg", "g": "g", "s": "s", "ms": "ms", "min": "min", "h": "h", "A": "A",
        "mA": "mA", "K": "K", "Cel": "Cel", "cd": "cd", "mol": "mol", "Hz": "Hz", "MHz": "MHz", "rad": "rad",
        "sr": "sr",
        "N": "N", "Pa": "Pa", "hPa": "hPa", "J": "J", "W": "W", "kW": "kW", "C": "C", "V": "V", "mV": "mV", "F": "F",
        "Ohm": "Ohm", "S": "S", "Wb": "Wb", "T": "T", "H": "H", "lm": "lm", "lx": "lx", "Bq": "Bq", "Gy": "Gy",
        "Sv": "Sv",
        "kat": "kat", "m2": "m2", "m3": "m3", "m/s": "m/s", "m/s2": "m/s2", "m3/s": "m3/s", "W/m2": "W/m2",
        "cd/m2": "cd/m2", "bit": "bit", "bit/s": "bit/s", "deg": "deg", "dB": "dB", "By": "B", "KiBy": "KiB",
        "By/s": "B/s",
        "/s": "1/s", "/min": "1/min", "{beats}/min": "beat/min", "S/m": "S/m", "[pH]": "pH",
    ]
}
