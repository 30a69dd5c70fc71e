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

    /// Of the certificate that is in the file now; nil where none is used or it cannot be read.
    package init?(_ access: BrokerAccess) {
        guard access.address.usesTLS, let path = access.tls.certificate,
            let certificate = try? Certificate.all(inPEM: CredentialFile.load(path), path: path).first
        else { return nil }
        self.init(certificate.validity)
    }

    /// When what a connection rests on is over: `client`, this box's certificate, and `ca`, the first to end of those that the broker's is checked
    /// by. Those in the files now, of which none is told that cannot be read.
    package static func ends(_ access: BrokerAccess) -> [(use: String, expiry: Timestamp)] {
        guard access.address.usesTLS else { return [] }
        var ends: [(use: String, expiry: Timestamp)] = []
        if let client = CertificateDates(access) { ends.append((use: "client", expiry: client.expires)) }
        if let path = access.tls.ca,
            let authorities = try? Certificate.all(inPEM: CredentialFile.load(path), path: path),
            let first = authorities.map(\.validity.expires).min()
        {
            ends.append((use: "ca", expiry: first))
        }
        return ends
    }

    init(_ validity: Certificate.Validity) {
        self.init(begins: validity.begins, expires: validity.expires)
    }

    /// How long before its end the first warning comes, nanoseconds: 14 days.
    package static let warning: Int64 = 14 * 86_400_000_000_000
}
