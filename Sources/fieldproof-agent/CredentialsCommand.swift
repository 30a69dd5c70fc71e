import Agent
import Arguments
import Certificates
import Connection
import Mosquitto
import Platform
import Telemetry

#if canImport(Glibc)
import Glibc
#else
import Musl
#endif

extension FieldproofAgent {
    static let credentialsCommand = Command(
        "credentials", "Makes the box's key, asks for its certificate, and puts that in place.",
        [credentialsRequest, credentialsInstall, credentialsShow])

    private static let newKey: Parameter<Bool> = .flag(
        "new-key", "Make another key, which comes into use together with its certificate.")
    private static let output: Parameter<String?> = .option(
        "output", "A file, which must not exist yet, instead of standard output.")

    private static let credentialsRequest = Command(
        "request", "Writes a certificate request (PEM) for the site's operator; makes the key where there is none.",
        discussion: """
            The key is made in the file that 'mqtt: {key: …}' names, mode 0600, and never leaves the box. The operator answers with

              fieldproof enrol agent ID --request FILE.csr --output DIR

            and 'fieldproof-agent credentials install DIR/ID.pem' puts the certificate in place; a running agent takes it up by itself.
            """,
        [configOption.form, newKey.form, output.form]
    ) { values in
        keepMemoryPrivate()
        let settings = try values.settings()
        let place = try CredentialPlace(settings)
        let name = settings.identity.agent.text
        let path = values[newKey] ? place.nextKey : place.key
        let key: PrivateKey
        if access(path, F_OK) == 0 {
            key = try PrivateKey(at: path)
        } else {
            key = try PrivateKey()
            try CredentialFile.create(key.pem, at: path, isSecret: true)
            complain("\(path): a new key")
        }
        let request = try CertificateRequest(name: name, key: key).pem
        if let output = values[output] {
            try CredentialFile.create(request, at: output, isSecret: false)
        } else {
            print(String(decoding: request, as: UTF8.self), terminator: "")
        }
    }

    private static let certificate: Parameter<String> = .argument("certificate", "The file that the operator made.")

    private static let credentialsInstall = Command(
        "install", "Puts a certificate in place that belongs to the box's key.",
        discussion: "A running agent takes it up within a minute, or at SIGHUP, without losing a sample.",
        [certificate.form, configOption.form]
    ) { values in
        keepMemoryPrivate()
        let settings = try values.settings()
        let place = try CredentialPlace(settings)
        let path = values[certificate]
        let bytes = try CredentialFile.load(path)
        guard let certificate = try Certificate.all(inPEM: bytes, path: path).first else { return }
        guard certificate.commonName == settings.identity.agent.text else {
            throw CertificateError(
                .mismatched, path, "is of '\(certificate.commonName)', and this box is '\(settings.identity.agent)'")
        }
        guard certificate.mayBeClient else { throw CertificateError(.mismatched, path, "is not for a client") }
        try place.check(certificate, path)
        try place.install(bytes, of: certificate, path)
        print("\(place.certificate): until \(certificate.validity.expires)")
    }

    private static let credentialsShow = Command(
        "show", "Says whose certificate the box has, by whom, and until when.", [configOption.form]
    ) { values in
        keepMemoryPrivate()
        let settings = try values.settings()
        // That there are files for both.
        _ = try CredentialPlace(settings)
        let credentials = try settings.broker.access.credentials()
        if let fault = credentials.identity?.unfinished { complain("warning: \(fault)") }
        guard let certificate = credentials.identity?.chain.first else { return }
        print("name     \(certificate.commonName)")
        print("signed   by '\(certificate.issuerName)'")
        print("holds    \(certificate.validity.begins) to \(certificate.validity.expires)")
        print("serial   \(certificate.serial)")
        print("sha-256  \(certificate.fingerprint)")
    }
}

/// Where the configuration has key and certificate.
private struct CredentialPlace {
    let certificate: String
    let key: String
    private let ca: String?
    /// A key that waits for its certificate.
    var nextKey: String { ClientCredentials.pendingKey(key) }

    init(_ settings: AgentSettings) throws(UsageError) {
        let files = settings.broker.access.tls
        guard let certificate = files.certificate, let key = files.key else {
            throw UsageError("the configuration names no 'cert' and 'key' in 'mqtt:'; add where they are to be")
        }
        (self.certificate, self.key, ca) = (certificate, key, files.ca)
    }

    /// A certificate of another site's CA would be taken up, and cut the box off.
    func check(_ new: Certificate, _ path: String) throws(CertificateError) {
        guard let ca, access(ca, F_OK) == 0 else { return }
        guard try Certificate.all(at: ca).contains(where: { new.isSigned(by: $0) }) else {
            throw CertificateError(
                .mismatched, path,
                "is signed by '\(new.issuerName)', which is not the CA in \(ca); is it of another site?")
        }
    }

    func install(_ bytes: [UInt8], of new: Certificate, _ path: String) throws(CertificateError) {
        if access(key, F_OK) == 0, try PrivateKey(at: key).fits(new) {
            try CredentialFile.replace(bytes, at: certificate, isSecret: false)
            return
        }
        guard access(nextKey, F_OK) == 0, try PrivateKey(at: nextKey).fits(new) else {
            throw CertificateError(
                .mismatched, path,
                "is not of this box's key \(key); ask for one with 'fieldproof-agent credentials request'")
        }
        // The certificate first: from then on the waiting key is the one that is used, wherever this is cut off, and what is left to do is
        // done by another call.
        try CredentialFile.replace(bytes, at: certificate, isSecret: false)
        try CredentialFile.move(nextKey, to: key)
    }
}
