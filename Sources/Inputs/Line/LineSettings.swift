package import Configuration
package import Telemetry

/// What can be set of an input `line`.
package struct LineSettings: ConfigurationDecodable, Sendable {
    /// Where to listen.
    package var listen: ListenAddress
    /// The unit of the timestamps in lines.
    package var precision: LinePrecision
    /// The permissions of a unix socket.
    package var mode: UInt32
    /// The device that lines without a `device` tag are about; nil for the agent's own.
    package var device: String?
    /// The class of the samples; events are of the class `event` whatever this says.
    package var priority: PriorityClass
    /// How many clients may be connected at once.
    package var connections: Int
    /// The units of series by their names; the protocol has none, so what is not named here has the unit `1`.
    package var units: [String: Unit]

    package init(
        listen: ListenAddress, precision: LinePrecision = .nanoseconds, mode: UInt32 = 0o660, device: String? = nil,
        priority: PriorityClass = .metric, connections: Int = 64, units: [String: Unit] = [:]
    ) {
        self.listen = listen
        self.precision = precision
        self.mode = mode
        self.device = device
        self.priority = priority
        self.connections = connections
        self.units = units
    }

    package init(from reader: inout MappingReader) {
        listen = reader.required("listen", as: .listenAddress)
        precision = reader.value("precision", as: .enumeration, default: .nanoseconds)
        mode = reader.value("mode", as: .permissions, default: 0o660)
        device = reader.optional("device", as: .identifier)
        priority = reader.value("class", as: .sampleClass, default: .metric)
        connections = reader.value("connections", as: .integer(in: 1...1024), default: 64)
        units = reader.value("units", as: .dictionary(keys: .seriesName, of: .unit), default: [:])
        if reader.contains("mode"), reader.isSound("listen"), !listen.isUnix {
            reader.report("is only for unix sockets; remove it", key: "mode")
        }
    }
}

/// The unit of the timestamps that senders write.
package enum LinePrecision: String, CaseIterable, Sendable {
    case nanoseconds = "ns"
    case microseconds = "us"
    case milliseconds = "ms"
    case seconds = "s"

    /// Nanoseconds in one unit.
    package var factor: Int64 {
        switch self {
        case .nanoseconds: 1
        case .microseconds: 1000
        case .milliseconds: 1_000_000
        case .seconds: 1_000_000_000
        }
    }
}

extension ValueFormat<UInt32> {
    /// The permissions of a file as three octal digits: `"0660"`, also without quotes or as `0o660`.
    static var permissions: ValueFormat<UInt32> {
        ValueFormat(expected: "permissions such as \"0660\"", placeholder: 0o660) { reader in
            guard case .scalar(let scalar) = reader.node.content else { return nil }
            // A plain 0660 is a number by YAML, but nobody who writes it means six hundred and sixty.
            let digits = scalar.text.hasPrefix("0o") ? scalar.text.dropFirst(2) : scalar.text[...]
            guard (3...4).contains(digits.utf8.count), let mode = UInt32(digits, radix: 8), mode <= 0o777 else {
                return nil
            }
            return mode
        }
    }
}
