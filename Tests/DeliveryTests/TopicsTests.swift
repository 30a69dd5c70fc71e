import Delivery
import Telemetry
import Testing

@Suite struct TopicsTests {
    @Test("every channel's topic is taken apart into what it was made of")
    func roundTrip() throws {
        let topics = Topics.standard
        let site = try #require(Identifier("deqing"))
        let agent = try #require(Identifier("arm-07"))
        let channels: [(Topics.Channel, String)] = [
            (.status, "status"), (.meta, "meta"), (.up(.event), "up/event"), (.up(.metric), "up/metric"),
            (.up(.bulk), "up/bulk"), (.acknowledgement, "down/ack"), (.command, "down/command"), (.senml, "senml"),
            (.state(device: "arm"), "state/arm"), (.pulse, "pulse"), (.answer, "answer"),
        ]
        for (channel, levels) in channels {
            let topic = topics.topic(site: site, agent: agent, channel)
            #expect(topic == "fieldproof/v1/deqing/arm-07/\(levels)")
            #expect(topics.address(of: topic) == .agent(site: site, agent: agent, channel))
        }
        #expect(topics.address(of: topics.run(site: site)) == .run(site: site))
    }

    @Test(
        "a foreign topic has no address",
        arguments: [
            "", "fieldproof", "fieldproof/v2/a/b/status", "fieldproof/v1/A/b/status", "fieldproof/v1/a/b",
            "fieldproof/v1/a//up/event",
            "fieldproof/v1/a/b/up/urgent", "fieldproof/v1/a/b/up", "fieldproof/v1/a/b/down/x",
            "x/fieldproof/v1/a/b/status",
            "fieldproof/v1/a/b/up/event/more",
        ])
    func foreign(topic: String) {
        #expect(Topics.standard.address(of: topic) == nil)
    }

    @Test(
        "a root may have levels but no wildcards",
        arguments: [
            ("lab/test", true), ("", false), ("a//b", false), ("/a", false), ("a/", false), ("a/+", false),
            ("#", false), ("$SYS", false),
        ])
    func roots(root: String, valid: Bool) {
        #expect((Topics(root: root) != nil) == valid)
    }
}
