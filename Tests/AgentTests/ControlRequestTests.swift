import JSON
import Telemetry
import Testing

@testable import Agent

@Suite("Requests on the control socket")
struct ControlRequestTests {
    @Test(
        "what a client writes is what the agent reads",
        arguments: [
            ControlRequest.status, .mark(name: "estop.pressed", attributes: []),
            .mark(
                name: "run.start",
                attributes: [
                    .init("scenario", .text("demo")), .init("id", .text("r1")), .init("note", .text("a \"b\"\n\u{0}抓")),
                    .init("intervention", .boolean(false)), .init("count", .integer(.min)), .init("x", .double(0.1)),
                ]),
        ])
    func roundTrip(request: ControlRequest) throws {
        let line = request.line
        #expect(line.last == UInt8(ascii: "\n"))
        #expect(line.dropLast().allSatisfy { $0 != UInt8(ascii: "\n") }, "it is one line, whatever is in it")
        #expect(try ControlRequest(line: Array(line.dropLast())) == request)
    }

    @Test(
        "what is no request is refused with what one is",
        arguments: [
            ("", "the request is not JSON"), ("{", "the request is not JSON"), ("{}", "'do' must be mark or status"),
            ("[]", "'do' must be mark or status"), ("{\"do\":1}", "'do' must be mark or status"),
            ("{\"do\":\"Status\"}", "'do' must be mark or status"), ("{\"do\":\"mark\"}", "'event' must be dotted"),
            ("{\"do\":\"mark\",\"event\":\"Not A Name\"}", "'event' must be dotted"),
            ("{\"do\":\"mark\",\"event\":\"e\",\"attributes\":{\"k\":null}}", "attribute 'k' must be text"),
            ("{\"do\":\"mark\",\"event\":\"e\",\"attributes\":{\"k\":[1]}}", "attribute 'k' must be text"),
            ("{\"do\":\"mark\",\"event\":\"e\",\"attributes\":{\"k\":{}}}", "attribute 'k' must be text"),
            ("{\"do\":\"status\"} {\"do\":\"status\"}", "the request is not JSON"),
            ("{\"a\":[[[[[[[[1]]]]]]]]}", "the request is not JSON"),
        ])
    func refused(line: String, message: String) {
        let error = #expect(throws: AgentError.self) { try ControlRequest(line: Array(line.utf8)) }
        #expect(error?.code == .refused)
        #expect(error?.message.hasPrefix(message) == true, "\(String(describing: error))")
    }

    @Test("bytes that are no text are refused, all of them")
    func bytes() {
        for byte in UInt8.min...UInt8.max {
            #expect(throws: AgentError.self) { try ControlRequest(line: [byte]) }
            #expect(throws: AgentError.self) { try ControlRequest(line: Array("{\"do\":\"".utf8) + [byte]) }
        }
    }

    @Test("a line of the greatest length is read, one byte more is not")
    func longest() throws {
        let frame = "{\"do\":\"mark\",\"event\":\"e\",\"attributes\":{\"k\":\"\"}}"
        let padding = ControlSocket.lineLimit - frame.utf8.count
        func line(_ count: Int) -> [UInt8] {
            Array(frame.replacing("\"\"", with: "\"\(String(repeating: "x", count: count))\"").utf8)
        }
        _ = try ControlRequest(line: line(padding))
        #expect(throws: AgentError.self) { try ControlRequest(line: line(padding + 1)) }
    }

    @Test(
        "a run marker without what names its run is complained of, and nothing else is",
        arguments: [
            ("run.start", ["scenario": "demo", "id": "r1"], false),
            ("run.stop", ["scenario": "demo", "id": "r1"], false),
            ("run.start", ["scenario": "demo"], true), ("run.stop", ["id": "r1"], true), ("run.start", [:], true),
            ("run.start", ["scenario": "De Mo", "id": "r1"], true),
            ("run.stop", ["scenario": "demo", "id": "R/1"], true),
            ("estop.pressed", [:], false), ("run.started", [:], false),
        ])
    func complaint(name: String, attributes: [String: String], isComplaint: Bool) {
        let event = Event(
            name, at: Timestamp(seconds: 0), attributes: attributes.map { Event.Attribute($0.key, .text($0.value)) })
        let complaint = ControlRequest.complaint(event)
        #expect((complaint != nil) == isComplaint)
        if let complaint { #expect(complaint.hasPrefix("a run marker needs scenario=… and id=…")) }
    }
}
