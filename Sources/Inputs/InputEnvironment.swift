package import Logging
package import Telemetry

/// What an input may know about the box it runs on.
package struct InputEnvironment: Sendable {
    /// The instance's name from the configuration, by default the kind. Names the input in logs and counters.
    package let name: String
    /// The device that series without a `device` tag belong to: the agent's id.
    package let device: String
    /// Stands before every path below `/proc`, `/sys` and the like: empty, or a directory that plays `/` in a test.
    package let root: String
    /// The directory in which an input may keep what it has to know after a restart, in a file whose name ends in its own; nil where nothing is kept.
    package let state: String?
    /// The wall clock.
    package let now: @Sendable () -> Timestamp
    package let logger: Logger
    /// What whoever watches the box is told of the input.
    package let watch: InputWatch

    package init(
        name: String, device: String, root: String = "", state: String? = nil,
        now: @escaping @Sendable () -> Timestamp, logger: Logger, watch: InputWatch = InputWatch()
    ) {
        self.watch = watch
        self.name = name
        self.device = device
        self.root = root
        self.state = state
        self.now = now
        self.logger = logger
    }

    /// The tags every series of an input starts with: `device` where the settings name another device than the agent's.
    package func deviceTags(_ configured: String?) -> [Tag] {
        guard let configured, configured != device else { return [] }
        return [Tag("device", configured)]
    }
}
