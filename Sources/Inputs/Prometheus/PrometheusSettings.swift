package import Configuration
package import Telemetry

/// What can be set of an input `prometheus`.
package struct PrometheusSettings: ConfigurationDecodable, Sendable {
    /// What becomes of timestamps that the server writes.
    package enum Timestamps: String, CaseIterable, Sendable {
        case honour
        case ignore
    }

    package var target: ScrapeTarget
    /// Nanoseconds between scrapes.
    package var every: Int64
    /// Nanoseconds until a scrape is given up.
    package var timeout: Int64
    /// Bytes of the largest answer.
    package var size: Int64
    /// The metrics to take, by the names the server gives them; empty for all.
    package var match: [NamePattern]
    package var exclude: [NamePattern]
    /// How many series are taken at most.
    package var series: Int
    package var timestamps: Timestamps
    package var prefix: String?
    package var device: String?
    package var priority: PriorityClass
    package var units: [String: Unit]

    package init(target: ScrapeTarget, every: Int64 = 10_000_000_000) {
        self.target = target
        self.every = every
        timeout = min(every, 10_000_000_000)
        size = 16 << 20
        match = []
        exclude = []
        series = 5000
        timestamps = .honour
        priority = .metric
        units = [:]
    }

    package init(from reader: inout MappingReader) {
        target = reader.required("url", as: .scrapeTarget)
        every = reader.value("every", as: .nanoseconds(in: 100_000_000...86_400_000_000_000), default: 10_000_000_000)
        timeout = reader.value(
            "timeout", as: .nanoseconds(in: 10_000_000...300_000_000_000), default: min(every, 10_000_000_000))
        size = reader.value("size", as: .byteCount(in: 1024...(256 << 20)), default: 16 << 20)
        match = reader.value("match", as: .namePatterns, default: [])
        exclude = reader.value("exclude", as: .namePatterns, default: [])
        series = reader.value("series", as: .integer(in: 1...100_000), default: 5000)
        timestamps = reader.value("timestamps", as: .enumeration, default: .honour)
        prefix = reader.optional("prefix", as: .seriesName)
        device = reader.optional("device", as: .identifier)
        priority = reader.value("class", as: .sampleClass, default: .metric)
        units = reader.value("units", as: .dictionary(keys: .seriesName, of: .unit), default: [:])
        if timeout > every, reader.isSound("every"), reader.isSound("timeout") {
            reader.report("is longer than 'every'; make it as long at most", key: "timeout")
        }
    }
}
