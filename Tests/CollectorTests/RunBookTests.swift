import Aggregation
import Configuration
import Scenarios
import Storage
import StorageSupport
import Telemetry
import Testing

@testable import Collector

@Suite("Which runs are folded again")
struct RunBookTests {
    private let store = ModelStore()
    private let entry: ScenarioLibrary.Entry

    init() throws {
        entry = try Self.entry()
    }

    private static func entry(version: String = "1.0.0") throws -> ScenarioLibrary.Entry {
        ScenarioLibrary.Entry(
            try ScenarioDefinition(
                ConfigurationFile(
                    name: "demo.yaml",
                    text: """
                        schema: fieldproof/scenario/v1
                        id: demo
                        version: \(version)
                        title: {en: Demo}
                        setting: real
                        runs: {timeout: 60s}
                        criteria:
                          - {id: ok, statistic: proportion, outcome: success, at-least: 0.9, confidence: 0.95}
                        """)))
    }

    private static func marker(
        _ phase: RunEvent.Phase, _ second: Int64, run: String = "r1", site: String = "here", scenario: String = "demo",
        source: String = "box"
    ) -> StoredEvent {
        let marker = RunEvent(
            phase, scenario: .named(scenario), run: .named(run), at: Timestamp(seconds: second),
            outcome: phase == .stop ? "success" : nil)
        return StoredEvent(site: .named(site), source: .named(source), event: marker.event)
    }

    private func book(_ markers: StoredEvent...) throws -> RunBook {
        var book = try RunBook(entry, store: store, through: Timestamp(seconds: 0))
        for marker in markers { book.note(marker) }
        return book
    }

    private static func toFold(_ book: inout RunBook, through second: Int64 = 1000) -> [String] {
        book.runsToFold(through: Timestamp(seconds: second)).map { "\($0.site)/\($0.id)" }
    }

    /// Folds whatever is to be folded, of no data.
    private static func fold(_ book: inout RunBook, through second: Int64 = 1000) -> [RunKey: RunAggregate] {
        var folded: [RunKey: RunAggregate] = [:]
        for run in book.runsToFold(through: Timestamp(seconds: second)) {
            let aggregate = RunFold(run: run, definition: book.entry.definition).finish()
            book.folded(run, aggregate)
            folded[RunKey(run)] = aggregate
        }
        return folded
    }

    private static func times(_ seconds: ClosedRange<Int64>) -> ClosedRange<Timestamp> {
        Timestamp(seconds: seconds.lowerBound)...Timestamp(seconds: seconds.upperBound)
    }

    @Test("a run is folded once it has a start and a stop, and then left")
    func life() throws {
        var book = try book(Self.marker(.start, 10))
        #expect(Self.toFold(&book) == [], "it may still be going on")
        book.note(Self.marker(.stop, 20))
        #expect(Self.toFold(&book) == ["here/r1"])
        #expect(Self.toFold(&book) == ["here/r1"], "until it has been done")
        #expect(Self.fold(&book).count == 1)
        #expect(Self.toFold(&book) == [])
        #expect(book.aggregates.count == 1)
    }

    @Test(
        "data of its time at its site make a run stale: from the start, included, to the stop, excluded",
        arguments: [
            (0...9, "here", false), (0...10, "here", true), (19...19, "here", true), (20...20, "here", false),
            (0...100, "here", true), (12...13, "there", false),
        ])
    func lateData(seconds: ClosedRange<Int64>, site: String, isStale: Bool) throws {
        var book = try book(Self.marker(.start, 10), Self.marker(.stop, 20))
        _ = Self.fold(&book)
        book.note(Self.times(seconds), at: .named(site))
        #expect(Self.toFold(&book) == (isStale ? ["here/r1"] : []))
        _ = Self.fold(&book)
        #expect(Self.toFold(&book) == [])
    }

    @Test("only the runs that the data touch are folded again")
    func onlyThose() throws {
        var book = try book(
            Self.marker(.start, 10), Self.marker(.stop, 20), Self.marker(.start, 30, run: "r2"),
            Self.marker(.stop, 40, run: "r2"), Self.marker(.start, 30, site: "there"),
            Self.marker(.stop, 40, site: "there"))
        #expect(Self.fold(&book).count == 3)
        book.note(Self.times(35...36), at: .named("here"))
        #expect(Self.toFold(&book) == ["here/r2"])
    }

