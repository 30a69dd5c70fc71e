import BrokerSupport
import CTLS
import Certificates
import Foundation
import Telemetry
import Testing

@Suite("What a client shows")
struct ClientCredentialsTests {
    @Test("certificate and key that were made together fit, with the dates that openssl shows")
    func fitting() throws {
        let material = try TLSMaterial()
        let credentials = try ClientCredentials(
            ca: material.caPath, certificate: material.clientCertificate, key: material.clientKey)
        let validity = try #require(credentials.validity)
        let text = try output(
            of: "openssl", ["x509", "-in", material.clientCertificate, "-noout", "-enddate", "-dateopt", "iso_8601"])
        #expect(
            text.trimmingCharacters(in: .whitespacesAndNewlines)
                == "notAfter=" + validity.expires.description.replacingOccurrences(of: "T", with: " "))
        #expect(credentials.surelyPast == validity.begins || credentials.surelyPast > validity.begins)
        #expect(credentials.fault(at: validity.begins) == nil)
        #expect(
            credentials.fault(at: Timestamp(nanoseconds: validity.expires.nanoseconds + 1_000_000_000))?.code
                == .outdated)
        #expect(credentials.fault(at: Timestamp(seconds: 0)) == nil, "a clock of 1970 is not believed")
    }

    @Test("what does not fit together is named, with what to do")
    func unfitting() throws {
        let (one, other) = (try TLSMaterial(), try TLSMaterial())
        let folder = try TemporaryFolder("tls")
        let garbage = try folder.write(
            "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", to: "garbage.pem")
        let empty = try folder.write("nothing", to: "empty.pem")
        func fault(_ ca: String?, _ certificate: String?, _ key: String?) -> CertificateError? {
            do throws(CertificateError) {
                _ = try ClientCredentials(ca: ca, certificate: certificate, key: key)
                return nil
            } catch {
                return error
            }
        }
        #expect(fault(one.caPath, one.clientCertificate, other.clientKey)?.code == .mismatched)
        #expect(fault(one.caPath, one.clientCertificate, nil)?.code == .mismatched)
        #expect(fault(garbage, nil, nil)?.message.contains("damaged") == true)
        #expect(fault(empty, nil, nil)?.message == "holds no certificate in PEM")
        #expect(
            fault(nil, one.clientCertificate, empty)?.path == empty
                || fault(nil, one.clientCertificate, empty)?.code == .exposed)
        #expect(fault("/nowhere/ca.pem", nil, nil)?.description.contains("No such file") == true)
    }

    @Test(
        "a key that others can read or change is refused, with the command that mends it",
        arguments: [0o644, 0o604, 0o620, 0o602])
    func exposed(mode: Int) throws {
        let material = try TLSMaterial()
        chmod(material.clientKey, mode_t(mode))
        let error = #expect(throws: CertificateError.self) {
            try ClientCredentials(ca: nil, certificate: material.clientCertificate, key: material.clientKey)
        }
        #expect(error?.code == .exposed)
        #expect(error?.message.contains("run 'chmod ") == true)
    }

    @Test("a key that its group may read is taken, as systemd hands credentials over")
    func groupReadable() throws {
        let material = try TLSMaterial()
        chmod(material.clientKey, 0o440)
        _ = try ClientCredentials(ca: nil, certificate: material.clientCertificate, key: material.clientKey)
    }

    @Test("a certificate whose key still waits beside the former one is used with that, and it is said what to do")
    func halfInstalled() throws {
        let (former, new) = (try TLSMaterial(), try TLSMaterial())
        let folder = try TemporaryFolder("tls")
        let (certificate, key) = (folder.path("box.pem"), folder.path("box.key"))
        try copy(former.clientKey, key)
        try copy(former.clientCertificate, certificate)
        try copy(new.clientKey, key + ".new")
        func credentials() throws -> ClientCredentials {
            try ClientCredentials(ca: nil, certificate: certificate, key: key)
        }
        // A key that waits for its certificate is nobody's business.
        #expect(try credentials().unfinished == nil)

        try copy(new.clientCertificate, certificate)
        let fault = try #require(try credentials().unfinished)
        #expect(fault.path == key + ".new")
        #expect(fault.message.contains("'fieldproof-agent credentials install \(certificate)'"))
        _ = try credentials().context(host: "localhost")
        // Where the former one is gone, or there was none.
        try FileManager.default.removeItem(atPath: key)
        #expect(try credentials().unfinished != nil)

        try copy(former.clientKey, key)
        chmod(key + ".new", 0o604)
        let exposed = #expect(throws: CertificateError.self) { try credentials() }
        #expect(exposed?.description.contains("run 'chmod o= \(key).new'") == true)
        chmod(key + ".new", 0o600)
        let other = try TLSMaterial()
        try copy(other.clientKey, key + ".new")
        let foreign = #expect(throws: CertificateError.self) { try credentials() }
        #expect(foreign?.path == key && foreign?.code == .mismatched)
    }

    @Test(
        "a time beyond what can be said is the greatest there is, and one before it the least",
        arguments: [("99991231235959Z", Int64.max), ("00010101000000Z", Int64.min), ("19700101000001Z", 1_000_000_000)])
    func farTimes(text: String, nanoseconds: Int64) throws {
        let time = try #require(ASN1_TIME_new())
        defer { ASN1_STRING_free(time) }
        try #require(ASN1_TIME_set_string(time, text) == 1)
        #expect(Certificate.time(time) == Timestamp(nanoseconds: nanoseconds))
    }

    @Test("an encrypted key is refused without asking anybody for its password")
    func encrypted() throws {
        let folder = try TemporaryFolder("tls")
        let path = folder.path("key.pem")
        _ = try output(
            of: "openssl",
            [
                "genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-aes256", "-pass", "pass:x",
                "-out", path,
            ])
        let error = #expect(throws: CertificateError.self) {
            try PrivateKey(pem: CredentialFile.loadSecret(path), path: path)
        }
        #expect(error?.message.contains("is encrypted") == true)
    }

    private func copy(_ path: String, _ place: String) throws {
        try? FileManager.default.removeItem(atPath: place)
        try FileManager.default.copyItem(atPath: path, toPath: place)
    }

    private func output(of program: String, _ arguments: [String]) throws -> String {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = [program] + arguments
        let pipe = Pipe()
        process.standardOutput = pipe
        process.standardError = FileHandle.nullDevice
        try process.run()
        let data = pipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return String(decoding: data, as: UTF8.self)
    }
}
