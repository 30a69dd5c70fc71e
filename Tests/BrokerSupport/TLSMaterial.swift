import Foundation

/// A certificate authority with a server's and a client's certificate, made by the `openssl` program for one test.
package struct TLSMaterial: Sendable {
    private let folder: TemporaryFolder

    package var caPath: String { folder.path("ca.pem") }
    package var serverCertificate: String { folder.path("server.pem") }
    package var serverKey: String { folder.path("server.key") }
    package var clientCertificate: String { folder.path("client.pem") }
    package var clientKey: String { folder.path("client.key") }

    /// - Parameters:
    ///   - hostNames: DNS names in the server's certificate.
    ///   - addresses: IP addresses in it.
    /// - Throws: ``SupportFailure`` with what openssl says.
    package init(hostNames: [String] = ["localhost"], addresses: [String] = ["127.0.0.1"]) throws {
        folder = try TemporaryFolder("tls")
        let names = hostNames.map { "DNS:\($0)" } + addresses.map { "IP:\($0)" }
        try makeCA()
        try issue(
            "server", commonName: hostNames.first ?? "server",
            extensions: "subjectAltName=" + names.joined(separator: ","))
        try issue("client", commonName: "client", extensions: "extendedKeyUsage=clientAuth")
    }

    private func makeCA() throws {
        try run(
            "openssl",
            [
                "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
                "-subj", "/CN=Test CA \(UUID().uuidString)", "-keyout", folder.path("ca.key"), "-out", caPath,
            ])
    }

    private func issue(_ name: String, commonName: String, extensions: String) throws {
        let settings = try folder.write(extensions + "\n", to: "\(name).ext")
        try run(
            "openssl",
            [
                "req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=\(commonName)",
                "-keyout", folder.path("\(name).key"), "-out", folder.path("\(name).csr"),
            ])
        try run(
            "openssl",
            [
                "x509", "-req", "-in", folder.path("\(name).csr"), "-CA", caPath, "-CAkey", folder.path("ca.key"),
                "-CAcreateserial", "-days", "2", "-extfile", settings, "-out", folder.path("\(name).pem"),
            ])
        // The broker reads its key with the rights it drops to; a client takes none that others can read.
        chmod(folder.path("\(name).key"), name == "server" ? 0o644 : 0o600)
    }
}
