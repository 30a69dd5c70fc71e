package import Configuration
package import Telemetry

/// What can be set of an input `statsd`.
package struct StatsdSettings: ConfigurationDecodable, Sendable {
    /// A UDP address, or the path of a unix datagram socket.
    package var listen: ListenAddress
    /// Permissions of a unix socket.
    package var mode: UInt32
    /// Nanoseconds between two summaries.
    package var every: Int64
    /// In percent, rising.
    package var percentiles: [Double]
    /// How many names, with their tags, are followed at most.
    package var names: Int
    /// Stands before the names of series, with a dot.
    package var prefix: String?
    package var device: String?
    package var priority: PriorityClass
    /// The units of series by their names; timers are in `ms`, what else is not named here in `1`.
    package var units: [String: Unit]

    package init(listen: ListenAddress, every: Int64 = 10_000_000_000) {
        self.listen = listen
        self.every = every
        mode = 0o660
        percentiles = [50, 95, 99]
        names = 10_000
        priority = .metric
        units = [:]
    }

    package init(from reader: inout MappingReader) {
        listen = reader.required("listen", as: .listenAddress)
        mode = reader.value("mode", as: .permissions, default: 0o660)
        every = reader.value("every", as: .nanoseconds(in: 100_000_000...3_600_000_000_000), default: 10_000_000_000)
        percentiles = reader.value(
            "percentiles", as: .sequence(of: .double(in: 0...100), count: 0...16), default: [50, 95, 99]
        )
        .sorted()
        names = reader.value("names", as: .integer(in: 1...1_000_000), default: 10_000)
        prefix = reader.optional("prefix", as: .seriesName)
        device = reader.optional("device", as: .identifier)
        priority = reader.value("class", as: .sampleClass, default: .metric)
        units = reader.value("units", as: .dictionary(keys: .seriesName, of: .unit), default: [:])
        guard reader.isSound("listen") else { return }
        if case .tcp = listen {
            reader.report("statsd comes in datagrams: write udp:ADDRESS:PORT or unix:/path", key: "listen")
        }
        if reader.contains("mode"), !listen.isUnix {
            reader.report("is only for unix sockets; remove it", key: "mode")
        }
    }
}
