package import Telemetry

/// The agent's word that some frames of one of its streams will never come.
///
/// Speaks about a stream of the same site, agent and install as the frame that carries it.
package struct LossDeclaration: Hashable, Sendable {
    package let epoch: UInt64
    package let priority: PriorityClass
    /// The frames that are lost.
    package let sequences: ClosedRange<UInt64>
    package let samples: LostSamples
    package let reason: LossReason

    package init(
        epoch: UInt64, priority: PriorityClass, sequences: ClosedRange<UInt64>, samples: LostSamples, reason: LossReason
    ) {
        self.epoch = epoch
        self.priority = priority
        self.sequences = sequences
        self.samples = samples
        self.reason = reason
    }

    /// The samples that are lost, where the agent knows them and there are any.
    package var ordinals: ClosedRange<UInt64>? {
        if case .ordinals(let range) = samples { range } else { nil }
    }
}

/// What lost frames held.
package enum LostSamples: Hashable, Sendable {
    /// Frames without samples: definitions or declarations only.
    case none
    case ordinals(ClosedRange<UInt64>)
    /// The frames cannot be read any more, and none after them tells.
    case unknown
}

/// Why frames were lost.
package enum LossReason: UInt8, Hashable, Sendable, CaseIterable {
    /// The spool was full and these were the oldest of the least precious class.
    case evicted = 1
    /// They did not survive on the disk.
    case corrupt = 2
    /// Broker or collector will never take them.
    case refused = 3
    /// An operator gave them up.
    case discarded = 4
    /// The agent does not have them any more, and cannot say why: acknowledged once by an archive that was restored from an older
    /// copy since, or damaged on disk before anything told their numbers.
    case unavailable = 5

    /// One word for people and reports.
    package var name: String {
        switch self {
        case .evicted: "evicted"
        case .corrupt: "corrupt"
        case .refused: "refused"
        case .discarded: "discarded"
        case .unavailable: "unavailable"
        }
    }
}

extension LossDeclaration {
    func validate() throws(FrameError) {
        var greatest = [epoch, sequences.upperBound]
        var least = [sequences.lowerBound]
        if let ordinals {
            greatest.append(ordinals.upperBound)
            least.append(ordinals.lowerBound)
        }
        guard greatest.allSatisfy({ $0 < FrameLimits.counter }), least.allSatisfy({ $0 >= 1 }) else {
            throw FrameError(.invalid, "a declaration of loss must count frames and samples from 1 to below 2^62")
        }
    }

    func write(to writer: inout ByteWriter) {
        writer.arrayHead(6)
        writer.unsigned(epoch)
        writer.unsigned(UInt64(priority.rawValue))
        writer.unsigned(sequences.lowerBound)
        writer.unsigned(sequences.upperBound)
        switch samples {
        case .none: writer.arrayHead(0)
        case .ordinals(let range):
            writer.arrayHead(2)
            writer.unsigned(range.lowerBound)
            writer.unsigned(range.upperBound)
        case .unknown: writer.null()
        }
        writer.unsigned(UInt64(reason.rawValue))
    }

    init(from reader: inout ByteReader) throws(FrameError) {
        try reader.arrayHead(of: 6)
        epoch = try reader.counter()
        guard let priority = PriorityClass(rawValue: UInt8(clamping: try reader.unsigned())) else {
            throw reader.malformed("the stream is of no known class")
        }
        self.priority = priority
        sequences = try reader.range()
        if reader.skipNull() {
            samples = .unknown
        } else {
            switch try reader.arrayHead() {
            case 0: samples = .none
            case 2: samples = .ordinals(try reader.range())
            default: throw reader.malformed("lost samples are a first and a last one")
            }
        }
        guard let reason = LossReason(rawValue: UInt8(clamping: try reader.unsigned())) else {
            throw reader.malformed("the loss has no known reason")
        }
        self.reason = reason
    }
}

extension ByteReader {
    /// Two counters from 1, ascending or equal.
    fileprivate mutating func range() throws(FrameError) -> ClosedRange<UInt64> {
        let first = try counter()
        let last = try counter()
        guard first >= 1, first <= last else { throw malformed("a range must ascend and start at 1 or later") }
        return first...last
    }
}
