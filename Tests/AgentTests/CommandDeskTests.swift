import Delivery
import JSON
import Logging
import Telemetry
import Testing

@testable import Agent

@Suite("The desk for requests from afar")
struct CommandDeskTests {
    private static let second: Int64 = 1_000_000_000

    private static func request(_ number: UInt64, _ task: OperatorRequest.Task = .diagnose) -> OperatorRequest {
        OperatorRequest(task, id: UUIDBytes(high: 0, low: number), by: "ann")
    }

    private static func done(_ number: UInt64) -> Answer { Answer(.done, to: request(number)) }

    @Test("a request is put on record, then carried out once, then forgotten but for its answer")
    func course() {
        var desk = CommandDesk(at: 0)
        let request = Self.request(1)
        #expect(desk.received(request, at: 0) == .record(request, passedOver: 0))
        #expect(desk.received(request, at: 1) == .ignore, "it is on its way to the disk")
        #expect(desk.recorded(UUIDBytes(high: 9, low: 9)) == nil)
        #expect(desk.recorded(request.id) == request)
        #expect(desk.recorded(request.id) == nil, "once")
        #expect(desk.received(request, at: 2) == .ignore, "it is being carried out")
        var answer = Self.done(1)
        answer.report = ["a": 1]
        desk.ended(answer)
        #expect(desk.received(request, at: 3) == .answer(Self.done(1)), "said again, without what is old by now")
    }

    @Test("no more than a few are carried out at once; who is refused is told, and counted on record")
    func active() {
        var desk = CommandDesk(at: 0)
        for number in UInt64(1)...4 { _ = desk.received(Self.request(number), at: 0) }
        guard case .answer(let refusal) = desk.received(Self.request(5), at: 0) else {
            Issue.record("the fifth was taken")
            return
        }
        #expect(refusal.state == .refused && refusal.text?.contains("4 other requests") == true)
        desk.ended(Self.done(1))
        #expect(desk.received(Self.request(6), at: 0) == .record(Self.request(6), passedOver: 1))
        desk.ended(Self.done(2))
        #expect(desk.received(Self.request(7), at: 0) == .record(Self.request(7), passedOver: 0))
    }

    @Test("how the box is can be asked while as many drains are under way as may be")
    func reports() {
        var desk = CommandDesk(at: 0)
        for number in UInt64(1)...4 { _ = desk.received(Self.request(number, .drain(stop: false)), at: 0) }
        #expect(desk.received(Self.request(5), at: 0) == .record(Self.request(5), passedOver: 0))
        guard case .answer(let refusal) = desk.received(Self.request(6, .drain(stop: false)), at: 0) else {
            Issue.record("the fifth drain was taken")
            return
        }
        #expect(refusal.state == .refused && refusal.text?.contains("4 other requests") == true)
    }

    @Test("a report that is too large lacks lines of the log first, then reasons for silence, then inputs")
    func room() {
        var room = DiagnosisRoom(lines: 3, inputs: 1000)
        var seen: [[Int]] = []
        repeat { seen.append([room.lines, room.silent, room.inputs]) } while room.shrink()
        #expect(seen.map { $0[0] } == [3, 1] + Array(repeating: 0, count: seen.count - 2))
        #expect(seen.map { $0[1] } == [16, 16, 16, 8, 4, 2, 1] + Array(repeating: 0, count: seen.count - 7))
        #expect(seen.map { $0[2] } == Array(repeating: 64, count: 8) + [32, 16, 8, 4, 2, 1, 0])
    }

    @Test("of a flood ten are taken, then two a minute, and one refusal a second is answered")
    func flood() {
        var desk = CommandDesk(at: 0)
        var (taken, answered) = (0, 0)
        // A thousand a second, for five minutes.
        for number in UInt64(1)...300_000 {
            switch desk.received(Self.request(number), at: Int64(number) * 1_000_000) {
            case .record(let request, _):
                taken += 1
                _ = desk.recorded(request.id)
                desk.ended(Answer(.done, to: request))
            case .answer: answered += 1
            case .ignore: break
            }
        }
        #expect(taken == 10 + 10)
        #expect((290...301).contains(answered))
    }

    @Test("what was saved up is never more than the burst, however long nobody asked")
    func burst() {
        var desk = CommandDesk(at: 0)
        let later = 1_000_000 * Self.second
        let taken = (UInt64(1)...50).count { number in
            guard case .record(let request, _) = desk.received(Self.request(number), at: later) else { return false }
            desk.ended(Answer(.done, to: request))
            return true
        }
        #expect(taken == 10)
    }

