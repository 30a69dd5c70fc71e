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

    init(_ validity: Certificate.Validity) {
        self.init(begins: validity.begins, expires: validity.expires)
    }

    /// How long before its end the first warning comes, nanoseconds: 14 days.
    package static let warning: Int64 = 14 * 86_400_000_000_000
}
