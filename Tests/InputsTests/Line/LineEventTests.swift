import Telemetry
import Testing

@testable import Inputs

@Suite("Line protocol: runs and events")
struct LineEventTests {
    @Test("the start of a run becomes an event that reads as its marker")
    func start() throws {
        var bench = IntakeBench()
        bench.feed("run,scenario=grasp-and-place,id=r17,subject=arm-07 event=\"start\" 5\n")
        let event = try #require(bench.sink.events.first)
        #expect(event.name == "run.start")
        let run = try #require(RunEvent(event))
        #expect(run.scenario.text == "grasp-and-place")
        #expect(run.run.text == "r17")
        #expect(run.subject == "arm-07")
        #expect(run.timestamp.nanoseconds == 5)
    }

    @Test("the stop of a run carries how it ended, and tags of the client's own are kept")
    func stop() throws {
        var bench = IntakeBench()
        bench.feed(
            "run,host=pc-3,scenario=grasp-and-place,id=r17 event=\"stop\",outcome=\"success\","
                + "failure_mode=\"slip\",intervention=false\n"
        )
        let event = try #require(bench.sink.events.first)
        let run = try #require(RunEvent(event))
        #expect(run.phase == .stop)
        #expect(run.outcome == "success")
        #expect(run.failureMode == "slip")
        #expect(run.intervention == false)
        #expect(run.timestamp == IntakeBench.arrival)
        #expect(event.text("host") == "pc-3")
    }

    @Test("an event has its name, its tags and its other fields")
    func event() throws {
        var bench = IntakeBench()
        bench.feed("event,device=arm-07 name=\"estop.pressed\",code=3i,held=true 5\n")
        let event = try #require(bench.sink.events.first)
        #expect(
            event
                == Event(
                    "estop.pressed", at: Timestamp(nanoseconds: 5),
                    attributes: [
                        .init("device", .text("arm-07")), .init("code", .integer(3)), .init("held", .boolean(true)),
                    ]))
        #expect(bench.sink.samples.isEmpty)
    }

    @Test("samples before an event reach the sink before it")
    func order() {
        var bench = IntakeBench()
        bench.feed("m a=1 1\nevent name=\"x\" 2\nm a=2 3\n")
        #expect(bench.sink.samples.count == 2)
        #expect(bench.sink.events.count == 1)
    }

    @Test(
        "a marker that could be misread is a bad line",
        arguments: [
            ("run,id=r17 event=\"start\"", "needs the tag 'scenario'"),
            ("run,scenario=s event=\"start\"", "needs the tag 'id'"),
            ("run,scenario=S,id=r17 event=\"start\"", "'scenario' must be 1 to 63"),
            ("run,scenario=s,id=r17 outcome=\"success\"", "event=\"start\""),
            ("run,scenario=s,id=r17 event=\"begin\"", "event=\"start\""),
            ("run,scenario=s,id=r17 event=1", "'event' must be text"),
            ("run,scenario=s,id=r17 event=\"stop\",intervention=\"no\"", "true or false"),
            ("run,scenario=s,id=r17 event=\"stop\",outcom=\"success\"", "did you mean 'outcome'?"),
            ("event code=1", "needs a name"), ("event name=1", "must be dotted"),
            ("event name=\"E Stop\"", "must be dotted"),
        ])
    func bad(line: String, message: String) {
        var bench = IntakeBench()
        bench.feed(line + "\n")
        #expect(bench.sink.events.isEmpty)
        #expect(bench.sink.rejected == ["bad line": 1])
        #expect(bench.log.text.first?.contains(message) == true, "\(bench.log.text)")
    }
}
