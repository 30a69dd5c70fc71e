import Certificates
import Mosquitto
package import Telemetry

/// From when to when the client's certificate holds.
package struct CertificateDates: Hashable, Sendable {
    package let begins: Timestamp
    package let expires: Timestamp

    package init(begins: Timestamp, expires: Timestamp) {
        self.begins = begins
        self.expires = expires
    }

    /// When what a connection rests on is over: `client`, this box's certificate, and `ca`, the first to end of those that the broker's is checked
    /// by. Those in the files now, of which none is told that cannot be read.
    package static func ends(_ access: BrokerAccess) -> [(use: String, expiry: Timestamp)] {
        guard access.address.usesTLS else { return [] }
        let ends = { (path: String?) in
            path.flatMap { try? Certificate.all(at: $0) }.map { $0.map(\.validity.expires) } ?? []
        }
        return [("client", ends(access.tls.certificate).first), ("ca", ends(access.tls.ca).min())]
            .compactMap { use, expiry in expiry.map { (use: use, expiry: $0) } }
    }

    init(_ validity: Certificate.Validity) {
        self.init(begins: validity.begins, expires: validity.expires)
    }

    /// How long before its end the first warning comes, nanoseconds: 14 days.
    package static let warning: Int64 = 14 * 86_400_000_000_000
}
