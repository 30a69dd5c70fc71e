import Connection
import Delivery
import Frames
import Telemetry
import TestSupport

extension Identifier {
    /// The one site there is.
    static let simulation = Identifier("site") ?? .collector
}

/// Agents, a network and a collector, all of it simulated but the code they run.
///
/// The eight invariants of delivery are checked as it goes and when all faults have ended.
struct World {
    private let plan: WorldPlan
    private let clock = SimulatedClock()
    private let wire = SimulatedWire()
    private let agents: [SimulatedAgent]
    private let collector: SimulatedCollector
    private var network = SimulatedNetwork()
    private var truth = Truth()

    init(_ plan: WorldPlan) {
        self.plan = plan
        let clock = self.clock
        agents = (0..<plan.agentCount).map { number in
            SimulatedAgent(Identifier("agent-\(number)") ?? .simulation, number: number, plan: plan, clock: clock)
        }
        collector = SimulatedCollector(seed: plan.seed, clock: clock)
    }

    /// Lives through the plan, then lets everything drain.
    mutating func run() throws -> Tally {
        for action in plan.actions { try perform(action) }
        try endFaults()
        try drain("after the faults")
        for agent in agents {
            for _ in 0..<20 { try agent.store(.metric, samples: 1, &truth) }
            try agent.synchronize(&truth)
        }
        try drain("with twenty fresh samples")
        try collector.checkPromises()
        for agent in agents where agent.files.totalBytes > agent.budget {
            throw Violation("agent \(agent.id) takes \(agent.files.totalBytes) bytes of \(agent.budget)")
        }
        let ledgers = collector.ledgers
        try collector.audit(truth)
        var tally = try truth.judge(ledgers, isDamaged: agents.contains(where: \.isDamaged) || collector.isRestored)
        tally.crashes = collector.files.crashCount + agents.reduce(0) { $0 + $1.files.crashCount }
        return tally
    }

    private func agent(_ number: Int) -> SimulatedAgent { agents[number % agents.count] }

    private mutating func perform(_ action: Action) throws {
        switch action {
        case .store(let number, let priority, let samples):
            try agent(number).store(priority, samples: samples, &truth)
        case .synchronize(let number): try agent(number).synchronize(&truth)
        case .pump(let number): try pump(agent(number))
        case .connect(let number): agent(number).connect()
        case .disconnect(let number): agent(number).disconnect()
        case .answer(let number, let isRefusal): agent(number).answer(reason: isRefusal ? 0x97 : 0)
        case .stop(let number): try agent(number).stop(&truth)
        case .kill(let number): agent(number).kill()
        case .cutPower(let number, let survival): agent(number).cutPower(survival)
        case .plan(let number, let fault, let delay): agent(number).files.plan(fault, afterMore: delay)
        case .flipBit(let number, let pick): agent(number).flipBit(pick)
        case .wait(let seconds): clock.wait(seconds: seconds)
        case .jumpClock(let seconds): clock.jump(seconds: seconds)
        case .deliver, .drop, .damage, .receive, .dropAcknowledgement, .request: try carry(action)
        default: try act(action)
        }
    }

    private mutating func carry(_ action: Action) throws {
        switch action {
        case .deliver(let pick, let isKept):
            if let packet = network.takeFrame(pick, isKept: isKept) { try deliver(packet) }
        case .drop(let pick): _ = network.takeFrame(pick)
        case .damage(let pick): network.damage(pick)
        case .receive(let pick, let isKept):
            if let (id, json) = network.takeAcknowledgement(pick, isKept: isKept) { try receive(json, by: id) }
        case .dropAcknowledgement(let pick): _ = network.takeAcknowledgement(pick)
        case .request(let pick):
            if let (id, json) = network.takeRequest(pick) { try ask(json, of: id) }
        default: break
        }
    }

    private mutating func act(_ action: Action) throws {
        switch action {
        case .acknowledge: try acknowledge()
        case .commit: try collector.commit()
        case .killCollector: collector.kill()
        case .cutCollectorPower(let survival): collector.cutPower(survival)
        case .planForCollector(let fault, let delay): collector.files.plan(fault, afterMore: delay)
        case .keepCopyOfCollector: collector.keepCopy()
        case .restoreCollector(let withStore): collector.restore(withStore: withStore)
        case .loseStore: collector.loseStore()
        default: break
        }
    }

    private mutating func pump(_ agent: SimulatedAgent) throws {
        try agent.pump(wire, &truth)
        try wire.handOver(to: &network, &truth)
    }

    private mutating func deliver(_ packet: SimulatedNetwork.Packet) throws {
        if try collector.start() { greet() }
        try collector.take(packet)
    }

    private mutating func acknowledge() throws {
        if try collector.start() { greet() }
        network.acknowledgements += try collector.acknowledge()
        network.requests += collector.requests()
    }

    private func ask(_ json: [UInt8], of id: Identifier) throws {
        let command = try Command(json: json)
        for agent in agents where agent.id == id && agent.isConnected { try agent.asked(command) }
    }

    private func receive(_ json: [UInt8], by id: Identifier) throws {
        let acknowledgement = try Acknowledgement(json: json)
        for agent in agents where agent.id == id { agent.acknowledged(acknowledgement) }
    }

    private func greet() {
        for agent in agents where agent.isConnected {
            agent.greeted(by: collector.generation)
            collector.heard(of: agent.id)
        }
    }

    private mutating func endFaults() throws {
        network = SimulatedNetwork()
        collector.cutPower(.everything)
        for agent in agents {
            agent.cutPower(.everything)
            agent.disconnect()
            agent.connect()
        }
    }

    /// Everything that is stored must come through in bounded time.
    private mutating func drain(_ note: String) throws {
        for _ in 0..<400 {
            clock.wait(seconds: 20)
            for agent in agents { try pump(agent) }
            while let packet = network.takeFrame(0) { try deliver(packet) }
            for agent in agents { agent.answerAll() }
            try acknowledge()
            try collector.commit()
            while let (id, json) = network.takeAcknowledgement(0) { try receive(json, by: id) }
            while let (id, json) = network.takeRequest(0) { try ask(json, of: id) }
            if agents.allSatisfy({ $0.pending == 0 }), collector.isContent { return }
        }
        throw Violation("\(agents.map(\.pending)) frames do not drain \(note)")
    }
}
