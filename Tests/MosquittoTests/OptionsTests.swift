import BrokerSupport
import Mosquitto
import Testing

struct OptionsTests {
    struct Fault: Sendable {
        let code: MosquittoError.Code
        let text: String
        let change: @Sendable (inout MQTTOptions) -> Void

        init(_ code: MosquittoError.Code, _ text: String, _ change: @escaping @Sendable (inout MQTTOptions) -> Void) {
            (self.code, self.text, self.change) = (code, text, change)
        }
    }

    @Test(
        "options that cannot work are refused before any connection",
        arguments: [
            Fault(.invalidOption, "client id") { $0.clientID = "" },
            Fault(.invalidOption, "client id") { $0.clientID = "a\u{1}b" },
            Fault(.invalidOption, "keep-alive") { $0.keepAlive = .seconds(4) },
            Fault(.invalidOption, "keep-alive") { $0.keepAlive = .milliseconds(5500) },
            Fault(.invalidOption, "receive maximum") { $0.receiveMaximum = 0 },
            Fault(.invalidOption, "window") { $0.maximumOutstanding = 0 },
            Fault(.invalidOption, "session expiry") { $0.sessionExpiry = .seconds(-1) },
            Fault(.invalidTopic, "a/#") { $0.will = Publication(topic: "a/#", payload: []) },
            Fault(.tls, "/nowhere/ca.pem") { $0.tls.ca = "/nowhere/ca.pem" },
            Fault(.tls, "come together") { $0.tls.key = "/nowhere/key.pem" },
        ])
    func refused(fault: Fault) throws {
        var options = MQTTOptions(address: BrokerAddress(host: "h", usesTLS: true), clientID: "c")
        fault.change(&options)
        let error = #expect(throws: MosquittoError.self) { try MQTTClient(options) { _ in } }
        #expect(error?.code == fault.code)
        #expect(error?.message.contains(fault.text) == true, "\(error?.message ?? "")")
    }

    @Test("a client that was stopped before it started takes no work")
    func stoppedBeforeStart() throws {
        let client = try MQTTClient(MQTTOptions(address: BrokerAddress(host: "h"), clientID: "c")) { _ in }
        #expect(client.disconnect(timeout: .zero))
        #expect(throws: MosquittoError.self) { try client.start() }
        #expect(throws: MosquittoError.self) { try client.publish([], to: "a", .atLeastOnce(1)) }
        #expect(throws: MosquittoError.self) { try client.subscribe("a", qos: .atMostOnce) }
    }

    @Test("reasons read as words, with their number")
    func reasons() {
        #expect("\(ReasonCode.notAuthorized)" == "not authorized (0x87)")
        #expect("\(ReasonCode.success)" == "success (0x00)")
        #expect("\(ReasonCode(rawValue: 0xFE))" == "unknown reason (0xFE)")
        #expect(!ReasonCode.noMatchingSubscribers.isFailure)
        #expect(ReasonCode.unspecified.isFailure)
    }
}
