import Enrolment
import Telemetry
import Testing

@Suite("Who gets a certificate")
struct RoleTests {
    @Test("names that the broker's ACL gives rights of their own are no agent's", arguments: Role.reserved)
    func reserved(name: String) throws {
        let id = try #require(Identifier(name))
        #expect(Role(agent: id) == nil)
        #expect(Role.refusal(agent: id)?.contains("means something else to the broker") == true)
    }

    @Test(
        "a bridge's name is no agent's, and neither is the one whose file the CA's own would be",
        arguments: [
            ("bridge-lab", "means something else to the broker"), ("bridge-", "means something else to the broker"),
            ("ca", "ca.pem"),
        ])
    func unusable(name: String, reason: String) throws {
        let id = try #require(Identifier(name))
        #expect(Role(agent: id) == nil)
        #expect(Role.refusal(agent: id)?.contains(reason) == true)
    }

    @Test("names that only look alike are agents'", arguments: ["bridge", "ca-1", "collector-2", "a-bridge-b"])
    func alike(name: String) throws {
        let id = try #require(Identifier(name))
        #expect(Role(agent: id) != nil)
        #expect(Role.refusal(agent: id) == nil)
    }

    @Test("an agent's common name is its id, since the broker takes that for its user name")
    func agent() throws {
        let id = try #require(Identifier("box-01"))
        let role = try #require(Role(agent: id))
        #expect(role.commonName == "box-01")
        #expect(role.fileName == "box-01")
    }

    @Test(
        "a broker's names are those of hosts and addresses, and nothing that an extension would read otherwise",
        arguments: [
            (["broker.lab"], true), (["10.0.0.7", "::1"], true), (["a_b.c-d"], true), ([], false), ([""], false),
            (["a b"], false), (["x,DNS:y"], false), (["-a"], false), (["a..b"], false), (["broker.lab", "x:y"], false),
            ([String(repeating: "a", count: 64)], false),
        ])
    func broker(names: [String], isTaken: Bool) {
        #expect((Role(broker: names) != nil) == isTaken)
    }
}
