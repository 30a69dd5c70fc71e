import Delivery
import Telemetry
import Testing

@Suite struct MessageTests {
    private let install = UUIDBytes(high: 0x0011_2233_4455_6677, low: 0x8899_AABB_CCDD_EEFF)
    private let generation = UUIDBytes(high: 1, low: 2)

    private var stream: StreamReference { StreamReference(install: install, epoch: 3, priority: .metric) }

    @Test("an acknowledgement is read back as it was written, and looks as documented")
    func acknowledgement() throws {
        let acknowledgement = Acknowledgement(stream: stream, through: 120, also: [123...140], generation: generation)
        let text = String(decoding: acknowledgement.json, as: UTF8.self)
        #expect(
            text == #"{"install":"00112233445566778899aabbccddeeff","epoch":3,"class":"metric","through":120,"#
                + #""also":[[123,140]],"generation":"00000000000000010000000000000002"}"#)
        #expect(try Acknowledgement(json: acknowledgement.json) == acknowledgement)
    }

    @Test(
        "an acknowledgement of a ledger lists what lies beyond the first hole, and never more than a receiver accepts")
    func fromLedger() throws {
        let few = Acknowledgement(stream: stream, received: IntervalSet([1...4, 6...7, 9...9]), generation: generation)
        #expect(few.through == 4)
        #expect(few.also == [6...7, 9...9])
        #expect(few.covers(4) && !few.covers(5) && few.covers(6) && !few.covers(0))
        let holes = IntervalSet((1...500).map { UInt64($0) * 2...UInt64($0) * 2 })
        let many = Acknowledgement(stream: stream, received: holes, generation: generation)
        #expect(many.through == 0)
        #expect(many.also.count == Acknowledgement.rangeLimit)
        #expect(try Acknowledgement(json: many.json) == many)
    }

    @Test(
        "a malformed acknowledgement names the field",
        arguments: [
            ("", "not JSON"), ("[]", "must be a JSON object"), ("{}", "'class'"),
            (#"{"class":"urgent"}"#, "'class'"), (#"{"class":"event","install":"xyz"}"#, "'install'"),
            (#"{"class":"event","install":"00112233445566778899aabbccddeeff","epoch":-1}"#, "'epoch'"),
            (#"{"class":"event","install":"00112233445566778899aabbccddeeff","epoch":9007199254740993}"#, "'epoch'"),
            (#"{"class":"event","install":"00112233445566778899aabbccddeeff","epoch":1,"through":1.5}"#, "'through'"),
            (
                #"{"class":"event","install":"00112233445566778899aabbccddeeff","epoch":1,"through":1,"also":[[3,9007199254740993]]}"#,
                "'also'"
            ),
            (
                #"{"class":"event","install":"00112233445566778899aabbccddeeff","epoch":1,"through":1,"also":[[3,2]]}"#,
                "'also'"
            ),
            (
                #"{"class":"event","install":"00112233445566778899aabbccddeeff","epoch":1,"through":1,"also":[[0,2]]}"#,
                "'also'"
            ),
            (
                #"{"class":"event","install":"00112233445566778899aabbccddeeff","epoch":1,"through":1,"also":[]}"#,
                "'generation'"
            ),
        ])
    func malformed(json: String, named: String) {
        let error = #expect(throws: DeliveryError.self) { try Acknowledgement(json: Array(json.utf8)) }
        #expect(error?.message.contains(named) == true, "\(error?.message ?? "")")
    }

    @Test("an oversize message is refused before it is parsed")
    func oversize() {
        let error = #expect(throws: DeliveryError.self) {
            try Acknowledgement(json: [UInt8](repeating: UInt8(ascii: "["), count: 70_000))
        }
        #expect(error?.message.contains("70000 bytes") == true)
    }

    @Test("commands are read back as they were written; an unknown one is refused by name")
    func commands() throws {
        for command in [Command.hello(generation: generation), .resend(stream, ranges: [3...5, 9...9])] {
            #expect(try Command(json: command.json) == command)
        }
        let error = #expect(throws: DeliveryError.self) { try Command(json: Array(#"{"command":"explode"}"#.utf8)) }
        #expect(error?.code == .unknown)
        #expect(error?.message.contains("explode") == true)
    }

    @Test("a run marker is read back as it was written")
    func runMarkers() throws {
        let scenario = try #require(Identifier("grasp-and-place"))
        let run = try #require(Identifier("r17"))
        let marker = RunEvent(
            .stop, scenario: scenario, run: run, at: Timestamp(nanoseconds: 1_795_334_400_250_000_000),
            outcome: "failure",
            failureMode: "slip \"hard\"", intervention: true)
        #expect(try RunEvent(json: marker.json) == marker)
        let start = RunEvent(.start, scenario: scenario, run: run, at: Timestamp(seconds: 7), subject: "arm-07")
        #expect(try RunEvent(json: start.json) == start)
    }

    @Test(
        "a malformed run marker names the field",
        arguments: [
            (#"{"event":"begin"}"#, "'event'"), (#"{"event":"start","time":"now"}"#, "'time'"),
            (#"{"event":"start","time":"2026-01-01T00:00:00Z","scenario":"A"}"#, "'scenario'"),
            (#"{"event":"start","time":"2026-01-01T00:00:00Z","scenario":"a"}"#, "'id'"),
            (
                #"{"event":"stop","time":"2026-01-01T00:00:00Z","scenario":"a","id":"b","intervention":"no"}"#,
                "'intervention'"
            ),
            (#"{"event":"stop","time":"2026-01-01T00:00:00Z","scenario":"a","id":"b","outcome":7}"#, "'outcome'"),
        ])
    func malformedRunMarkers(json: String, named: String) {
        let error = #expect(throws: DeliveryError.self) { try RunEvent(json: Array(json.utf8)) }
        #expect(error?.message.contains(named) == true, "\(error?.message ?? "")")
    }
}
