import JSON
import Scenarios
import Storage
import StorageSupport
import Telemetry
import Testing

@testable import Collector

@Suite("What of alerts is told")
struct AlertBookTests {
    private static let cause = Alert.Cause(
        .safety, "hot", of: .named("press"), site: .named("hall"), run: .named("r1"))

    private static func fact(
        _ standing: Alert.Fact.Standing, _ count: Int, since second: Int64 = 1, of cause: Alert.Cause = cause
    ) -> Alert.Fact {
        Alert.Fact(
            cause, standing, count: count, since: Timestamp(seconds: second), .major,
            text: Alert.Text(raised: ("hot", "热"), cleared: ("cool", "凉")))
    }

    /// Facts at one second after another, nil for none at all; what is told, each state with its count.
    @Test(
        "follows from what is known, one moment after another",
        arguments: [
            ("a beginning and an end", [(.ongoing, 1), (.over, 1)], ["raised 1", "cleared 1"]),
            ("repetition tells nothing", [(.ongoing, 1), (.ongoing, 1), (.ongoing, 3)], ["raised 1"]),
            ("what nobody can say changes nothing", [(.unknown, 1), (.ongoing, 1), (.unknown, 0)], ["raised 1"]),
            ("late data of an end that was told", [(.ongoing, 1), (.over, 1), (.over, 1)], ["raised 1", "cleared 1"]),
            (
                "a second time is another alert", [(.ongoing, 1), (.over, 1), (.ongoing, 2)],
                ["raised 1", "cleared 1", "raised 2"]
            ),
            ("what is over when it is seen is told whole", [(.over, 2)], ["raised 2", "cleared 2"]),
            (
                "more that is over is told whole", [(.ongoing, 1), (.over, 1), (.over, 2)],
                ["raised 1", "cleared 1", "raised 2", "cleared 2"]
            ),
            ("less than was told is not told", [(.ongoing, 3), (.over, 1), (.over, 2)], ["raised 3", "cleared 3"]),
            ("a run that is gone", [(.ongoing, 2), nil], ["raised 2", "cleared 2"]),
        ] as [(String, [(Alert.Fact.Standing, Int)?], [String])])
    func course(_ name: String, facts: [(Alert.Fact.Standing, Int)?], told: [String]) {
        var book = AlertBook(.named("press"))
        _ = book.update([], under: "d", at: Timestamp(seconds: 0))
        var alerts: [Alert] = []
        for (second, fact) in facts.enumerated() {
            alerts += book.update(
                fact.map { [Self.fact($0.0, $0.1)] } ?? [], under: "d", at: Timestamp(seconds: Int64(second)))
        }
        #expect(alerts.map { "\($0.state.rawValue) \($0.fact.count)" } == told, "\(name)")
        #expect(book.entries[Self.cause]?.unsent == alerts.map { $0.json.compact() }, "until the broker confirms")
    }

    @Test("An end has the id, the beginning and the severity of its beginning, also when nothing else is known of it")
    func pair() throws {
        var book = AlertBook(.named("press"))
        let raised = try book.update([Self.fact(.ongoing, 1, since: 7)], under: "d", at: Timestamp(seconds: 9)).first
            .orFail()
        let cleared = try book.update([], under: "d", at: Timestamp(seconds: 11)).first.orFail()
        #expect(cleared.id == raised.id && raised.id.count == 32)
        #expect(cleared.fact.since == Timestamp(seconds: 7) && cleared.at == Timestamp(seconds: 11))
        #expect(cleared.fact.severity == .major)
        #expect(cleared.json["text_en"] == .string("hot is over in run r1 at hall."))
    }

    @Test("A silence that is over leaves nothing behind, and the next one is another")
    func silence() throws {
        let cause = Alert.Cause(
            .silentAgent, "silent-agent", of: .named("press"), site: .named("hall"), source: "box-01")
        var book = AlertBook(.named("press"))
        _ = book.update([], under: "d", at: Timestamp(seconds: 0))
        let first = book.update([Self.fact(.ongoing, 1, since: 1, of: cause)], under: "d", at: Timestamp(seconds: 1))
        let ended = book.update([Self.fact(.over, 0, of: cause)], under: "d", at: Timestamp(seconds: 2))
        #expect(ended.map(\.state) == [.cleared])
        for message in book.entries[cause]?.unsent ?? [] { book.confirmed(message, of: cause) }
        #expect(book.entries.isEmpty)
        #expect(book.changes.contains(StoredAlert(.named("press"), cause: cause.key, state: nil)))
        let second = book.update([Self.fact(.ongoing, 1, since: 5, of: cause)], under: "d", at: Timestamp(seconds: 9))
        #expect(second.map(\.state) == [.raised])
        #expect(second.first?.id != first.first?.id)
    }

