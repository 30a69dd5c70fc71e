import Mosquitto
import Testing

struct BrokerAddressTests {
    @Test(
        "an url names host, port and encryption",
        arguments: [
            ("mqtt://broker.example", BrokerAddress(host: "broker.example", port: 1883)),
            ("mqtts://broker.example", BrokerAddress(host: "broker.example", port: 8883, usesTLS: true)),
            ("MQTT://10.0.0.9:2883/", BrokerAddress(host: "10.0.0.9", port: 2883)),
            ("mqtt://[::1]", BrokerAddress(host: "::1", port: 1883)),
            ("mqtts://[fe80::1%eth0]:65535", BrokerAddress(host: "fe80::1%eth0", port: 65535, usesTLS: true)),
        ])
    func parses(url: String, expected: BrokerAddress) throws {
        #expect(try BrokerAddress(url: url) == expected)
    }

    @Test(
        "a wrong url is refused with the part that is wrong",
        arguments: [
            ("http://host", "neither mqtt nor mqtts"), ("host:1883", "neither mqtt nor mqtts"),
            ("mqtt://", "host is missing"), ("mqtt://:1883", "host is missing"), ("mqtt://host:", "port ''"),
            ("mqtt://host:0", "port '0'"), ("mqtt://host:65536", "port '65536'"), ("mqtt://host:+80", "port '+80'"),
            ("mqtt://::1", "brackets"), ("mqtt://[::1", "without ']'"), ("mqtt://[::1]x", "after the address"),
            ("mqtt://[host]", "no IPv6"), ("mqtt://me:secret@host", "credentials"), ("mqtt://host/path", "'/'"),
            ("mqtt://ho st", "' '"),
        ])
    func refuses(url: String, why: String) throws {
        let error = #expect(throws: MosquittoError.self) { try BrokerAddress(url: url) }
        #expect(error?.code == .invalidOption)
        #expect(error?.message.contains(why) == true, "\(error?.message ?? "")")
    }

    @Test("an IPv6 address is written with brackets")
    func describes() {
        #expect("\(BrokerAddress(host: "::1", port: 1883))" == "[::1]:1883")
        #expect("\(BrokerAddress(host: "a", port: 1))" == "a:1")
    }
}
