import Delivery
package import Frames
import Storage

/// What is lost of some streams, by the reasons that their agent gave.
package struct LossAccount: Hashable, Sendable {
    package struct Figure: Hashable, Sendable {
        package var frames: UInt64 = 0
        package var samples: UInt64 = 0

        package init(frames: UInt64 = 0, samples: UInt64 = 0) {
            self.frames = frames
            self.samples = samples
        }

        fileprivate mutating func add(_ frames: UInt64, _ samples: UInt64) {
            self.frames.grow(by: frames)
            self.samples.grow(by: samples)
        }
    }

    /// By reason; nil for what a store of an earlier version took in, which `fieldproof rebuild` tells apart.
    package private(set) var reasons: [LossReason?: Figure] = [:]

    package init() {}

    package var total: Figure {
        reasons.values.reduce(into: Figure()) { $0.add($1.frames, $1.samples) }
    }

    package var isEmpty: Bool { total == Figure() }

    /// Adds a stream. What was declared twice counts for the reason that stands first among ``LossReason``; what has arrived after all is
    /// not lost.
    mutating func add(_ ledger: StreamLedger, _ losses: [StoredLoss]) {
        guard !ledger.declaredFrames.isEmpty else { return }
        var frames = ledger.declaredFrames.subtracting(ledger.received)
        var samples = ledger.archived.ordinals
        var rest = ledger.lostCount
        var known: [(reason: LossReason, frames: IntervalSet, samples: IntervalSet)] = []
        for loss in losses.sorted(by: { $0.reason.rawValue < $1.reason.rawValue }) {
            let own = frames.subtracting(frames.subtracting(loss.frames))
            let fresh = min(loss.samples.subtracting(samples).count, rest)
            frames = frames.subtracting(own)
            samples.formUnion(loss.samples)
            rest -= fresh
            known.append((loss.reason, own, loss.samples))
            guard !own.isEmpty || fresh > 0 else { continue }
            reasons[loss.reason, default: Figure()].add(own.count, fresh)
        }
        // Samples that the agent could not count, but the frames around them tell.
        for hole in ledger.holes where hole.count > 0 && rest > 0 {
            let inside = IntervalSet([hole.sequences])
            guard inside.subtracting(ledger.declaredFrames).isEmpty else { continue }
            let held = IntervalSet([hole.firstOrdinal...(hole.nextOrdinal - 1)])
            let uncounted = min(held.subtracting(samples).count, rest)
            guard uncounted > 0 else { continue }
            // They are of whoever declared frames there and could not count them, where there is one.
            let owners = known.filter { $0.frames.subtracting(inside) != $0.frames }
            let owner = owners.first { $0.samples.subtracting(held) == $0.samples } ?? owners.first
            reasons[owner?.reason, default: Figure()].add(0, uncounted)
            rest -= uncounted
        }
        if frames.count > 0 || rest > 0 { reasons[nil, default: Figure()].add(frames.count, rest) }
    }
}
