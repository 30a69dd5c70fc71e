#if Modbus
package import Configuration

/// The connection that the devices of a bus share, and how patient it is.
package struct ModbusBusSettings: ConfigurationDecodable, Sendable {
    package var address: ModbusAddress
    /// The serial line; of no meaning on TCP.
    package var line = SerialLine()
    /// Nanoseconds for an answer, and for connecting. Below the five seconds that the agent waits for an input to end.
    package var timeout: Int64 = 1_000_000_000
    /// Nanoseconds between two bytes of an answer; 0 leaves all of it to ``timeout``.
    package var byteTimeout: Int64 = 0
    /// How often a request is repeated that got no answer, or nonsense.
    package var retries = 1
    /// Nanoseconds of silence before each request, for devices that need it.
    package var pause: Int64 = 0

    package init(address: ModbusAddress) { self.address = address }

    package init(from reader: inout MappingReader) {
        address = reader.required("url", as: .modbusAddress)
        timeout = reader.value("timeout", as: .nanoseconds(in: 10_000_000...4_000_000_000), default: timeout)
        byteTimeout = reader.value("byte-timeout", as: .nanoseconds(in: 1_000_000...500_000_000), default: byteTimeout)
        retries = reader.value("retries", as: .integer(in: 0...5), default: retries)
        pause = reader.value("pause", as: .nanoseconds(in: 0...1_000_000_000), default: pause)
        if byteTimeout > timeout { reader.report("must not be longer than 'timeout'", key: "byte-timeout") }
        line = SerialLine(from: &reader, isUsed: address.isSerial && reader.isSound("url"))
    }
}

/// How a serial line is set.
package struct SerialLine: Sendable, Hashable {
    package enum Parity: String, CaseIterable, Sendable {
        case none
        case even
        case odd

        var letter: UInt8 {
            switch self {
            case .none: UInt8(ascii: "N")
            case .even: UInt8(ascii: "E")
            case .odd: UInt8(ascii: "O")
            }
        }
    }

    /// Who turns a two-wire line from receiving to sending.
    package enum Direction: String, CaseIterable, Sendable {
        /// The adapter itself, as nearly all on USB do.
        case automatic
        /// The kernel's driver, by its RS-485 mode (kernel documentation, driver-api/serial/serial-rs485).
        case kernel
        /// The library raises RTS while it sends.
        case rtsUp = "rts-up"
        /// The library lowers RTS while it sends.
        case rtsDown = "rts-down"
    }

    package var baud = 19_200
    package var parity = Parity.even
    package var stopBits = 1
    package var direction = Direction.automatic
    /// Nanoseconds from turning the line to sending, and back.
    package var rtsDelay: Int64?

    package init() {}

    /// What libmodbus can set; any other rate it would replace by 9600 without a word.
    private static let rates = [
        1200, 2400, 4800, 9600, 19_200, 38_400, 57_600, 115_200, 230_400, 460_800, 500_000, 576_000, 921_600, 1_000_000,
    ]
    private static let keys = ["baud", "parity", "stop-bits", "direction", "rts-delay"]

    /// - Parameters:
    ///   - reader: the mapping that holds the keys of the line beside `url`.
    ///   - isUsed: whether the bus is a serial line; on another the keys are refused.
    init(from reader: inout MappingReader, isUsed: Bool) {
        let rate = ValueFormat<Int>.integer.check(
            "must be one of " + Self.rates.map { "\($0)" }.joined(separator: ", "), placeholder: baud
        ) { Self.rates.contains($0) }
        if isUsed {
            // A guess that is wrong looks just like a broken wire.
            baud = reader.required("baud", as: rate)
            parity = reader.required("parity", as: .enumeration)
        } else {
            baud = reader.value("baud", as: rate, default: baud)
            parity = reader.value("parity", as: .enumeration, default: parity)
        }
        stopBits = reader.value("stop-bits", as: .integer(in: 1...2), default: stopBits)
        direction = reader.value("direction", as: .enumeration, default: direction)
        rtsDelay = reader.optional("rts-delay", as: .nanoseconds(in: 0...100_000_000))
        guard !isUsed, reader.isSound("url") else { return }
        for key in Self.keys where reader.contains(key) {
            reader.report("is only for a serial line, rtu:///dev/NAME; remove it", key: key)
        }
    }
}
#endif
