import Delivery
import Telemetry
import Testing

@Suite("One agent id, one box")
struct InstallGuardTests {
    private let site: Identifier
    private let agent: Identifier
    private let first = UUIDBytes(high: 1, low: 1)
    private let second = UUIDBytes(high: 2, low: 2)
    private var installs = InstallGuard(quiet: 600)

    init() throws {
        site = try #require(Identifier("here"))
        agent = try #require(Identifier("box"))
    }

    private mutating func speaks(_ install: UUIDBytes, at now: Int64) -> InstallGuard.Verdict {
        installs.judge(site: site, agent: agent, install: install, at: now)
    }

    @Test("a box with a new spool takes the place of the former one, and that is told once")
    mutating func reinstalled() {
        #expect(speaks(first, at: 0) == .accepted)
        #expect(speaks(first, at: 1) == .accepted)
        #expect(speaks(second, at: 2) == .replaced(first))
        #expect(speaks(second, at: 3) == .accepted)
    }

    @Test("when the former one speaks again there are two, and neither is taken until one has been silent")
    mutating func contested() {
        _ = speaks(first, at: 0)
        _ = speaks(second, at: 10)
        #expect(speaks(first, at: 20) == .contested(second))
        #expect(speaks(second, at: 30) == .contested(first))
        #expect(speaks(first, at: 40) == .contested(second))
        #expect(speaks(first, at: 629) == .contested(second))
        #expect(speaks(first, at: 630) == .accepted, "the second was last heard of 600 before")
        #expect(speaks(first, at: 631) == .accepted)
        #expect(speaks(second, at: 640) == .contested(first), "and it is no newcomer")
    }

    @Test("an old box that is put back after its successor fell silent is a replacement like any other")
    mutating func putBack() {
        _ = speaks(first, at: 0)
        _ = speaks(second, at: 10)
        #expect(speaks(first, at: 610) == .replaced(second))
        #expect(speaks(first, at: 611) == .accepted)
    }

    @Test("agents of other names and sites are nobody's rivals")
    mutating func others() throws {
        let other = try #require(Identifier("other"))
        _ = speaks(first, at: 0)
        #expect(installs.judge(site: site, agent: other, install: second, at: 1) == .accepted)
        #expect(installs.judge(site: other, agent: agent, install: second, at: 1) == .accepted)
        #expect(speaks(first, at: 2) == .accepted)
    }

    @Test("whoever makes up installs gets no memory for it")
    mutating func flood() {
        for number in 0..<10_000 { _ = speaks(UUIDBytes(high: UInt64(number), low: 3), at: Int64(number)) }
        #expect(String(describing: installs).utf8.count < 4000)
    }
}
