package import Configuration
package import Connection
package import Delivery
package import Health
package import Inputs
package import Pipeline
package import Telemetry

/// Everything `agent.yaml` says.
package struct AgentSettings: ConfigurationDecodable, Sendable {
    package var identity: Identity
    package var broker: BrokerSettings
    package var spool: Spool
    /// Whose word releases a frame from the spool.
    package var authority: SendWindow.Authority
    package var publishing: Publishing
    /// Where the control socket is; the default is `/run/fieldproof/control.sock`.
    package var controlSocket: String
    /// Where whoever watches may ask; nil: nowhere.
    package var health: HealthSettings?
    package var inputs: [InputDefinition]
    /// What is done to names, units and numbers, first of all.
    package var shaping: [ShapingRule]
    /// What is done after that to series that tell too much, before anything else sees them.
    package var pipeline: [RedactionRule]
    /// The whole file, for what of it can change while the agent runs.
    package let written: CoreValue

    package static let defaultControlSocket = "/run/fieldproof/control.sock"

    package init(from reader: inout MappingReader) {
        identity = reader.required("agent", as: .mapping(Identity.self))
        broker = reader.required("mqtt", as: .mapping(BrokerSettings.self))
        spool = reader.required("spool", as: .mapping(Spool.self))
        let authorities: [String: SendWindow.Authority] = ["collector": .collector, "broker": .broker]
        let name = reader.value("delivery", as: .name(among: authorities.keys.sorted()), default: "collector")
        authority = authorities[name] ?? .collector
        publishing = reader.value("publish", as: .mapping(Publishing.self), default: Publishing())
        controlSocket = reader.value("control", as: .mapping(Control.self), default: Control()).path
        health = reader.optional("health", as: .mapping(HealthSettings.self))
        inputs = reader.required("inputs", as: InputRegistry.standard.definitions)
        let rules = reader.value("pipeline", as: .pipelineRules, default: PipelineRules())
        shaping = rules.shaping
        pipeline = rules.hiding
        written = reader.node.coreValue.unordered
    }

    /// What differs in another file and cannot change while the agent runs.
    func fixedKeys(changedIn other: AgentSettings) -> [String] {
        func fixed(_ value: CoreValue) -> [CoreValue.Member] {
            guard case .mapping(let members) = value else { return [] }
            return members.filter { $0.key != "inputs" && $0.key != "pipeline" }
        }
        let (old, new) = (fixed(written), fixed(other.written))
        let changed = new.filter { !old.contains($0) } + old.filter { member in !new.contains { $0.key == member.key } }
        return Set(changed.map(\.key)).sorted()
    }

    /// Who the box is.
    package struct Identity: ConfigurationDecodable, Sendable {
        package var agent: Identifier
        package var site: Identifier
        /// Free facts about the box; they travel in the `meta` document.
        package var labels: [String: String]

        package init(from reader: inout MappingReader) {
            agent = reader.required("id", as: .agentIdentifier)
            site = reader.required("site", as: .telemetryIdentifier)
            labels = reader.value("labels", as: .dictionary(of: .string), default: [:])
        }
    }

    /// The durable log on the box's disk.
    package struct Spool: ConfigurationDecodable, Sendable {
        package var path: String
        /// Bytes the spool takes on disk, all of them from the start.
        package var size: Int64
        /// Nanoseconds after which samples are on disk at the latest: the most that a power cut can take.
        package var sync: Int64

        package init(path: String, size: Int64, sync: Int64 = 1_000_000_000) {
            self.path = path
            self.size = size
            self.sync = sync
        }

        package init(from reader: inout MappingReader) {
            path = reader.required("path", as: .absolutePath)
            size = reader.value("size", as: .byteCount(in: (32 << 20)...(1 << 40)), default: 512 << 20)
            sync = reader.value("sync", as: .nanoseconds(in: 50_000_000...60_000_000_000), default: 1_000_000_000)
        }
    }

    /// What is published beside frames, for people and other programs.
    package struct Publishing: ConfigurationDecodable, Sendable {
        /// How much of the data goes out as SenML.
        package enum SenML: String, CaseIterable, Sendable {
            /// Every sample.
            case every
            /// The last sample of each series in a frame.
            case latest
            /// Nothing.
            case off
        }

        package var senML = SenML.every
        /// Nanoseconds between two `state/<device>` documents; nil for none.
        package var state: Int64? = 5_000_000_000

        package init() {}

        package init(from reader: inout MappingReader) {
            senML = reader.value("senml", as: .enumeration, default: .every)
            if reader.contains("state"), reader.isOff("state") {
                state = nil
            } else {
                state = reader.value(
                    "state", as: .nanoseconds(in: 100_000_000...3_600_000_000_000), default: 5_000_000_000)
            }
        }
    }

    private struct Control: ConfigurationDecodable {
        var path = AgentSettings.defaultControlSocket

        init() {}

        init(from reader: inout MappingReader) {
            path = reader.value("listen", as: .unixSocket, default: AgentSettings.defaultControlSocket)
        }
    }
}

extension MappingReader {
    /// Whether the value of `key` is the word `off`; it then counts as read.
    fileprivate mutating func isOff(_ key: String) -> Bool {
        value(key, as: .converting(.core) { $0 == .string("off") }, default: false)
    }
}
