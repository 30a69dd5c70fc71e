import Connection
import Delivery
package import Frames
package import Telemetry

/// Decides which payloads from the network are frames that may enter the archive.
///
/// Everything that arrives is foreign: it is checked whole (size, form, checksum, identity against the topic it came on) before
/// anything remembers it. What fails costs its sender a count and nobody anything else.
package struct FrameGate: Sendable {
    /// Why a payload was refused.
    package enum Refusal: Hashable, Sendable {
        /// Not a frame, damaged, or larger than any frame.
        case malformed(FrameError)
        /// A sound frame whose identity is not that of the topic it was published to.
        case foreignIdentity(claimed: String)
        /// A sound frame that says it is the collector's own: those only the archive itself makes.
        case reservedIdentity
        /// A number no stream reaches in its life: it would make every later gap report useless.
        case implausible(String)
    }

    package static let greatestNumber = DeliveryLimits.greatestNumber

    /// 2^61 nanoseconds: 73 years.
    package static let longestUptime: Int64 = 1 << 61

    /// How many losses one frame may declare: more than a whole segment of a spool can give rise to.
    package static let mostLosses = 4096

    /// The decoder, holding the frame that was admitted last.
    package private(set) var decoder = FrameDecoder()

    package init() {}

    /// Nil when `payload` is a sound frame of exactly this agent and class; `decoder` then holds it.
    package mutating func refusal(
        of payload: [UInt8], site: Identifier, agent: Identifier, priority: PriorityClass
    ) -> Refusal? {
        refusal(of: payload) { stream in
            guard stream.site == site, stream.agent == agent, stream.priority == priority else {
                return .foreignIdentity(claimed: "\(stream.site)/\(stream.agent)/\(stream.priority.name)")
            }
            return nil
        }
    }

    /// Nil when `payload`, which came in a file and not on a topic, is a sound frame of any agent; `decoder` then holds it.
    package mutating func refusal(ofRecorded payload: [UInt8]) -> Refusal? {
        refusal(of: payload) { $0.agent == .collector ? .reservedIdentity : nil }
    }

    private mutating func refusal(of payload: [UInt8], by identity: (Frames.Stream) -> Refusal?) -> Refusal? {
        do throws(FrameError) {
            try decoder.decode(payload)
        } catch {
            return .malformed(error)
        }
        guard let header = decoder.header else { return .implausible("no header") }
        let stream = header.stream
        if let refusal = identity(stream) { return refusal }
        let lastOrdinal = header.firstOrdinal.addingReportingOverflow(UInt64(header.sampleCount))
        guard header.sequence <= Self.greatestNumber, !lastOrdinal.overflow,
            lastOrdinal.partialValue <= Self.greatestNumber,
            stream.epoch <= Self.greatestNumber
        else {
            return .implausible("sequence \(header.sequence), ordinal \(header.firstOrdinal), epoch \(stream.epoch)")
        }
        let clock = header.clock
        guard (0...Self.longestUptime).contains(clock.sinceBoot), clock.state.maximumError >= 0 else {
            return .implausible("\(clock.sinceBoot) ns since boot, clock error \(clock.state.maximumError) ns")
        }
        guard decoder.extras.losses.count <= Self.mostLosses else {
            return .implausible("\(decoder.extras.losses.count) declared losses")
        }
        for loss in decoder.extras.losses {
            guard loss.sequences.upperBound <= Self.greatestNumber,
                loss.ordinals?.upperBound ?? 0 <= Self.greatestNumber,
                loss.epoch <= stream.epoch
            else { return .implausible("a declared loss up to frame \(loss.sequences.upperBound)") }
        }
        return nil
    }
}
