import Certificates
package import Mosquitto
package import Telemetry

/// Notices that the files of the credentials are other ones, and takes them up when they are sound.
///
/// A value that its owner asks from time to time and at SIGHUP: it reads files, and talks to nobody. New files are read whole, and checked
/// together: certificate and key of one another, for a client, not over, secrets not readable by others. One whose time has not come by the
/// clock is taken, for the clock may be behind. Where they are not sound, what is in use stays in use.
package struct CredentialWatch: Sendable {
    /// What became of the files.
    package enum News: Sendable {
        /// They are as they were.
        case same
        /// To be used from now on.
        case renewed(MQTTCredentials, CertificateDates?)
        /// What is wrong with the new ones; those in use stay. Told once of the same files.
        case refused(ConnectionError)
    }

    /// How often to look, nanoseconds.
    package static let interval: Int64 = 30_000_000_000

    private let access: BrokerAccess
    private var taken: [FileStamp?]
    /// Files that were not sound, or not all in their places, when they were looked at last; they may be one half of two that are put in place
    /// one after the other.
    private var suspect: [FileStamp?]?
    private var refused: [FileStamp?]?
    /// Of the client's certificate in use; nil without one.
    package private(set) var dates: CertificateDates?

    /// Reads the credentials that are there.
    package init(_ access: BrokerAccess) throws(ConnectionError) {
        self.access = access
        taken = Self.stamps(access)
        credentials = try access.credentials()
        dates = credentials.identity?.validity.map(CertificateDates.init)
    }

    /// What is in use.
    package private(set) var credentials: MQTTCredentials

    /// What is still to be done about the files of what is in use; nil as a rule.
    package var unfinished: String? { credentials.identity?.unfinished?.description }

    /// Looks whether the files have changed.
    ///
    /// `insisting`: somebody wants to know now; a refusal is not put off to the next look.
    package mutating func look(insisting: Bool = false, at now: Timestamp) -> News {
        let stamps = Self.stamps(access)
        guard stamps != taken else {
            (suspect, refused) = (nil, nil)
            return .same
        }
        guard insisting || stamps != refused else { return .same }
        do throws(ConnectionError) {
            let new = try access.credentials()
            if let fault = new.identity?.fault(at: now) {
                throw ConnectionError(CertificateError(fault.code, access.tls.certificate, fault.message))
            }
            // An installation may be under way: the key comes into its place in a moment.
            if new.identity?.unfinished != nil, !insisting, suspect != stamps {
                suspect = stamps
                return .same
            }
            // What was read may be newer than the stamps; the next look tells.
            (taken, suspect, refused) = (stamps, nil, nil)
            credentials = new
            dates = new.identity?.validity.map(CertificateDates.init)
            return .renewed(new, dates)
        } catch {
            guard insisting || suspect == stamps else {
                suspect = stamps
                return .same
            }
            refused = stamps
            return .refused(error)
        }
    }

    private static func stamps(_ access: BrokerAccess) -> [FileStamp?] {
        [access.tls.ca, access.tls.certificate, access.tls.key, access.passwordFile].map { path in
            path.flatMap(FileStamp.init)
        }
    }
}
