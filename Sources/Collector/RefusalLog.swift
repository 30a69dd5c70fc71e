import Delivery
import Logging
import Telemetry

/// Says which payloads were refused, without letting their sender fill the log: one line a second at the most, with the count of
/// those in between.
struct RefusalLog {
    private static let interval: Int64 = 1_000_000_000
    private var nextLine: Int64 = .min
    private var silent = 0

    mutating func note(
        _ refusal: FrameRefusal, site: Identifier, agent: Identifier, bytes: Int, at now: Int64,
        _ logger: Logger
    ) {
        note(
            "\(refusal)", level: refusal.needsAction ? .error : .warning, site: site, agent: agent, bytes: bytes,
            at: now,
            logger)
    }

    mutating func note(
        _ reason: String, level: Logger.Level = .warning, site: Identifier, agent: Identifier, bytes: Int,
        at now: Int64,
        _ logger: Logger
    ) {
        guard now >= nextLine else {
            silent += 1
            return
        }
        logger.log(
            level: level, "a payload was refused; nothing of it was kept",
            metadata: [
                "site": "\(site)", "agent": "\(agent)", "bytes": "\(bytes)", "reason": "\(reason)",
                "unlogged": "\(silent)",
            ])
        silent = 0
        nextLine = now + Self.interval
    }

    /// Of a document that is not a frame.
    mutating func note(_ error: DeliveryError, on topic: String, at now: Int64, _ logger: Logger) {
        guard now >= nextLine else {
            silent += 1
            return
        }
        logger.warning(
            "what an agent says of itself was refused",
            metadata: ["topic": "\(topic)", "reason": "\(error)", "unlogged": "\(silent)"])
        silent = 0
        nextLine = now + Self.interval
    }
}
