import Delivery
import JSON
import Telemetry
import Testing

@Suite struct RequestTests {
    private static let id = UUIDBytes(high: 0x0011_2233_4455_6677, low: 0x8899_AABB_CCDD_EEFF)
    private static let install = UUIDBytes(high: 1, low: 2)
    private static let stream = StreamReference(install: install, epoch: 3, priority: .metric)

    private static let tasks: [OperatorRequest.Task] = [
        .diagnose, .drain(stop: false), .drain(stop: true), .resend(.everything),
        .resend(.frames(stream, ranges: [3...5, 9...9])),
    ]

    @Test("a request is read back as it was written", arguments: tasks)
    func roundTrip(task: OperatorRequest.Task) throws {
        let command = Command.request(OperatorRequest(task, id: Self.id, by: "ann@desk"))
        #expect(try Command(json: command.json) == command)
    }

    @Test("a request looks as documented")
    func documented() {
        let request = OperatorRequest(.drain(stop: true), id: Self.id, by: "ann")
        #expect(
            String(decoding: Command.request(request).json, as: UTF8.self)
                == #"{"command":"drain","request":"00112233445566778899aabbccddeeff","by":"ann","stop":true}"#)
    }

    @Test("whoever has a long name has it cut, never in the middle of a character")
    func longName() throws {
        let request = OperatorRequest(.diagnose, id: Self.id, by: String(repeating: "é", count: 100))
        #expect(request.by.utf8.count == OperatorRequest.nameLimit)
        #expect(try Command(json: Command.request(request).json) == .request(request))
    }

    @Test(
        "a malformed request names the field",
        arguments: [
            (#"{"command":"drain","request":7}"#, "'request'"), (#"{"command":"drain","request":null}"#, "'request'"),
            (#"{"command":"drain","request":"00112233445566778899aabbccddeeff"}"#, "'by'"),
            (#"{"command":"drain","request":"00112233445566778899aabbccddeeff","by":""}"#, "'by'"),
            (#"{"request":"00112233445566778899aabbccddeeff","by":"a"}"#, "'command'"),
            (#"{"command":"shell","request":"00112233445566778899aabbccddeeff","by":"a"}"#, "'shell'"),
            (#"{"command":"hello","request":"00112233445566778899aabbccddeeff","by":"a"}"#, "'hello'"),
            (#"{"command":"drain","request":"00112233445566778899aabbccddeeff","by":"a","stop":"yes"}"#, "'stop'"),
            (
                #"{"command":"resend","request":"00112233445566778899aabbccddeeff","by":"a","class":"metric"}"#,
                "'ranges'"
            ),
            (
                #"{"command":"resend","request":"00112233445566778899aabbccddeeff","by":"a","ranges":[],"class":"metric"}"#,
                "'ranges'"
            ),
            (
                #"{"command":"resend","request":"00112233445566778899aabbccddeeff","by":"a","ranges":[[1,2]]}"#,
                "'class'"
            ),
            (
                #"{"command":"drain","request":"00112233445566778899aabbccddeeff","by":"\#(String(repeating: "a", count: 129))"}"#,
                "'by'"
            ),
        ])
    func malformed(json: String, named: String) {
        let error = #expect(throws: DeliveryError.self) { try Command(json: Array(json.utf8)) }
        #expect(error?.message.contains(named) == true, "\(error?.message ?? "")")
    }

    @Test("answers are read back as they were written", arguments: Answer.State.allCases)
    func answers(state: Answer.State) throws {
        let request = OperatorRequest(.drain(stop: false), id: Self.id, by: "ann")
        let bare = Answer(state, to: request)
        #expect(try Answer(json: bare.json) == bare)
        #expect(state.isLast == (state == .done || state == .refused))
        let full = Answer(state, to: request, text: "why", left: 3, of: 9, report: .object(["a": 1, "b": [true]]))
        #expect(try Answer(json: full.json) == full)
    }

    @Test(
        "a malformed answer names the field",
        arguments: [
            (#"{"command":"drain"}"#, "'request'"), (#"{"request":"00112233445566778899aabbccddeeff"}"#, "'command'"),
            (#"{"request":"00112233445566778899aabbccddeeff","command":"drain","state":"maybe"}"#, "'state'"),
            (#"{"request":"00112233445566778899aabbccddeeff","command":"drain","state":"done","left":-1}"#, "'left'"),
            (
                #"{"request":"00112233445566778899aabbccddeeff","command":"drain","state":"done","report":[]}"#,
                "'report'"
            ),
        ])
    func malformedAnswers(json: String, named: String) {
        let error = #expect(throws: DeliveryError.self) { try Answer(json: Array(json.utf8)) }
        #expect(error?.message.contains(named) == true, "\(error?.message ?? "")")
    }

    private static let pulse = Pulse(
        time: Timestamp(seconds: 1_800_000_000), install: install, epoch: 3, uptime: 12.5,
        pending: [.init(), .init(frames: 7, oldest: Timestamp(seconds: 1_799_999_000)), .init(frames: 2)],
        usedBytes: 4096, freeBytes: 8192, evictedFrames: 1, evictedSamples: 20, rejected: 4,
        clock: ClockState(isSynchronised: true, maximumError: 10_000_000))

    @Test("a pulse is read back as it was written, and counts what waits")
    func pulses() throws {
        #expect(try Pulse(json: Self.pulse.json) == Self.pulse)
        #expect(Self.pulse.pendingFrames == 9)
        var unknown = Self.pulse
        unknown.clock = ClockState(isSynchronised: false, maximumError: .max)
        #expect(try Pulse(json: unknown.json) == unknown)
        unknown.pending = [.init(frames: .max >> 1), .init(frames: .max >> 1), .init(frames: .max >> 1)]
        #expect(unknown.pendingFrames == .max)
    }

    @Test(
        "a pulse that lacks a member names it",
        arguments: ["time", "install", "epoch", "uptime_s", "pending", "used_bytes", "evicted", "rejected", "clock"])
    func malformedPulses(member: String) throws {
        var object = try #require(JSONParser.parse(Self.pulse.json).object)
        object[member] = nil
        let error = #expect(throws: DeliveryError.self) { try Pulse(json: JSONValue.object(object).compact()) }
        #expect(error?.message.contains("'\(member)'") == true, "\(error?.message ?? "")")
    }
}
