package import CTLS
package import Telemetry

#if canImport(Glibc)
import Glibc
#else
import Musl
#endif

/// An X.509 certificate (RFC 5280).
///
/// `@unchecked Sendable`: never changed once it is made, and OpenSSL guards its count of references and what it works out of it.
package final class Certificate: @unchecked Sendable {
    package let raw: OpaquePointer

    /// Takes a certificate over, and frees it in the end.
    package init(adopting raw: OpaquePointer) { self.raw = raw }

    deinit { X509_free(raw) }

    /// From when to when it holds.
    package struct Validity: Hashable, Sendable {
        package let begins: Timestamp
        /// The last second of it.
        package let expires: Timestamp

        package init(begins: Timestamp, expires: Timestamp) {
            self.begins = begins
            self.expires = expires
        }
    }

    /// Every certificate of a PEM file, in its order.
    ///
    /// - Throws: `CertificateError` when there is none, or one that cannot be read.
    package static func all(inPEM bytes: [UInt8], path: String?) throws(CertificateError) -> [Certificate] {
        ERR_clear_error()
        var all: [Certificate] = []
        let reader = ctls_reader(bytes, Int32(clamping: bytes.count))
        defer { BIO_free(reader) }
        while let raw = ctls_read_certificate(reader) { all.append(Certificate(adopting: raw)) }
        guard ctls_is_end_of_pem() != 0 else {
            throw .library("holds a damaged certificate", code: .unreadable, path: path)
        }
        ERR_clear_error()
        if all.isEmpty { throw CertificateError(.unreadable, path, "holds no certificate in PEM") }
        return all
    }

    /// Every certificate of a file, in its order.
    ///
    /// - Throws: `CertificateError` when it cannot be read, or as for bytes.
    package static func all(at path: String) throws(CertificateError) -> [Certificate] {
        try all(inPEM: CredentialFile.load(path), path: path)
    }

    /// For whom it was made; empty where it does not say.
    package var commonName: String { Self.commonName(of: X509_get_subject_name(raw)) }

    /// Who signed it.
    package var issuerName: String { Self.commonName(of: X509_get_issuer_name(raw)) }

    package static func commonName(of name: OpaquePointer?) -> String {
        var buffer = [CChar](repeating: 0, count: 256)
        let count = X509_NAME_get_text_by_NID(name, NID_commonName, &buffer, Int32(buffer.count))
        return count <= 0 ? "" : String(decoding: buffer.prefix(Int(count)).map(UInt8.init(bitPattern:)), as: UTF8.self)
    }

    /// The number that its issuer gave it, in upper-case hexadecimal digits.
    package var serial: String { Self.serial(X509_get0_serialNumber(raw)) }

    package static func serial(_ number: UnsafePointer<ASN1_INTEGER>?) -> String {
        let value = ASN1_INTEGER_to_BN(number, nil)
        defer { BN_free(value) }
        guard let digits = BN_bn2hex(value) else { return "" }
        defer { CRYPTO_free(digits, "", 0) }
        return String(cString: digits)
    }

    package var validity: Validity {
        Validity(begins: Self.time(X509_get0_notBefore(raw)), expires: Self.time(X509_get0_notAfter(raw)))
    }

    /// An ASN.1 time; one beyond what a `Timestamp` holds is its greatest, and one before that its least.
    package static func time(_ time: UnsafePointer<ASN1_TIME>?) -> Timestamp {
        var fields = tm()
        guard ASN1_TIME_to_tm(time, &fields) == 1 else { return Timestamp(nanoseconds: 0) }
        let seconds = Int64(timegm(&fields))
        let (nanoseconds, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        return Timestamp(nanoseconds: overflow ? (seconds < 0 ? .min : .max) : nanoseconds)
    }

    /// Whether a client may show it (`extendedKeyUsage`; one that does not say may be used for anything).
    package var mayBeClient: Bool { X509_get_extended_key_usage(raw) & UInt32(XKU_SSL_CLIENT) != 0 }

    /// Whether a server may show it.
    package var mayBeServer: Bool { X509_get_extended_key_usage(raw) & UInt32(XKU_SSL_SERVER) != 0 }

    /// Whether it may sign others.
    package var isAuthority: Bool { X509_check_ca(raw) == 1 }

    /// The host names and addresses that it is for.
    package var alternativeNames: [String] {
        guard let names = X509_get_ext_d2i(raw, NID_subject_alt_name, nil, nil) else { return [] }
        defer { ctls_free_names(names) }
        return (0..<max(0, ctls_name_count(names))).compactMap { index in
            var kind: Int32 = 0
            guard let name = ctls_name(names, index, &kind) else { return nil }
            let bytes = [UInt8](
                UnsafeBufferPointer(start: ASN1_STRING_get0_data(name), count: Int(ASN1_STRING_length(name))))
            guard kind == GEN_IPADD else { return String(decoding: bytes, as: UTF8.self) }
            var text = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
            // The length first: what is read is what the family says.
            guard bytes.count == 4 || bytes.count == 16,
                inet_ntop(bytes.count == 4 ? AF_INET : AF_INET6, bytes, &text, socklen_t(text.count)) != nil
            else { return nil }
            return String(decoding: text.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
        }
    }

    /// Whether `issuer` has signed it.
    package func isSigned(by issuer: Certificate) -> Bool {
        defer { ERR_clear_error() }
        return X509_check_issued(issuer.raw, raw) == X509_V_OK && X509_verify(raw, X509_get0_pubkey(issuer.raw)) == 1
    }

    /// SHA-256 of the whole certificate, lower-case hexadecimal digits.
    package var fingerprint: String {
        var digest = [UInt8](repeating: 0, count: 32)
        var count: UInt32 = 32
        X509_digest(raw, EVP_sha256(), &digest, &count)
        return digest.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }

    package var pem: [UInt8] {
        (try? written { bio throws(CertificateError) in PEM_write_bio_X509(bio, raw) }) ?? []
    }
}

/// What a writer of the library writes.
package func written(
    _ write: (OpaquePointer) throws(CertificateError) -> Int32
) throws(CertificateError) -> [UInt8] {
    guard let bio = BIO_new(BIO_s_mem()) else { throw .library("there is no memory") }
    defer { BIO_free(bio) }
    guard try write(bio) == 1 else { throw .library("cannot be written as PEM") }
    var start: UnsafeMutablePointer<CChar>?
    let count = ctls_written(bio, &start)
    return [UInt8](UnsafeRawBufferPointer(start: start, count: max(0, count)))
}
