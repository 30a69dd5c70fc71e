import Mosquitto
import Telemetry
import Testing

@testable import Agent

@Suite("What is said about the connection")
struct BrokerLinkTests {
    @Test("each kind of failure is news once, until the connection is up again")
    func news() {
        var link = BrokerLink()
        func isNews(_ code: MosquittoError.Code) -> Bool {
            link.disconnected(
                Disconnection(error: MosquittoError(code, "it failed"), retryIn: .seconds(1), wasConnected: false))
        }
        link.connected(at: Timestamp(nanoseconds: 1))
        #expect(isNews(.connectionLost))
        #expect(!isNews(.connectionLost))
        #expect(isNews(.tls), "a certificate that expired meanwhile is not hidden by the loss before it")
        #expect(!isNews(.tls))
        #expect(!isNews(.connectionLost))
        link.connected(at: Timestamp(nanoseconds: 2))
        #expect(isNews(.tls))
    }
}
