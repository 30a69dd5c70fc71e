import TestSupport
import Telemetry

/// One thing that happens in a world. `agent` and `pick` are taken modulo what there is, so that any action fits any world and a
/// failing list of actions can be shortened.
enum Action: Sendable {
    case store(agent: Int, PriorityClass, samples: Int)
    case synchronize(agent: Int)
    /// The agent sends what is due.
    case pump(agent: Int)
    case connect(agent: Int)
    case disconnect(agent: Int)
    /// The broker answers for a frame it was sent.
    case answer(agent: Int, isRefusal: Bool)
    /// A frame under way arrives; when `isKept`, it will arrive once more.
    case deliver(pick: Int, isKept: Bool)
    case drop(pick: Int)
    /// A bit of a frame under way flips.
    case damage(pick: Int)
    /// The collector syncs and acknowledges.
    case acknowledge
    /// An acknowledgement under way arrives.
    case receive(pick: Int, isKept: Bool)
    case dropAcknowledgement(pick: Int)
    /// What the collector asks for reaches its agent.
    case request(pick: Int)
    case commit
    /// In good order.
    case stop(agent: Int)
    /// The process ends; what the kernel has stays.
    case kill(agent: Int)
    case cutPower(agent: Int, SimulatedDisk.Survival)
    case plan(agent: Int, FaultyFileSystem.Fault, after: Int)
    case flipBit(agent: Int, pick: Int)
    case killCollector
    case cutCollectorPower(SimulatedDisk.Survival)
    case planForCollector(FaultyFileSystem.Fault, after: Int)
    case keepCopyOfCollector
    /// Archive and store as they were when a copy was kept; the store may be of another age.
    case restoreCollector(withStore: Bool)
    case loseStore
    case wait(seconds: Int)
    case jumpClock(seconds: Int)
}

/// What a world is made of: everything follows from the seed.
struct WorldPlan: Sendable {
    let seed: UInt64
    let agentCount: Int
    /// Segments in each agent's spool.
    let segments: Int
    let window: Int
    var actions: [Action] = []

    init(seed: UInt64) {
        self.seed = seed
        var generator = SeededGenerator(seed: seed)
        agentCount = generator.oneIn(3) ? 2 : 1
        segments = Int.random(in: 6...9, using: &generator)
        window = generator.oneIn(3) ? 2 : 8
        // Each world has its own weather: some never lose power, some flip bits.
        var kinds: [@Sendable (inout SeededGenerator) -> Action] = [Self.fromAgents, Self.onTheWay]
        kinds += [Self.fromAgents, Self.onTheWay, Self.atTheCollector]
        if generator.oneIn(2) { kinds.append(Self.atAgents) }
        if generator.oneIn(2) { kinds.append(Self.againstTheCollector) }
        if generator.oneIn(8) { kinds.append { .flipBit(agent: 0, pick: Int.random(in: 0..<1 << 30, using: &$0)) } }
        if generator.oneIn(8) { kinds.append(Self.copies) }
        for _ in 0..<Int.random(in: 10...120, using: &generator) {
            guard let kind = kinds.randomElement(using: &generator) else { break }
            actions.append(kind(&generator))
        }
    }

    init(seed: UInt64, actions: [Action]) {
        self.seed = seed
        agentCount = 1
        segments = 6
        window = 4
        self.actions = actions
    }

    private static func fromAgents(_ generator: inout SeededGenerator) -> Action {
        let agent = Int.random(in: 0..<2, using: &generator)
        switch Int.random(in: 0..<12, using: &generator) {
        case 0..<6:
            let priority: PriorityClass = generator.oneIn(5) ? .event : generator.oneIn(3) ? .bulk : .metric
            let most = generator.oneIn(4) ? 400 : 12
            return .store(agent: agent, priority, samples: Int.random(in: 1...most, using: &generator))
        case 6, 7: return .synchronize(agent: agent)
        case 8, 9: return .pump(agent: agent)
        case 10: return .connect(agent: agent)
        default: return generator.oneIn(4) ? .jumpClock(seconds: jump(&generator)) : .wait(seconds: wait(&generator))
        }
    }

    private static func jump(_ generator: inout SeededGenerator) -> Int {
        Int.random(in: -320_000_000...320_000_000, using: &generator)
    }

    private static func wait(_ generator: inout SeededGenerator) -> Int { Int.random(in: 0...40, using: &generator) }

    private static func onTheWay(_ generator: inout SeededGenerator) -> Action {
        let pick = Int.random(in: 0..<64, using: &generator)
        switch Int.random(in: 0..<17, using: &generator) {
        case 16: return .request(pick: pick)
        case 0..<5: return .deliver(pick: generator.oneIn(2) ? 0 : pick, isKept: generator.oneIn(6))
        case 5: return .drop(pick: pick)
        case 6: return .damage(pick: pick)
        case 7..<10: return .receive(pick: generator.oneIn(2) ? 0 : pick, isKept: generator.oneIn(6))
        case 10: return .dropAcknowledgement(pick: pick)
        case 11, 12, 13: return .answer(agent: pick, isRefusal: generator.oneIn(8))
        case 14: return .disconnect(agent: pick)
        default: return .connect(agent: pick)
        }
    }

    private static func atTheCollector(_ generator: inout SeededGenerator) -> Action {
        generator.oneIn(3) ? .commit : .acknowledge
    }

    private static func atAgents(_ generator: inout SeededGenerator) -> Action {
        let agent = Int.random(in: 0..<2, using: &generator)
        switch Int.random(in: 0..<6, using: &generator) {
        case 0: return .stop(agent: agent)
        case 1: return .kill(agent: agent)
        case 2: return .cutPower(agent: agent, survival(&generator))
        default:
            return .plan(agent: agent, fault(&generator), after: Int.random(in: 0..<40, using: &generator))
        }
    }

    private static func againstTheCollector(_ generator: inout SeededGenerator) -> Action {
        switch Int.random(in: 0..<8, using: &generator) {
        case 0, 1: return .killCollector
        case 2, 3: return .cutCollectorPower(survival(&generator))
        case 4: return .loseStore
        default: return .planForCollector(fault(&generator), after: Int.random(in: 0..<30, using: &generator))
        }
    }

    private static func copies(_ generator: inout SeededGenerator) -> Action {
        generator.oneIn(2) ? .keepCopyOfCollector : .restoreCollector(withStore: generator.oneIn(2))
    }

    private static func survival(_ generator: inout SeededGenerator) -> SimulatedDisk.Survival {
        switch Int.random(in: 0..<4, using: &generator) {
        case 0: .nothing
        case 1: .everything
        default: .seeded(generator.next())
        }
    }

    private static func fault(_ generator: inout SeededGenerator) -> FaultyFileSystem.Fault {
        switch Int.random(in: 0..<7, using: &generator) {
        case 0: .short
        case 1: .error(errno: 5)
        case 2: .error(errno: 28)
        default: .crash
        }
    }
}
