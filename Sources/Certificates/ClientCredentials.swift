import CTLS
package import Telemetry

/// What a client shows to a broker, and whose word it takes for the broker's: read whole and found to fit together.
package final class ClientCredentials: Sendable {
    /// Who may have signed the broker's certificate; empty for those of the system.
    package let authorities: [Certificate]
    /// The client's own certificate first, then those between it and its authority; empty for none.
    package let chain: [Certificate]
    private let key: PrivateKey?
    /// A time that is over, whatever the clock says: when the client's certificate, or the newest of the authorities, was made.
    package let surelyPast: Timestamp

    /// Reads files in PEM; certificate and key come together.
    ///
    /// - Throws: `CertificateError` naming the file: it cannot be read, others can use the key, or key and certificate are not of one
    ///   another. Dates are not looked at: a box whose certificate is over still has data to keep.
    package init(ca: String?, certificate: String?, key keyPath: String?) throws(CertificateError) {
        guard (certificate == nil) == (keyPath == nil) else {
            throw CertificateError(
                .mismatched, certificate ?? keyPath, "a client's certificate and its key come together; set both")
        }
        authorities = try ca.map(Self.certificates) ?? []
        if let certificate, let keyPath {
            chain = try Self.certificates(certificate)
            let key = try PrivateKey(pem: CredentialFile.loadSecret(keyPath), path: keyPath)
            guard chain.first.map(key.fits) == true else {
                throw CertificateError(
                    .mismatched, keyPath,
                    "is not the key of the certificate \(certificate); put in the two that were made together")
            }
            if chain.first?.mayBeClient == false {
                throw CertificateError(
                    .mismatched, certificate, "is not for a client; make one with 'fieldproof enrol agent'")
            }
            self.key = key
        } else {
            chain = []
            key = nil
        }
        surelyPast = (authorities + chain.prefix(1)).map(\.validity.begins).max() ?? Timestamp(nanoseconds: 0)
    }

    private static func certificates(_ path: String) throws(CertificateError) -> [Certificate] {
        try Certificate.all(inPEM: CredentialFile.load(path), path: path)
    }

    /// From when to when the client's own certificate holds; nil without one.
    package var validity: Certificate.Validity? { chain.first?.validity }

    /// What speaks against using these instead of others that work: the client's certificate is over.
    ///
    /// One whose time has not come by the clock is taken: having been made, it shows that the clock is behind (`surelyPast`).
    package func fault(at time: Timestamp) -> CertificateError? {
        guard let validity else { return nil }
        let now = max(time, surelyPast)
        if now > validity.expires {
            return CertificateError(.outdated, nil, "the certificate is over since \(validity.expires)")
        }
        return nil
    }

    /// Everything for connections to `host`.
    package func context(host: String) throws(CertificateError) -> ClientContext {
        try ClientContext(self, key: key, host: host)
    }
}
