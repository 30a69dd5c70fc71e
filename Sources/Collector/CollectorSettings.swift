package import Configuration
package import Connection
package import Health

/// Everything `collector.yaml` says.
package struct CollectorSettings: ConfigurationDecodable, Sendable {
    package var broker: BrokerSettings
    /// The directory of the archive log.
    package var archive: String
    package var retention: ArchiveRetention
    /// The file of the SQLite store.
    package var store: String
    /// The directory of scenario definitions, `*.yaml`.
    package var scenarios: String
    /// The file of the key that signs summaries.
    package var signingKey: String?
    package var alerts: AlertSettings
    /// Where whoever watches may ask; nil: nowhere.
    package var health: HealthSettings?

    package init(from reader: inout MappingReader) {
        broker = reader.required("mqtt", as: .mapping(BrokerSettings.self))
        let settings = reader.required("archive", as: .mapping(ArchiveSettings.self))
        archive = settings.path
        retention = settings.retention
        store = reader.required("store", as: .sqliteStore)
        scenarios = reader.required("scenarios", as: .absolutePath)
        alerts = reader.value("alerts", as: .mapping, default: AlertSettings())
        health = reader.optional("health", as: .mapping(HealthSettings.self))
        reader.reserved("http", "the dashboard is not part of this version; remove it, and use 'fieldproof report'")
        signingKey = reader.optional("signing", as: .mapping(SigningSettings.self))?.key
    }

    private struct SigningSettings: ConfigurationDecodable {
        var key: String

        init(from reader: inout MappingReader) { key = reader.required("key", as: .absolutePath) }
    }

    private struct ArchiveSettings: ConfigurationDecodable {
        var path: String
        var retention: ArchiveRetention

        init(from reader: inout MappingReader) {
            path = reader.required("path", as: .absolutePath)
            // Shorter, an agent that was away would send what is let go of at once; smaller, one busy minute would take all.
            retention = ArchiveRetention(
                age: reader.optional("retention", as: .nanoseconds(in: 86_400_000_000_000...)),
                size: reader.optional("size", as: .byteCount(in: (64 << 20)...)))
        }
    }
}

/// What early warnings go by.
package struct AlertSettings: ConfigurationDecodable, Hashable, Sendable {
    /// How long an agent may send no frame while a run goes on at its site, nanoseconds.
    package var silentAgent: Int64 = 60_000_000_000
    /// How long a series of a run that goes on may be silent, nanoseconds; nil: as the definition has it.
    package var silentSeries: Int64?
    /// How long a hole in what an agent sends may stay as it is while the agent is there, nanoseconds.
    package var openHole: Int64 = 60_000_000_000

    package init() {}

    package init(from reader: inout MappingReader) {
        // Below that, a box that closes a frame a second and syncs it would be called silent on any busy network.
        silentAgent = reader.value("silent-agent", as: .nanoseconds(in: 5_000_000_000...), default: silentAgent)
        silentSeries = reader.optional("silent-series", as: .nanoseconds(in: 1_000_000_000...))
        // What stays away is asked for after 20 s.
        openHole = reader.value("open-hole", as: .nanoseconds(in: 5_000_000_000...), default: openHole)
    }
}

extension ValueFormat where Value == String {
    /// `sqlite:/absolute/path`; the value is the path.
    fileprivate static var sqliteStore: Self {
        ValueFormat<String>.string.parsing("a store such as sqlite:/var/lib/fieldproof/store.db", placeholder: "/x") {
            text throws(InvalidValue) in
            if text.hasPrefix("postgresql:") {
                throw InvalidValue("PostgreSQL is not part of this version; use sqlite:/var/lib/fieldproof/store.db")
            }
            guard text.hasPrefix("sqlite:/"), text.utf8.count > "sqlite:/".utf8.count else {
                throw InvalidValue(
                    "must be 'sqlite:' and an absolute path, such as sqlite:/var/lib/fieldproof/store.db")
            }
            return String(text.dropFirst("sqlite:".count))
        }
    }
}
