import TestSupport

/// What can go wrong in a world, so that it can be counted how often it was planned to.
enum Hazard: Int, Sendable, CaseIterable {
    case brokerRefuses, connectionLost
    case frameLost, frameDamaged, frameTwice
    case acknowledgementLost, acknowledgementTwice
    case agentKilled, agentPowerCut, agentWriteShort, agentDiskError, agentDiskFull, agentCrash, spoolBitFlipped
    case collectorKilled, collectorPowerCut, collectorWriteShort, collectorDiskError, collectorDiskFull, collectorCrash
    case storeLost, archiveRestored, archiveAndStoreRestored
    case clockSet

    /// As a person reads it, after a number.
    var name: String {
        switch self {
        case .brokerRefuses: "frames refused by the broker"
        case .connectionLost: "connections lost"
        case .frameLost: "frames lost"
        case .frameDamaged: "frames damaged"
        case .frameTwice: "frames twice"
        case .acknowledgementLost: "acknowledgements lost"
        case .acknowledgementTwice: "acknowledgements twice"
        case .agentKilled: "agents killed"
        case .agentPowerCut: "agents' power cut"
        case .agentWriteShort: "agents' writes cut short"
        case .agentDiskError: "agents' disk errors"
        case .agentDiskFull: "agents' disks full"
        case .agentCrash: "agents' crashes within an operation"
        case .spoolBitFlipped: "bits of a spool flipped"
        case .collectorKilled: "collectors killed"
        case .collectorPowerCut: "collectors' power cut"
        case .collectorWriteShort: "collectors' writes cut short"
        case .collectorDiskError: "collectors' disk errors"
        case .collectorDiskFull: "collectors' disks full"
        case .collectorCrash: "collectors' crashes within an operation"
        case .storeLost: "stores lost"
        case .archiveRestored: "archives restored from a copy"
        case .archiveAndStoreRestored: "archives and stores restored from copies"
        case .clockSet: "clocks set"
        }
    }
}

extension Action {
    /// Nil for what belongs to an ordinary day.
    var hazard: Hazard? {
        switch self {
        case .answer(_, isRefusal: true): .brokerRefuses
        case .disconnect: .connectionLost
        case .drop: .frameLost
        case .damage: .frameDamaged
        case .deliver(_, isKept: true): .frameTwice
        case .dropAcknowledgement: .acknowledgementLost
        case .receive(_, isKept: true): .acknowledgementTwice
        case .kill: .agentKilled
        case .cutPower: .agentPowerCut
        case .plan(_, let fault, _): fault.hazard(.agentWriteShort, .agentDiskError, .agentDiskFull, .agentCrash)
        case .flipBit: .spoolBitFlipped
        case .killCollector: .collectorKilled
        case .cutCollectorPower: .collectorPowerCut
        case .planForCollector(let fault, _):
            fault.hazard(.collectorWriteShort, .collectorDiskError, .collectorDiskFull, .collectorCrash)
        case .loseStore: .storeLost
        case .restoreCollector(withStore: false): .archiveRestored
        case .restoreCollector(withStore: true): .archiveAndStoreRestored
        case .jumpClock: .clockSet
        default: nil
        }
    }
}

extension FaultyFileSystem.Fault {
    fileprivate func hazard(_ short: Hazard, _ error: Hazard, _ full: Hazard, _ crash: Hazard) -> Hazard {
        switch self {
        case .short: short
        case .error(let errno): errno == 28 ? full : error
        case .crash: crash
        }
    }
}

/// How often each hazard was planned.
struct HazardTally: Sendable {
    /// One that is planned less often than this has not been tried.
    static let enough = 1000

    private var counts = [Int](repeating: 0, count: Hazard.allCases.count)

    mutating func add(_ plan: WorldPlan) {
        for action in plan.actions {
            if let hazard = action.hazard { counts[hazard.rawValue] += 1 }
        }
    }

    static func += (a: inout HazardTally, b: HazardTally) {
        for index in a.counts.indices { a.counts[index] += b.counts[index] }
    }

    var rare: [Hazard] { Hazard.allCases.filter { counts[$0.rawValue] < Self.enough } }

    var text: String { Hazard.allCases.map { "\(counts[$0.rawValue]) \($0.name)" }.joined(separator: ", ") }
}
