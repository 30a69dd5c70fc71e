package import Telemetry

#if canImport(Glibc)
import Glibc
#else
import Musl
#endif

/// What a client shows to a broker, and whose word it takes for the broker's: read whole and found to fit together.
package final class ClientCredentials: Sendable {
    /// Who may have signed the broker's certificate; empty for those of the system.
    package let authorities: [Certificate]
    /// The client's own certificate first, then those between it and its authority; empty for none.
    package let chain: [Certificate]
    private let key: PrivateKey?
    /// That the key in use is not in its place yet, and what to do; nil as a rule.
    package let unfinished: CertificateError?
    /// A time that is over, whatever the clock says: when the client's certificate, or the newest of the authorities, was made.
    package let surelyPast: Timestamp

    /// Reads files in PEM; certificate and key come together.
    ///
    /// Where the certificate is of the key that waits in ``pendingKey(_:)`` and not of the one in its place, the waiting one is taken.
    ///
    /// - Throws: `CertificateError` naming the file: it cannot be read, others can use the key, or key and certificate are not of one
    ///   another. Dates are not looked at: a box whose certificate is over still has data to keep.
    package init(ca: String?, certificate: String?, key keyPath: String?) throws(CertificateError) {
        guard (certificate == nil) == (keyPath == nil) else {
            throw CertificateError(
                .mismatched, certificate ?? keyPath, "a client's certificate and its key come together; set both")
        }
        authorities = try ca.map(Certificate.all(at:)) ?? []
        if let certificate, let keyPath {
            chain = try Certificate.all(at: certificate)
            (key, unfinished) = try Self.key(keyPath, of: chain.first, certificate)
            if chain.first?.mayBeClient == false {
                throw CertificateError(
                    .mismatched, certificate, "is not for a client; make one with 'fieldproof enrol agent'")
            }
        } else {
            chain = []
            (key, unfinished) = (nil, nil)
        }
        surelyPast = (authorities + chain.prefix(1)).map(\.validity.begins).max() ?? Timestamp(nanoseconds: 0)
    }

    /// Where a new key waits for its certificate, beside the one in use.
    package static func pendingKey(_ key: String) -> String { key + ".new" }

    private static func key(
        _ path: String, of certificate: Certificate?, _ certificatePath: String
    ) throws(CertificateError) -> (PrivateKey, unfinished: CertificateError?) {
        let refusal: CertificateError
        do throws(CertificateError) {
            let key = try PrivateKey(at: path)
            if certificate.map(key.fits) == true { return (key, nil) }
            refusal = CertificateError(
                .mismatched, path,
                "is not the key of the certificate \(certificatePath); put in the two that were made together")
        } catch {
            refusal = error
        }
        // A new pair comes into its place certificate first. A box that lost its power before the key's turn has that beside it.
        let pending = pendingKey(path)
        guard access(pending, F_OK) == 0 else { throw refusal }
        let key: PrivateKey
        do throws(CertificateError) {
            key = try PrivateKey(at: pending)
        } catch {
            throw CertificateError(refusal.code, path, "\(refusal.message); and \(error)")
        }
        guard certificate.map(key.fits) == true else { throw refusal }
        return (
            key,
            CertificateError(
                .mismatched, pending,
                """
                is the key of the certificate and is used from where it is, since an installation was cut off; finish that on an agent's \
                box with 'fieldproof-agent credentials install \(certificatePath)', or move the key into the place of \(path)
                """)
        )
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
