import BrokerSupport
import Configuration
import Foundation
import Mosquitto
import Telemetry
import Testing

@testable import Connection

/// Certificates made by openssl for the test.
@Suite("Renewed credentials")
struct CredentialWatchTests {
    private let folder: TemporaryFolder
    private let first: TLSMaterial
    private let access: BrokerAccess
    private let now = Timestamp(nanoseconds: Int64(Date().timeIntervalSince1970 * 1e9))

    init() throws {
        folder = try TemporaryFolder("watch")
        first = try TLSMaterial()
        let text = """
            {url: 'mqtts://b', ca: \(folder.path("ca.pem")), cert: \(folder.path("c.pem")), key: \(folder.path("c.key")),
             username: box, password-file: \(folder.path("password"))}
            """
        access = try ConfigurationFile(name: "box.yaml", text: text).decode(BrokerAccess.self)
        try put(first.caPath, "ca.pem")
        try put(first.clientCertificate, "c.pem")
        try put(first.clientKey, "c.key")
        try password("one")
    }

    private func put(_ path: String, _ name: String) throws {
        let target = folder.path(name)
        try? FileManager.default.removeItem(atPath: target)
        try FileManager.default.copyItem(atPath: path, toPath: target)
        chmod(target, 0o600)
    }

    private func password(_ text: String) throws {
        chmod(try folder.write(text + "\n", to: "password"), 0o600)
    }

    @Test("files that are as they were are no news")
    func same() throws {
        var watch = try CredentialWatch(access)
        #expect(watch.look(at: now).word == "same")
        #expect(watch.look(insisting: true, at: now).word == "same")
        let ends = CertificateDates.ends(access)
        #expect(ends.map(\.use) == ["client", "ca"])
        #expect(ends.first?.expiry == watch.dates?.expires)
        #expect(watch.dates != nil)
    }

    @Test("a new certificate and its key are taken up, and so is a new password")
    func renewed() throws {
        var watch = try CredentialWatch(access)
        let second = try TLSMaterial()
        try put(second.clientCertificate, "c.pem")
        try put(second.clientKey, "c.key")
        #expect(watch.look(at: now).word == "renewed")
        #expect(watch.look(at: now).word == "same")
        try password("twotwo")
        guard case .renewed(let credentials, _) = watch.look(at: now) else {
            Issue.record("a new password was not taken up")
            return
        }
        #expect(credentials.login?.password == "twotwo")
    }

    @Test("an installation that is under way is waited for, and one that was cut off is made do with")
    func underWay() throws {
        var watch = try CredentialWatch(access)
        let second = try TLSMaterial()
        try put(second.clientKey, "c.key.new")
        try put(second.clientCertificate, "c.pem")
        #expect(watch.look(at: now).word == "same")
        try put(second.clientKey, "c.key")
        #expect(watch.look(at: now).word == "renewed")
        #expect(watch.unfinished == nil)
        let third = try TLSMaterial()
        try put(third.clientKey, "c.key.new")
        try put(third.clientCertificate, "c.pem")
        #expect(watch.look(at: now).word == "same")
        #expect(watch.look(at: now).word == "renewed")
        #expect(watch.unfinished?.contains("c.key.new") == true)
    }

    @Test("one half of a new pair is no fault until it stays alone, and then told once")
    func halves() throws {
        var watch = try CredentialWatch(access)
        let second = try TLSMaterial()
        try put(second.clientCertificate, "c.pem")
        #expect(watch.look(at: now).word == "same")
        #expect(watch.look(at: now).word == "refused: unusable")
        #expect(watch.look(at: now).word == "same")
        #expect(watch.look(insisting: true, at: now).word == "refused: unusable")
        try put(second.clientKey, "c.key")
        #expect(watch.look(at: now).word == "renewed")
    }

    @Test("what is not sound is refused at once where somebody asks, and what is in use stays")
    func unsound() throws {
        var watch = try CredentialWatch(access)
        let dates = watch.dates
        try put(try folder.write("no certificate", to: "garbage"), "c.pem")
        #expect(watch.look(insisting: true, at: now).word == "refused: unreadable")
        try FileManager.default.removeItem(atPath: folder.path("c.pem"))
        #expect(watch.look(insisting: true, at: now).word == "refused: unreadable")
        try put(first.clientCertificate, "c.pem")
        chmod(folder.path("c.key"), 0o644)
        #expect(watch.look(insisting: true, at: now).word == "refused: exposed")
        #expect(watch.dates == dates)
        chmod(folder.path("c.key"), 0o600)
        #expect(["renewed", "same"].contains(watch.look(insisting: true, at: now).word))
    }

    @Test("a certificate whose time is over is not taken up")
    func over() throws {
        var watch = try CredentialWatch(access)
        let second = try TLSMaterial()
        try put(second.clientCertificate, "c.pem")
        try put(second.clientKey, "c.key")
        let later = Timestamp(nanoseconds: now.nanoseconds + 3 * 86_400_000_000_000)
        #expect(watch.look(insisting: true, at: later).word == "refused: unusable")
        #expect(watch.look(insisting: true, at: now).word == "renewed")
    }
}

extension CredentialWatch.News {
    fileprivate var word: String {
        switch self {
        case .same: "same"
        case .renewed: "renewed"
        case .refused(let error): "refused: \(error.code)"
        }
    }
}

@Suite("Certificates that end")
struct ExpiryNoticeTests {
    @Test("a certificate is warned of from fourteen days before its end on, and again each day")
    func daily() {
        let day: Int64 = 86_400
        let dates = CertificateDates(begins: Timestamp(seconds: 0), expires: Timestamp(seconds: 100 * day))
        var notice = ExpiryNotice()
        func left(_ seconds: Int64) -> Int64? { notice.daysLeft(of: dates, at: Timestamp(seconds: seconds)) }
        #expect(left(85 * day) == nil)
        #expect(left(86 * day) == 14)
        #expect(left(86 * day + 60) == nil)
        #expect(left(87 * day - 1) == nil)
        #expect(left(87 * day) == 13)
        #expect(left(99 * day + 3600) == 0)
        #expect(left(100 * day + 3600) == -1)
        #expect(left(100 * day + 3660) == nil)
    }

    @Test("a renewed certificate is a new matter")
    func renewed() {
        var notice = ExpiryNotice()
        let (begins, now) = (Timestamp(seconds: 0), Timestamp(seconds: 86_400))
        #expect(
            notice.daysLeft(of: CertificateDates(begins: begins, expires: Timestamp(seconds: 3 * 86_400)), at: now) == 2
        )
        #expect(
            notice.daysLeft(of: CertificateDates(begins: begins, expires: Timestamp(seconds: 4 * 86_400)), at: now) == 3
        )
    }

    @Test("a clock that is before the certificate's time, and a client without one, give no warning")
    func silent() {
        var notice = ExpiryNotice()
        let dates = CertificateDates(begins: Timestamp(seconds: 1000), expires: Timestamp(seconds: 2000))
        #expect(notice.daysLeft(of: dates, at: Timestamp(seconds: 0)) == nil)
        #expect(notice.daysLeft(of: nil, at: Timestamp(seconds: 1500)) == nil)
        #expect(notice.daysLeft(of: dates, at: Timestamp(seconds: 1500)) == 0)
    }
}