    @Test("a marker that moves a run's window makes it stale, one that was known does not")
    func movedWindow() throws {
        var book = try book(Self.marker(.start, 10), Self.marker(.stop, 20))
        _ = Self.fold(&book)
        #expect(book.note(Self.marker(.stop, 20)) == false)
        #expect(
            book.note(Self.marker(.stop, 20, source: "collector")) == true, "another witness is news, of the same run")
        #expect(Self.toFold(&book) == [])
        #expect(book.note(Self.marker(.stop, 15)) == true)
        #expect(Self.toFold(&book) == ["here/r1"])
    }

    @Test("events of other names or scenarios are no news")
    func others() throws {
        var book = try book()
        book.summarised()
        #expect(book.note(Self.marker(.start, 10, scenario: "other")) == false)
        let event = Event("estop.pressed", at: Timestamp(seconds: 1))
        #expect(book.note(StoredEvent(site: .named("here"), source: .named("box"), event: event)) == false)
        let nameless = Event("run.start", at: Timestamp(seconds: 1))
        #expect(book.note(StoredEvent(site: .named("here"), source: .named("box"), event: nameless)) == false)
        #expect(book.news == .none && !book.hasStarted)
    }

    @Test("a run that cannot be folded is left until something of it changes, and its old aggregate is gone")
    func cannotBeFolded() throws {
        var book = try book(Self.marker(.start, 10), Self.marker(.stop, 20))
        _ = Self.fold(&book)
        book.note(Self.times(12...13), at: .named("here"))
        for run in book.runsToFold(through: Timestamp(seconds: 1000)) { book.folded(run, nil) }
        #expect(book.aggregates.isEmpty)
        #expect(Self.toFold(&book) == [])
        book.note(Self.times(12...13), at: .named("here"))
        #expect(Self.toFold(&book) == ["here/r1"])
    }

    @Test("what happened says how soon a summary should follow")
    func news() throws {
        var book = try book(Self.marker(.start, 10), Self.marker(.stop, 20))
        _ = Self.fold(&book)
        #expect(book.news == .runs)
        book.summarised()
        #expect(book.news == .none)
        book.note(Self.times(500...501), at: .named("elsewhere"))
        #expect(book.news == .data)
        book.note(Self.marker(.start, 30, run: "r2"))
        book.note(Self.times(500...501), at: .named("elsewhere"))
        #expect(book.news == .runs, "data do not hide that a run was marked")
        book.summarised()
        book.unpublished()
        #expect(book.news == .runs, "a broker that starts anew has nothing retained")
    }

    /// Runs, aggregates and events as a collector leaves them in its store.
    private func leave(digest: String, bytes: [UInt8]? = nil, stop: Int64 = 20) throws {
        let markers = [Self.marker(.start, 10), Self.marker(.stop, 20)]
        var intake = StoredIntake(of: UUIDBytes(high: 1, low: 1))
        intake.events = markers
        try store.commit(intake)
        var book = try book(markers[0], markers[1])
        let aggregate = try #require(Self.fold(&book).values.first)
        let window = Timestamp(seconds: 10)..<Timestamp(seconds: stop)
        try store.save(
            StoredAggregate(window: window, bytes: bytes ?? aggregate.bytes),
            of: RunKey(site: .named("here"), run: .named("r1")), scenario: .named("demo"), digest: digest)
    }

    @Test("a collector that starts takes up what it folded before")
    func restart() throws {
        try leave(digest: entry.digest)
        var book = try RunBook(entry, store: store, through: Timestamp(seconds: 1000))
        #expect(book.runs.map(\.id.text) == ["r1"])
        #expect(book.aggregates.count == 1)
        #expect(Self.toFold(&book) == [])
        #expect(book.hasStarted)
        #expect(book.news == .runs, "nobody knows what the broker has")
    }

    @Test(
        "it folds again what was folded under another definition, over another window, or by a version it cannot read")
    func restartStale() throws {
        try leave(digest: "sha256:other")
        var book = try RunBook(entry, store: store, through: Timestamp(seconds: 1000))
        #expect(Self.toFold(&book) == ["here/r1"])
        try leave(digest: entry.digest, stop: 19)
        book = try RunBook(entry, store: store, through: Timestamp(seconds: 1000))
        #expect(Self.toFold(&book) == ["here/r1"])
        try leave(digest: entry.digest, bytes: [1, 2, 3])
        book = try RunBook(entry, store: store, through: Timestamp(seconds: 1000))
        #expect(Self.toFold(&book) == ["here/r1"])
        #expect(book.aggregates.isEmpty)
    }
}
