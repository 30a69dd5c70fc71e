package import Frames
package import Telemetry

/// What has become of frames in a spool since it was opened, beside what waits in it.
package struct SpoolTally: Hashable, Sendable {
    /// Whose loss, and why.
    package struct Cause: Hashable, Sendable, Comparable {
        package let priority: PriorityClass
        package let reason: LossReason

        package static func < (a: Cause, b: Cause) -> Bool {
            (a.priority.rawValue, a.reason.rawValue) < (b.priority.rawValue, b.reason.rawValue)
        }
    }

    package struct Loss: Hashable, Sendable {
        package var frames: UInt64 = 0
        /// As far as anybody knows them.
        package var samples: UInt64 = 0
    }

    /// Frames that are safe elsewhere, or were given up since they cannot be read, class by class.
    package internal(set) var released: [UInt64] = PriorityClass.allCases.map { _ in 0 }
    /// What was declared lost.
    package private(set) var lost: [Cause: Loss] = [:]

    mutating func note(frames: UInt64, samples: UInt64, of priority: PriorityClass, _ reason: LossReason) {
        guard frames > 0 else { return }
        lost[Cause(priority: priority, reason: reason), default: Loss()].frames += frames
        lost[Cause(priority: priority, reason: reason), default: Loss()].samples += samples
    }

    mutating func note(_ loss: LossDeclaration) {
        note(
            frames: UInt64(loss.sequences.count), samples: loss.ordinals.map { UInt64($0.count) } ?? 0,
            of: loss.priority,
            loss.reason)
    }
}