    @Test("What was over before the first look under a definition is not told, what goes on is")
    func firstLook() {
        var book = AlertBook(.named("press"))
        var other = Self.cause
        other.run = .named("r2")
        let facts = [Self.fact(.over, 4), Self.fact(.ongoing, 1, of: other)]
        let first = book.update(facts, under: "d", at: Timestamp(seconds: 1))
        #expect(first.map(\.fact.cause) == [other])
        let second = book.update(facts, under: "d", at: Timestamp(seconds: 2))
        #expect(second.isEmpty)
        // Another definition ends what was raised under the former one, and raises what goes on under it.
        let changed = book.update(facts, under: "e", at: Timestamp(seconds: 3))
        #expect(changed.map(\.state) == [.cleared, .raised])
        let later = book.update([Self.fact(.over, 5)], under: "e", at: Timestamp(seconds: 4))
        #expect(later.map(\.fact.count) == [5, 5, 1])
    }

    /// A restart after any step; the same facts then tell nothing that was told.
    @Test("A store keeps all of it, so that a restart at any moment tells nothing twice", arguments: 0...5)
    func restart(after step: Int) throws {
        let store = ModelStore()
        let facts: [Alert.Fact?] = [
            Self.fact(.ongoing, 1), Self.fact(.over, 1), Self.fact(.over, 1), Self.fact(.ongoing, 2), nil,
            Self.fact(.over, 2),
        ]
        func course(restartingAfter restart: Int?) throws -> [String] {
            var book = AlertBook(.named("press"))
            var told: [String] = []
            for (second, fact) in facts.enumerated() {
                let alerts = book.update(
                    fact.map { [$0] } ?? [], under: "d", at: Timestamp(seconds: Int64(second)))
                told += alerts.map { "\($0.id) \($0.state)" }
                try store.save(book.changes)
                book.stored()
                #expect(book.changes.isEmpty)
                guard second == restart else { continue }
                let kept = try AlertBook.stored(store.alerts())[.named("press")].orFail()
                #expect(kept == book)
                book = kept
            }
            return told
        }
        let reference = try course(restartingAfter: nil)
        #expect(reference.count == 4)
        try store.clear(keepingAggregates: false)
        #expect(try course(restartingAfter: step) == reference)
    }

    @Test("For a broker that is away the newest messages of a cause are kept")
    func bounded() throws {
        var book = AlertBook(.named("press"))
        var alerts: [Alert] = []
        for number in 1...100 {
            for standing in [Alert.Fact.Standing.ongoing, .over] {
                alerts += book.update(
                    [Self.fact(standing, number, since: Int64(number))], under: "d", at: Timestamp(seconds: 0))
            }
        }
        #expect(alerts.count == 200)
        let unsent = try (book.entries[Self.cause]?.unsent).orFail()
        #expect(unsent == alerts.suffix(AlertBook.mostUnsent).map { $0.json.compact() })
        book.confirmed(unsent[1], of: Self.cause)
        #expect(book.entries[Self.cause]?.unsent == [unsent[0]] + unsent[2...])
    }

    @Test(
        "A cause reads as it was written, whatever its source is called",
        arguments: [
            cause, Alert.Cause(.burn, "fault-burn", of: .named("press")),
            Alert.Cause(
                .silentSeries, "force", of: .named("press"), site: .named("hall"), run: .named("r1"),
                source: "box: a|b,c=|é"),
        ])
    func keys(cause: Alert.Cause) {
        #expect(Alert.Cause(key: cause.key, of: cause.scenario) == cause)
        for bad in ["", "safety|a|b", "harm|r|hall|r1|", "safety|r|Not A Site|r1|"] {
            #expect(Alert.Cause(key: bad, of: cause.scenario) == nil)
        }
    }

    @Test("A message says all that applies and nothing that does not")
    func message() {
        var fact = Self.fact(.ongoing, 2)
        fact.subject = "arm-07"
        (fact.value, fact.limit, fact.unit) = (82.5, 70, "Cel")
        #expect(
            String(decoding: Alert("0", .raised, fact, at: Timestamp(seconds: 2)).json.compact(), as: UTF8.self)
                == #"{"schema":"fieldproof/alert/v1","id":"0","scenario":"press","site":"hall","run":"r1","subject":"arm-07","#
                + #""kind":"safety","rule":"hot","severity":"major","state":"raised","since":"1970-01-01T00:00:01Z","#
                + #""at":"1970-01-01T00:00:02Z","text_en":"hot","text_zh":"热","value":82.5,"limit":70,"unit":"Cel","count":2}"#
        )
        let burn = Self.fact(.over, 1, of: Alert.Cause(.burn, "b", of: .named("press")))
        let json = Alert("0", .cleared, burn, at: Timestamp(seconds: 2)).json
        #expect(json.object?.keys.contains("site") == false && json["text_en"] == "cool")
    }
}
