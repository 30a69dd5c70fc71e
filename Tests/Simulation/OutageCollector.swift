import Collector
import Delivery
import Frames
import Telemetry

/// The collector of a long outage: its gate and its ledgers without the archive, so that the memory measured is the agent's.
struct OutageCollector {
    private(set) var ledgers: [Stream: StreamLedger] = [:]
    /// The time of the newest sample that has arrived; ns since 1970.
    private(set) var newest: Int64 = 0
    private var gate = FrameGate()
    private var owed: Set<Stream> = []
    private let agent: Identifier
    private let generation = UUIDBytes(high: 3, low: 4)

    init(agent: Identifier) { self.agent = agent }

    mutating func take(_ payload: [UInt8], of priority: PriorityClass) throws(Violation) {
        if let refusal = gate.refusal(of: payload, site: .simulation, agent: agent, priority: priority) {
            throw Violation("a frame is refused: \(refusal)")
        }
        guard let header = gate.decoder.header else { return }
        owed.insert(header.stream)
        let insertion = ledgers[header.stream, default: StreamLedger()].admit(
            sequence: header.sequence, firstOrdinal: header.firstOrdinal, samples: UInt64(header.sampleCount))
        guard insertion != .contradiction else { throw Violation("\(header.stream) contradicts itself") }
        for loss in gate.decoder.extras.losses {
            var stream = header.stream
            stream = Stream(
                site: stream.site, agent: stream.agent, install: stream.install, epoch: loss.epoch,
                priority: loss.priority)
            ledgers[stream, default: StreamLedger()].declareLost(sequences: loss.sequences, ordinals: loss.ordinals)
        }
        if priority == .metric, let last = gate.decoder.times?.upperBound {
            newest = max(newest, last.nanoseconds)
        }
    }

    /// What is owed since the last time, as it goes over the network.
    mutating func acknowledge() -> [[UInt8]] {
        defer { owed.removeAll(keepingCapacity: true) }
        return owed.map { stream in
            Acknowledgement(
                stream: StreamReference(install: stream.install, epoch: stream.epoch, priority: stream.priority),
                received: ledgers[stream]?.received ?? IntervalSet(), generation: generation
            ).json
        }
    }
}
