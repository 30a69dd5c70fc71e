import Logging
import Telemetry
import Testing

@testable import Collector

@Suite("What agents say of their certificates")
struct AgentCertificatesTests {
    private let site: Identifier
    private let agent: Identifier

    init() throws {
        site = try #require(Identifier("lab"))
        agent = try #require(Identifier("box-01"))
    }

    @Test(
        "a document that is not of the agent whose topic it came on is refused",
        arguments: [
            (#"{"site":"lab","agent":"box-01"}"#, nil as String?), ("", nil),
            (#"{"site":"lab","agent":"box-02"}"#, "it says it is from lab/box-02"),
            (#"{"site":"west","agent":"box-01"}"#, "it says it is from west/box-01"),
            ("{}", "it says it is from nobody/nobody"), ("[]", "it is no document of an agent"),
            ("\u{1}", "it is no document of an agent"),
        ])
    func identity(document: String, refusal: String?) {
        var certificates = AgentCertificates()
        #expect(certificates.note(Array(document.utf8), site: site, agent: agent)?.description == refusal)
    }

    @Test("a certificate that ends soon is warned of once a day, until it is renewed")
    func warning() {
        var certificates = AgentCertificates()
        let lines = RecordedLines()
        let logger = Logger(label: "test") { _ in lines }
        func say(_ expires: String) {
            let text = #"{"site":"lab","agent":"box-01","certificate_expires":"\#(expires)"}"#
            #expect(certificates.note(Array(text.utf8), site: site, agent: agent) == nil)
        }
        func pass(_ hours: Int64) -> Int {
            certificates.warn(
                at: hours * 3_600_000_000_000, Timestamp(seconds: 1_800_000_000 + hours * 3600), logger)
            return lines.count
        }
        say("2027-01-20T00:00:00Z")
        #expect(pass(0) == 1)
        #expect(pass(1) == 1)
        #expect(pass(25) == 2)
        say("2027-04-20T00:00:00Z")
        #expect(pass(60) == 2)
    }
}

/// Counts what is logged.
private struct RecordedLines: LogHandler {
    /// `@unchecked Sendable`: the test has one thread.
    private final class Box: @unchecked Sendable { var count = 0 }
    private let box = Box()
    var count: Int { box.count }
    var logLevel = Logger.Level.trace
    var metadata: Logger.Metadata = [:]
    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }
    func log(event: LogEvent) { box.count += 1 }
}