    @Test("requests and their ends go on record with what matters")
    func events() throws {
        let stream = StreamReference(install: UUIDBytes(high: 0, low: 1), epoch: 3, priority: .bulk)
        let ranges = (1...20).map { UInt64($0) * 10...UInt64($0) * 10 + 1 }
        let resend = Self.request(7, .resend(.frames(stream, ranges: ranges)))
        let event = resend.received(at: Timestamp(seconds: 5), passedOver: 2)
        #expect(event.name == "command.received" && event.text("command") == "resend" && event.text("by") == "ann")
        #expect(event.text("frames")?.hasPrefix("00000000000000000000000000000001/3/bulk 10-11,20-21,") == true)
        #expect(event.text("frames")?.hasSuffix(",160-161,…") == true)
        #expect(event["passed_over"] == .integer(2))
        #expect(event.fitsFrame)
        let stop = Self.request(8, .drain(stop: true)).received(at: Timestamp(seconds: 5), passedOver: 0)
        #expect(stop["stop"] == .boolean(true) && stop["passed_over"] == nil)
        let end = Answer(.refused, to: resend, text: "no").event(at: Timestamp(seconds: 6))
        #expect(end.name == "command.ended" && end.text("state") == "refused" && end.text("text") == "no")
        #expect(end.text("request") == event.text("request"))
        #expect(Event.reservedNames.isSuperset(of: [event.name, end.name]), "nobody else may record them")
    }

    @Test(
        "a pulse goes out once a minute, sooner while much waits or something has changed",
        arguments: [
            (pending: 0, evicted: 0, synchronised: true, after: 59, isDue: false),
            (pending: 0, evicted: 0, synchronised: true, after: 60, isDue: true),
            (pending: 64, evicted: 0, synchronised: true, after: 59, isDue: false),
            (pending: 65, evicted: 0, synchronised: true, after: 4, isDue: false),
            (pending: 65, evicted: 0, synchronised: true, after: 5, isDue: true),
            (pending: 0, evicted: 1, synchronised: true, after: 5, isDue: true),
            (pending: 0, evicted: 0, synchronised: false, after: 5, isDue: true),
        ] as [(pending: UInt64, evicted: UInt64, synchronised: Bool, after: Int64, isDue: Bool)])
    func pulses(change: (pending: UInt64, evicted: UInt64, synchronised: Bool, after: Int64, isDue: Bool)) {
        var rhythm = PulseRhythm()
        let first = PulseRhythm.Mark(pending: 0, evicted: 0, isSynchronised: true)
        #expect(rhythm.isNew && rhythm.isDue(first, at: 7))
        rhythm.sent(first, at: 7 - 5 * Self.second)
        #expect(
            !rhythm.isNew && !rhythm.isDue(first, at: 6) && rhythm.isDue(first, at: 7), "once more when that has gone")
        rhythm.sent(first, at: 7)
        let mark = PulseRhythm.Mark(
            pending: change.pending, evicted: change.evicted, isSynchronised: change.synchronised)
        #expect(rhythm.isDue(mark, at: 7 + change.after * Self.second) == change.isDue)
        rhythm.restart()
        #expect(rhythm.isDue(mark, at: 8), "another broker may have none")
    }

    @Test("of unreadable messages ten are logged at once, then one a second, which counts the others")
    func complaints() {
        var limit = ComplaintLimit(at: 0)
        let said = (0..<5000).compactMap { limit.admit(at: Int64($0) * 1_000_000) }
        #expect(said == Array(repeating: 0, count: 10) + [990, 999, 999, 999])
    }

    @Test("of many connections and failures the last are kept, and each reason once in a row")
    func history() {
        var history = ConnectionHistory()
        for second in 0..<100 { history.note("refused", at: Timestamp(seconds: Int64(second))) }
        #expect(history.changes.count == 1)
        for second in 0..<100 { history.note(second % 2 == 0 ? nil : "lost", at: Timestamp(seconds: Int64(second))) }
        #expect(history.changes.count == ConnectionHistory.most)
        #expect(history.changes.last == .init(time: Timestamp(seconds: 99), reason: "lost"))
    }

    @Test("the recent log keeps warnings within bounds, and knows which sources of an input do not answer")
    func recent() {
        let recent = RecentLog()
        let time = Timestamp(seconds: 1)
        for number in 0..<200 {
            recent.note(.warning, String(repeating: "é", count: 400), ["n": "\(number)"], at: time)
        }
        recent.note(.info, "nothing", [:], at: time)
        #expect(recent.lines.count == RecentLog.most)
        #expect(recent.lines.allSatisfy { $0.text.utf8.count <= RecentLog.longest })
        recent.note(.warning, "a source does not answer", ["input": "bus", "source": "unit 1"], at: time)
        recent.note(.warning, "a source does not answer", ["input": "bus", "source": "unit 2"], at: time)
        recent.note(.info, "a source answers", ["input": "bus", "source": "unit 1"], at: time)
        recent.note(.error, "an input has stopped", ["input": "bus", "reason": "gone"], at: time)
        #expect(Set(recent.remarks(of: "bus").silent.keys) == ["unit 2"])
        #expect(recent.remarks(of: "bus").last?.text == "an input has stopped input=bus reason=gone")
        for number in 0..<1000 {
            recent.note(.warning, "a source does not answer", ["input": "bus", "source": "unit \(number)"], at: time)
            recent.note(.warning, "w", ["input": "\(number)"], at: time)
        }
        #expect(recent.remarks(of: "bus").silent.count == RecentLog.mostSources)
        #expect(recent.remarks(of: "999").last == nil)
    }
}
