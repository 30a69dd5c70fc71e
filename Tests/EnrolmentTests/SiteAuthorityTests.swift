import BrokerSupport
import Certificates
import Enrolment
import Telemetry
import Testing

#if canImport(Glibc)
import Glibc
#else
import Musl
#endif

@Suite("The CA of a site")
struct SiteAuthorityTests {
    private let now = Timestamp(seconds: 1_800_000_000)

    @Test(
        "a CA that could not be made is no obstacle to making it once the cause is gone",
        arguments: ["ca.pem", "crl.pem"])
    func again(obstacle: String) throws {
        let folder = try TemporaryFolder("ca")
        let (directory, site) = (folder.path("site"), try #require(Identifier("lab")))
        mkdir(directory, 0o700)
        let path = try folder.write("in the way", to: "site/" + obstacle)
        #expect(throws: CertificateError.self) {
            _ = try SiteAuthority(site: site, directory: directory, days: 10, now: now)
        }
        #expect(access(directory + "/ca.key", F_OK) != 0)
        #expect(access(path, F_OK) == 0, "what was there before stays")
        unlink(path)
        let authority = try SiteAuthority(site: site, directory: directory, days: 10, now: now)
        #expect(try authority.revoked().isEmpty)
    }

    @Test("of many who revoke at once, none takes away what another revoked")
    func atOnce() async throws {
        let folder = try TemporaryFolder("ca")
        let (directory, site, now) = (folder.path("site"), try #require(Identifier("lab")), now)
        _ = try SiteAuthority(site: site, directory: directory, days: 10, now: now)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<8 {
                group.addTask {
                    let authority = try SiteAuthority(directory: directory)
                    let id = try #require(Identifier("box-\(number)"))
                    let role = try #require(Role(agent: id))
                    let issued = try authority.issue(role, days: 1, now: now)
                    try authority.revoke([issued.certificate], now: now)
                }
            }
            try await group.waitForAll()
        }
        #expect(try SiteAuthority(directory: directory).revoked().count == 8)
    }
}
