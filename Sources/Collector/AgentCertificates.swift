import Connection
import JSON
import Logging
import Telemetry

/// Until when the certificates of agents hold, by what they say themselves in their `meta` documents; tells in time of those that end.
///
/// That is advice for people, and nothing is decided by it.
struct AgentCertificates {
    private struct Box: Hashable {
        let site: Identifier
        let agent: Identifier
    }

    private struct Entry {
        var dates: CertificateDates
        var notice = ExpiryNotice()
    }

    /// Who makes up ever more agents gets no memory for it.
    private static let limit = 4096
    /// Documents beyond this are not read, bytes: some tens of thousands of series.
    private static let largest = 4 << 20
    private static let interval: Int64 = 30_000_000_000
    private var boxes: [Box: Entry] = [:]
    private var nextLook: Int64 = 0

    /// Why a document was refused.
    enum Refusal: Hashable, CustomStringConvertible {
        case malformed
        case foreignIdentity(String)

        var description: String {
            switch self {
            case .malformed: "it is no document of an agent"
            case .foreignIdentity(let claimed): "it says it is from \(claimed)"
            }
        }
    }

    /// Notes what an agent says of itself; an empty document takes it back, as MQTT has it.
    mutating func note(_ payload: [UInt8], site: Identifier, agent: Identifier) -> Refusal? {
        let box = Box(site: site, agent: agent)
        guard !payload.isEmpty else {
            boxes[box] = nil
            return nil
        }
        guard payload.count <= Self.largest, let document = try? JSONParser.parse(payload), document.object != nil
        else {
            return .malformed
        }
        guard document["site"]?.string == site.text, document["agent"]?.string == agent.text else {
            let claimed = [document["site"]?.string, document["agent"]?.string].map { ($0 ?? "nobody").prefix(63) }
            return .foreignIdentity(claimed.joined(separator: "/"))
        }
        guard let text = document["certificate_expires"]?.string, let expires = Timestamp(rfc3339: text) else {
            boxes[box] = nil
            return nil
        }
        guard boxes[box] != nil || boxes.count < Self.limit else { return nil }
        let dates = CertificateDates(begins: Timestamp(nanoseconds: 0), expires: expires)
        if boxes[box]?.dates != dates {
            boxes[box, default: Entry(dates: dates)].dates = dates
            nextLook = 0
        }
        return nil
    }

    /// Warns of what ends soon. `now`: `CLOCK_MONOTONIC`, ns.
    mutating func warn(at now: Int64, _ time: Timestamp, _ logger: Logger) {
        guard now >= nextLook else { return }
        nextLook = now + Self.interval
        for box in boxes.keys {
            guard let dates = boxes[box]?.dates, let days = boxes[box]?.notice.daysLeft(of: dates, at: time) else {
                continue
            }
            logger.warning(
                days < 0
                    ? "an agent's certificate is over; it cannot connect again until it is renewed"
                    : "an agent's certificate ends soon; renew it with 'fieldproof enrol renew'",
                metadata: [
                    "site": "\(box.site)", "agent": "\(box.agent)", "expires": "\(dates.expires)", "days": "\(days)",
                ])
        }
    }
}
