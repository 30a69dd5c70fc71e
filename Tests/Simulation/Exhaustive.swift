import Telemetry
import TestSupport

/// Every small workload, with the power cut at every operation of the disk: most crash bugs need three operations or fewer
/// on a fresh file system (Mohan et al., CrashMonkey, OSDI 2018; Pillai et al., ALICE, OSDI 2014).
///
/// One element is a workload, a machine that loses power in it, and what survives on its disk.
struct Exhaustive: Sendable {
    private let workload: [Action]
    private let start: [Action]
    private let isCollector: Bool
    /// Nil: only the process ends, and the kernel's cache lives on.
    private let survival: SimulatedDisk.Survival?

    private static let operations: [[Action]] = [
        [.store(agent: 0, .metric, samples: 3)],
        [.store(agent: 0, .event, samples: 1)],
        [.store(agent: 0, .bulk, samples: 450), .store(agent: 0, .bulk, samples: 450)],
        [.synchronize(agent: 0)],
        [.pump(agent: 0), .deliver(pick: 0, isKept: false), .deliver(pick: 0, isKept: false)],
        [.acknowledge],
        [.receive(pick: 0, isKept: false), .receive(pick: 0, isKept: false)],
        [.stop(agent: 0)],
        [.commit],
    ]

    /// An empty spool, and one in which the next large frame makes an older one go.
    private static let starts: [[Action]] = [
        [.connect(agent: 0), .synchronize(agent: 0), .acknowledge],
        [.synchronize(agent: 0)] + Array(repeating: .store(agent: 0, .bulk, samples: 450), count: 8)
            + [.connect(agent: 0), .synchronize(agent: 0), .acknowledge],
    ]

    /// Every sequence of up to `count` operations, on either start, for either machine, with nothing, everything, or some of what was
    /// not synchronized left on the disk, or all of it in the kernel's cache.
    static func all(_ count: Int) -> [Exhaustive] {
        var workloads: [[Action]] = [[]]
        var longest: [[Action]] = [[]]
        for _ in 0..<count {
            longest = longest.flatMap { head in operations.map { head + $0 } }
            workloads += longest
        }
        return workloads.flatMap { workload in
            starts.flatMap { start in
                [false, true].flatMap { isCollector in
                    ([nil, .nothing, .everything, .seeded(7)] as [SimulatedDisk.Survival?]).map {
                        Exhaustive(workload: workload, start: start, isCollector: isCollector, survival: $0)
                    }
                }
            }
        }
    }

    /// The world in which the power goes after `point` operations of the disk.
    func plan(crashingAfter point: Int) -> WorldPlan {
        let fault: Action =
            isCollector ? .planForCollector(.crash, after: point) : .plan(agent: 0, .crash, after: point)
        let end: Action =
            if let survival {
                isCollector ? .cutCollectorPower(survival) : .cutPower(agent: 0, survival)
            } else {
                isCollector ? .killCollector : .kill(agent: 0)
            }
        return WorldPlan(seed: UInt64(point + 1), actions: start + [fault] + workload + [end])
    }
}
