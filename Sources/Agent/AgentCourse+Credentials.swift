import Connection
import Logging
import Mosquitto
import Platform
import Telemetry

// MARK: - Certificates and passwords

extension AgentCourse {
    /// Takes up what was renewed, and tells in time of a certificate that ends. A connection with new credentials takes the place of the old
    /// one; what was under way goes again.
    ///
    /// `insisting`: somebody has asked for it.
    mutating func lookAtCredentials(insisting: Bool = false) {
        switch credentials.look(insisting: insisting, at: clock.now) {
        case .same: break
        case .renewed(let new, let dates):
            logger.notice(
                "certificates or passwords were renewed; connecting with them",
                metadata: dates.map { ["expires": "\($0.expires)"] } ?? [:])
            if let unfinished = credentials.unfinished { logger.warning("\(unfinished)") }
            client.renew(new)
            isMetaStale = true
        case .refused(let error):
            logger.error(
                "new certificates or passwords are not sound and are not used; those in use stay",
                metadata: ["reason": "\(error)"])
        }
        guard let days = expiry.daysLeft(of: credentials.dates, at: clock.now), let dates = credentials.dates else {
            return
        }
        if days < 0 {
            logger.error(
                "this box's certificate is over; nothing is delivered until it is renewed, and what is measured is kept",
                metadata: ["expired": "\(dates.expires)"])
        } else {
            logger.warning(
                "this box's certificate ends soon; have it renewed by the site's operator ('fieldproof enrol renew')",
                metadata: ["expires": "\(dates.expires)", "days": "\(days)"])
        }
    }
}
