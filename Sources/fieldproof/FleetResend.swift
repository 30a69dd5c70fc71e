import ArgumentParser
import Collector
import Delivery
import Frames
import Storage
import Telemetry

#if canImport(Glibc)
import Glibc
#else
import Musl
#endif

extension FleetCommand {
    struct Resend: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Asks an agent to send again what its disk still has, for a collector that has lost something.",
            discussion: """
                Also what was acknowledged: a spool writes over it only when it needs the room, and knows of it until the agent ends. \
                Without --stream or --holes everything goes again; what the archive has already is counted as a duplicate and nothing else.
                """)

        @OptionGroup var target: FleetTarget

        @Option(name: .long, help: "Only frames of this class: event, metric or bulk.")
        var stream: PriorityClass?

        @Option(
            name: .long,
            help: "With --stream: the start of the agent (epoch); the last one that the archive knows without it.")
        var epoch: UInt64?

        @Option(name: .long, help: "With --stream: the number of the first frame.")
        var from: UInt64?

        @Option(name: .long, help: "With --stream: the number of the last frame.")
        var to: UInt64?

        @Flag(name: .long, help: "Only what the archive lacks.")
        var holes = false

        func validate() throws {
            guard stream != nil || (epoch == nil && from == nil && to == nil) else {
                throw ValidationError("--epoch, --from and --to go with --stream")
            }
            guard stream == nil || !holes else { throw ValidationError("--stream and --holes do not go together") }
            guard (from ?? 1) >= 1, (from ?? 1) <= (to ?? .max), (to ?? 1) <= DeliveryLimits.greatestNumber else {
                throw ValidationError("--from and --to must be 1 <= from <= to <= 2^53")
            }
        }

        func run() throws {
            do {
                let settings = try target.options.load()
                let place = try target.place(settings)
                guard stream != nil || holes else {
                    return print(try target.ask(.resend(.everything), of: place, settings).text ?? "done")
                }
                let ledgers = try SQLiteStore(path: settings.store, mustExist: true).load()
                let known = ledgers.streams.filter { $0.key.site == place.site && $0.key.agent == place.agent }
                let selections = try holes ? lacking(known) : [chosen(known, place)]
                if selections.isEmpty { print("the archive lacks nothing of \(place.site)/\(place.agent)") }
                for (reference, ranges) in selections {
                    let answer = try target.ask(.resend(.frames(reference, ranges: ranges)), of: place, settings)
                    print("\(reference.priority.name) of start \(reference.epoch): \(answer.text ?? "done")")
                }
            } catch {
                throw failure(error)
            }
        }

        /// What each stream lacks, the first ranges of it: whoever lacks more asks again.
        private func lacking(
            _ streams: [Frames.Stream: StoredStream]
        ) -> [(StreamReference, [ClosedRange<UInt64>])] {
            streams.sorted { ($0.key.epoch, $0.key.priority) < ($1.key.epoch, $1.key.priority) }.compactMap {
                stream, state in
                let ledger = state.ledger
                // What was declared lost is lacking, too, and may be there after all.
                let missing = IntervalSet(ledger.missing + ledger.declaredFrames.ranges).subtracting(ledger.received)
                guard !missing.isEmpty else { return nil }
                return (StreamReference(stream), Array(missing.ranges.prefix(Acknowledgement.rangeLimit)))
            }
        }

        private func chosen(
            _ streams: [Frames.Stream: StoredStream], _ place: AgentWatch.Agent
        ) throws -> (StreamReference, [ClosedRange<UInt64>]) {
            let candidates = streams.keys.filter { $0.priority == stream && (epoch == nil || $0.epoch == epoch) }
            guard let latest = candidates.max(by: { $0.epoch < $1.epoch }) else {
                throw CollectorError(
                    .notReady,
                    "the archive knows no such stream of \(place.site)/\(place.agent); leave out --stream to ask for all"
                )
            }
            return (StreamReference(latest), [(from ?? 1)...(to ?? DeliveryLimits.greatestNumber)])
        }
    }
}

extension StreamReference {
    fileprivate init(_ stream: Frames.Stream) {
        self.init(install: stream.install, epoch: stream.epoch, priority: stream.priority)
    }
}

/// Who runs this program.
enum Requester {
    /// `user@machine`, as far as the system tells.
    static var name: String {
        var machine = [CChar](repeating: 0, count: 256)
        let host =
            gethostname(&machine, machine.count - 1) == 0
            ? String(decoding: machine.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self) : "?"
        let user = getenv("SUDO_USER") ?? getenv("USER")
        return "\(user.map { String(cString: $0) } ?? "uid \(getuid())")@\(host)"
    }
}
