import Connection
import Logging
import Mosquitto
import Platform
import Telemetry

/// The collector's own certificate and password: takes up what was renewed, and tells in time of what ends.
struct CollectorCredentials {
    private var watch: CredentialWatch
    private var expiry = ExpiryNotice()
    private let client: MQTTClient
    private let logger: Logger
    private let clock = SystemClock()
    /// When to look next (`CLOCK_MONOTONIC`, ns).
    private(set) var dueAt: Int64

    init(_ watch: CredentialWatch, client: MQTTClient, logger: Logger) {
        self.watch = watch
        self.client = client
        self.logger = logger
        dueAt = clock.monotonic
    }

    mutating func lookIfDue() {
        if clock.monotonic >= dueAt { look() }
    }

    /// `insisting`: somebody has asked for it.
    mutating func look(insisting: Bool = false) {
        dueAt = clock.monotonic + CredentialWatch.interval
        switch watch.look(insisting: insisting, at: clock.now) {
        case .same: break
        case .renewed(let new, let dates):
            logger.notice(
                "certificates or passwords were renewed; connecting with them",
                metadata: dates.map { ["expires": "\($0.expires)"] } ?? [:])
            client.renew(new)
        case .refused(let error):
            logger.error(
                "new certificates or passwords are not sound and are not used; those in use stay",
                metadata: ["reason": "\(error)"])
        }
        guard let days = expiry.daysLeft(of: watch.dates, at: clock.now), let dates = watch.dates else { return }
        logger.log(
            level: days < 0 ? .error : .warning,
            days < 0
                ? "the collector's certificate is over; agents keep their data until it is renewed"
                : "the collector's certificate ends soon; renew it with 'fieldproof enrol renew collector'",
            metadata: ["expires": "\(dates.expires)", "days": "\(days)"])
    }
}
