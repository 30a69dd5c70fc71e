#if Modbus
package import Configuration

/// Where a bus begins: `tcp://10.0.0.9:502` is a device or a gateway, `rtu:///dev/ttyUSB0` a serial line.
package enum ModbusAddress: Hashable, Sendable, CustomStringConvertible {
    case tcp(host: String, port: UInt16)
    case rtu(path: String)

    package var description: String {
        switch self {
        case .tcp(let host, let port):
            host.utf8.contains(UInt8(ascii: ":")) ? "tcp://[\(host)]:\(port)" : "tcp://\(host):\(port)"
        case .rtu(let path): "rtu://\(path)"
        }
    }

    package var isSerial: Bool { if case .rtu = self { true } else { false } }

    /// - Throws: `InvalidValue` that says what an address looks like.
    package init(_ text: String) throws(InvalidValue) {
        if text.hasPrefix("rtu://") {
            let path = String(text.dropFirst("rtu://".count))
            guard path.hasPrefix("/"), path.utf8.count > 1, !path.utf8.contains(0) else {
                throw InvalidValue("the serial device must be an absolute path, such as rtu:///dev/ttyUSB0")
            }
            guard !path.contains("?") else {
                throw InvalidValue("settings of the line are keys of their own: write baud and parity beside 'url'")
            }
            self = .rtu(path: path)
        } else if text.hasPrefix("tcp://") {
            self = try Self.tcp(text.dropFirst("tcp://".count))
        } else {
            throw InvalidValue("must be tcp://HOST:PORT or rtu:///dev/NAME, such as tcp://10.0.0.9:502")
        }
    }

    /// The port that the specification gives the protocol (Modbus Messaging on TCP/IP Implementation Guide V1.0b, 4.3.1).
    private static let standardPort: UInt16 = 502

    private static func tcp(_ text: Substring) throws(InvalidValue) -> ModbusAddress {
        var host = text
        var port = standardPort
        if text.hasPrefix("[") {
            guard let end = text.firstIndex(of: "]") else { throw InvalidValue("the bracket '[' is not closed") }
            host = text[text.index(after: text.startIndex)..<end]
            let rest = text[text.index(after: end)...]
            if !rest.isEmpty { port = try Self.port(rest) }
        } else if let colon = text.firstIndex(of: ":") {
            host = text[..<colon]
            port = try Self.port(text[colon...])
        }
        let isHost = host.utf8.allSatisfy { byte in
            byte.isDigit || (0x61...0x7A).contains(byte | 0x20) || byte == UInt8(ascii: ".")
                || byte == UInt8(ascii: "-")
                || byte == UInt8(ascii: ":") || byte == UInt8(ascii: "%") || byte == UInt8(ascii: "_")
        }
        guard (1...253).contains(host.utf8.count), isHost else {
            throw InvalidValue("there is no host; write tcp://HOST:PORT, such as tcp://10.0.0.9:502")
        }
        return .tcp(host: String(host), port: port)
    }

    private static func port(_ text: Substring) throws(InvalidValue) -> UInt16 {
        guard text.hasPrefix(":"), let port = UInt16(text.dropFirst()), port > 0 else {
            throw InvalidValue("the port must be a number from 1 to 65535, such as tcp://10.0.0.9:502")
        }
        return port
    }
}

extension ValueFormat<ModbusAddress> {
    package static var modbusAddress: ValueFormat<ModbusAddress> {
        ValueFormat<String>.string.parsing(
            "an address such as 'tcp://10.0.0.9:502'", placeholder: .tcp(host: "127.0.0.1", port: 502)
        ) {
            text throws(InvalidValue) in try ModbusAddress(text)
        }
    }
}
#endif
