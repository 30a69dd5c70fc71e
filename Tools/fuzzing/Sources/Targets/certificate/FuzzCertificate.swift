import Certificates
import FuzzSupport

/// PEM that others hand over: certificates, requests, lists of what is revoked, keys. What is read can be asked for everything, and is the same
/// after writing and reading.
///
/// An input whose first byte is below 4 is what stands inside of one block of PEM, which is made of it here: base64 is in a mutation's way.
@_cdecl("LLVMFuzzerTestOneInput")
package func fuzzCertificate(_ data: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    // The library keeps what it sets up when it is first called.
    fuzz(data, count, base: 8 << 20, factor: 256) { bytes in
        let labels = ["CERTIFICATE", "CERTIFICATE REQUEST", "X509 CRL", "PRIVATE KEY"]
        let text = bytes.first.flatMap { $0 < labels.count ? pem(labels[Int($0)], bytes.dropFirst()) : nil } ?? bytes
        let certificates = attempt { () throws(CertificateError) in try Certificate.all(inPEM: text, path: nil) } ?? []
        for certificate in certificates { ask(certificate) }
        if let list = attempt({ () throws(CertificateError) in try CertificateList(pem: text, path: nil) }) {
            ask(list, certificates)
        }
        if let request = attempt({ () throws(CertificateError) in try CertificateRequest(pem: text, path: nil) }) {
            let again = demanded("a request can be read back") { () throws(CertificateError) in
                try CertificateRequest(pem: request.pem, path: nil)
            }
            demand(again.commonName == request.commonName, "a request is the same after writing and reading")
        }
        if let key = attempt({ () throws(CertificateError) in try PrivateKey(pem: text, path: nil) }) {
            for certificate in certificates { _ = key.fits(certificate) }
            // Of a key whose halves are not of one another, what is written may be refused.
            _ = attempt { () throws(CertificateError) in try PrivateKey(pem: key.pem, path: nil) }
        }
    }
}

/// What is read; nil when it is refused, for which there are words.
private func attempt<Value>(_ body: () throws(CertificateError) -> Value) -> Value? {
    do throws(CertificateError) {
        return try body()
    } catch {
        demand(!error.description.isEmpty, "an error has words")
        return nil
    }
}

private func ask(_ certificate: Certificate) {
    _ = (certificate.commonName, certificate.issuerName, certificate.serial, certificate.validity)
    _ = (certificate.mayBeClient, certificate.mayBeServer, certificate.isAuthority, certificate.alternativeNames)
    _ = certificate.isSigned(by: certificate)
    let again = demanded("a certificate can be read back") { () throws(CertificateError) in
        try Certificate.all(inPEM: certificate.pem, path: nil)
    }
    demand(
        again.map(\.fingerprint) == [certificate.fingerprint], "a certificate is the same after writing and reading")
}

private func ask(_ list: CertificateList, _ certificates: [Certificate]) {
    demand(list.number >= 0, "a number is none below 0")
    for certificate in certificates { _ = list.isSigned(by: certificate) }
    let again = demanded("a list can be read back") { () throws(CertificateError) in
        try CertificateList(pem: list.pem, path: nil)
    }
    demand(
        again.entries == list.entries && again.number == list.number, "a list is the same after writing and reading")
}

/// A block of PEM (RFC 7468) that holds `bytes`.
private func pem(_ label: String, _ bytes: ArraySlice<UInt8>) -> [UInt8] {
    let digits = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
    var text = Array("-----BEGIN \(label)-----\n".utf8)
    var column = 0
    var rest = bytes
    while !rest.isEmpty {
        let group = Array(rest.prefix(3))
        rest = rest.dropFirst(3)
        let number = (0..<3).reduce(0) { $0 << 8 | ($1 < group.count ? Int(group[$1]) : 0) }
        for place in 0..<4 {
            text.append(place <= group.count ? digits[number >> (18 - 6 * place) & 63] : UInt8(ascii: "="))
        }
        column += 4
        if column == 64 || rest.isEmpty {
            text.append(UInt8(ascii: "\n"))
            column = 0
        }
    }
    return text + Array("-----END \(label)-----\n".utf8)
}
