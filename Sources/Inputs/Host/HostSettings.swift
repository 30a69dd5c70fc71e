package import Configuration

/// What can be set of an input `host`.
package struct HostSettings: ConfigurationDecodable, Sendable {
    /// Nanoseconds between readings.
    package var every: Int64 = 1_000_000_000
    /// What to look at.
    package var collect: Set<HostGroup> = Set(HostGroup.allCases)
    /// What to say of each core.
    package var cores: CoreDetail = .usage
    /// The device the series are about; nil for the agent's own.
    package var device: String?
    package var exclude = Exclusions()

    /// How much is said of each core, beside the sum over all.
    package enum CoreDetail: String, CaseIterable, Sendable {
        case none
        case usage
        case modes
    }

    /// What is not worth a series. A list that is set replaces the default.
    package struct Exclusions: ConfigurationDecodable, Sendable {
        package var disks = ["loop*", "ram*", "zram*", "fd*", "sr*"].map(NamePattern.init)
        package var interfaces = [
            "lo", "veth*", "docker*", "br-*", "cni*", "cali*", "flannel*", "virbr*", "ifb*", "dummy*",
        ]
        .map(NamePattern.init)
        /// By mount point.
        package var fileSystems = ["/snap/*", "/var/lib/docker/*", "/var/lib/containers/*", "/run/*"].map(
            NamePattern.init)

        package init() {}

        package init(from reader: inout MappingReader) {
            disks = reader.value("disks", as: .namePatterns, default: disks)
            interfaces = reader.value("interfaces", as: .namePatterns, default: interfaces)
            fileSystems = reader.value("file-systems", as: .namePatterns, default: fileSystems)
        }
    }

    package init() {}

    package init(from reader: inout MappingReader) {
        // Below 10 ms the kernel's own counters, which go by ticks of 10 ms, have nothing new to say.
        every = reader.value("every", as: .nanoseconds(in: 10_000_000...86_400_000_000_000), default: every)
        collect = reader.optional("collect", as: .sequence(of: .enumeration, count: 1...)).map(Set.init) ?? collect
        cores = reader.value("cores", as: .enumeration, default: cores)
        device = reader.optional("device", as: .identifier)
        exclude = reader.value("exclude", as: .mapping, default: exclude)
    }
}
