import Aggregation
import Configuration
import Frames
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
        source: String = "box", isSynchronised: Bool = true
    ) -> StoredEvent {
        let marker = RunEvent(
            phase, scenario: .named(scenario), run: .named(run), at: Timestamp(seconds: second),
            outcome: phase == .stop ? "success" : nil)
        return stored(marker.event, second, site: site, source: source, isSynchronised: isSynchronised)
    }

    /// As boxes record it that were all started at second 0.
    private static func stored(
        _ event: Event, _ second: Int64, site: String = "here", source: String = "box", isSynchronised: Bool = true
    ) -> StoredEvent {
        let clock = RecordedClock(
            boot: boot(site, source), sinceBoot: second * 1_000_000_000, offset: 0, isSynchronised: isSynchronised)
        return StoredEvent(site: .named(site), source: .named(source), event: event, clock: clock)
    }

    private static func boot(_ site: String, _ agent: String) -> BootKey {
        BootKey(
            site: .named(site), agent: .named(agent), install: UUIDBytes(high: 1, low: 1),
            boot: UUIDBytes(high: 7, low: 7), epoch: 1)
    }

    /// Streams that reach so far.
    private static func ledgers(through second: Int64 = 1000) -> StoredLedgers {
        var ledgers = StoredLedgers()
        ledgers.streams[Sender().stream] = StoredStream(times: times(second...second))
        return ledgers
    }

    private func book(_ markers: StoredEvent...) throws -> RunBook {
        var book = try RunBook(entry, store: store, StoredLedgers())
        for marker in markers { book.note(marker) }
        return book
    }

    private static func toFold(_ book: inout RunBook, through second: Int64 = 1000) -> [String] {
        book.runsToFold(ledgers(through: second)).map { "\($0.site)/\($0.id)" }
    }

    /// Folds whatever is to be folded, of no data.
    private static func fold(_ book: inout RunBook, through second: Int64 = 1000) -> [RunKey: RunAggregate] {
        var folded: [RunKey: RunAggregate] = [:]
        for run in book.runsToFold(ledgers(through: second)) {
            let aggregate = RunFold(run: run, definition: book.entry.definition).finish()
            book.folded(run, aggregate)
            folded[RunKey(run)] = aggregate
        }
        return folded
    }

    private static func times(_ seconds: ClosedRange<Int64>) -> ClosedRange<Timestamp> {
        Timestamp(seconds: seconds.lowerBound)...Timestamp(seconds: seconds.upperBound)
    }

    /// More is known of these seconds, from another box than the one that marks runs.
    private static func data(_ seconds: ClosedRange<Int64>, at site: String = "here") -> StaleStretch {
        StaleStretch(
            site: .named(site), times: times(seconds), boot: boot(site, "other"),
            sinceBoot: 9_000_000_000_000...9_000_000_000_000)
    }

    /// More is known of these seconds of the boot of a box, and nothing of the time.
    private static func bootData(_ seconds: ClosedRange<Int64>, at site: String = "here", of agent: String = "box")
        -> StaleStretch
    {
        StaleStretch(
            site: .named(site), times: nil, boot: boot(site, agent),
            sinceBoot: seconds.lowerBound * 1_000_000_000...seconds.upperBound * 1_000_000_000)
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
        for stretch in [Self.data(seconds, at: site), Self.bootData(seconds, at: site)] {
            var book = try book(Self.marker(.start, 10), Self.marker(.stop, 20))
            _ = Self.fold(&book)
            book.note(stretch)
            #expect(Self.toFold(&book) == (isStale ? ["here/r1"] : []), "\(stretch)")
            _ = Self.fold(&book)
            #expect(Self.toFold(&book) == [])
        }
    }

    @Test("what another boot recorded at a time that nobody knows makes no run stale")
    func otherBoot() throws {
        var book = try book(Self.marker(.start, 10), Self.marker(.stop, 20))
        _ = Self.fold(&book)
        book.note(Self.bootData(0...100, of: "other"))
        #expect(Self.toFold(&book) == [])
    }

    @Test("the boot that marked a run goes by its own clock: another step of the wall clock's makes no run stale")
    func stepped() throws {
        var book = try book(Self.marker(.start, 10), Self.marker(.stop, 20))
        _ = Self.fold(&book)
        book.note(
            StaleStretch(
                site: .named("here"), times: Self.times(12...13), boot: Self.boot("here", "box"),
                sinceBoot: 900_000_000_000...901_000_000_000))
        #expect(Self.toFold(&book) == [])
    }

    @Test("a run whose time is not known is made stale by its own boot alone, and once the time is known")
    func unknownTime() throws {
        var book = try book(
            Self.marker(.start, 10, isSynchronised: false), Self.marker(.stop, 20, isSynchronised: false))
        _ = Self.fold(&book)
        book.note(Self.data(0...100))
        #expect(Self.toFold(&book) == [])
        book.note(Self.bootData(15...15))
        #expect(Self.toFold(&book) == ["here/r1"])
        _ = Self.fold(&book)
        var known = Self.ledgers()
        known.boots[Self.boot("here", "box")] = BootClock(
            ClockReading(
                boot: UUIDBytes(high: 7, low: 7), sinceBoot: 30_000_000_000, wall: Timestamp(seconds: 30),
                state: ClockState(isSynchronised: true, maximumError: 0)))
        #expect(
            book.runsToFold(known).map(\.id.text) == ["r1"],
            "others' frames are now of it, though its window is the same")
    }

    @Test("only the runs that the data touch are folded again")
    func onlyThose() throws {
        var book = try book(
            Self.marker(.start, 10), Self.marker(.stop, 20), Self.marker(.start, 30, run: "r2"),
            Self.marker(.stop, 40, run: "r2"), Self.marker(.start, 30, site: "there"),
            Self.marker(.stop, 40, site: "there"))
        #expect(Self.fold(&book).count == 3)
        book.note(Self.data(35...36))
        #expect(Self.toFold(&book) == ["here/r2"])
    }

    @Test("a marker that moves a run's window makes it stale, one that was known does not")
    func movedWindow() throws {
        var book = try book(Self.marker(.start, 10), Self.marker(.stop, 20))
        _ = Self.fold(&book)
        #expect(book.note(Self.marker(.stop, 20)) == false)
        #expect(book.note(Self.marker(.stop, 20, source: "other")) == true, "another witness is news, of the same run")
        #expect(Self.toFold(&book) == [])
        #expect(book.note(Self.marker(.stop, 20, source: "collector")) == true)
        #expect(
            Self.toFold(&book) == ["here/r1"],
            "it was published: the box did not time it, so its boot clock does not either")
        _ = Self.fold(&book)
        #expect(book.note(Self.marker(.stop, 15)) == true)
        #expect(Self.toFold(&book) == ["here/r1"])
    }

    @Test("events of other names or scenarios are no news")
    func others() throws {
        var book = try book()
        book.summarised()
        #expect(book.note(Self.marker(.start, 10, scenario: "other")) == false)
        let event = Event("estop.pressed", at: Timestamp(seconds: 1))
        #expect(book.note(Self.stored(event, 1)) == false)
        let nameless = Event("run.start", at: Timestamp(seconds: 1))
        #expect(book.note(Self.stored(nameless, 1)) == false)
        #expect(book.news == .none && Self.toFold(&book) == [] && book.runs.isEmpty)
    }

    @Test("a run that cannot be folded is left until something of it changes, and its old aggregate is gone")
    func cannotBeFolded() throws {
        var book = try book(Self.marker(.start, 10), Self.marker(.stop, 20))
        _ = Self.fold(&book)
        book.note(Self.data(12...13))
        for run in book.runsToFold(Self.ledgers()) { book.folded(run, nil) }
        #expect(book.aggregates.isEmpty)
        #expect(Self.toFold(&book) == [])
        book.note(Self.data(12...13))
        #expect(Self.toFold(&book) == ["here/r1"])
    }

    @Test("what happened says how soon a summary should follow")
    func news() throws {
        var book = try book(Self.marker(.start, 10), Self.marker(.stop, 20))
        _ = Self.fold(&book)
        #expect(book.news == .runs)
        book.summarised()
        #expect(book.news == .none)
        book.note(Self.data(500...501, at: "elsewhere"))
        #expect(book.news == .data)
        book.note(Self.marker(.start, 30, run: "r2"))
        book.note(Self.data(500...501, at: "elsewhere"))
        #expect(book.news == .runs, "data do not hide that a run was marked")
        book.summarised()
        book.unpublished()
        #expect(book.news == .runs, "a broker that starts anew has nothing retained")
    }

    /// Runs, aggregates and events as a collector leaves them in its store.
    private func leave(digest: String, bytes: [UInt8]? = nil, stop: Int64 = 20, bootStart: Int64 = 10) throws {
        let markers = [Self.marker(.start, 10), Self.marker(.stop, 20)]
        var intake = StoredIntake(of: UUIDBytes(high: 1, low: 1))
        intake.events = markers
        try store.commit(intake)
        var book = try book(markers[0], markers[1])
        let aggregate = try #require(Self.fold(&book).values.first)
        let stretch = FoldedStretch(
            window: Timestamp(seconds: 10)..<Timestamp(seconds: stop),
            bootSpan: Run.BootSpan(
                boot: Self.boot("here", "box"), sinceBoot: bootStart * 1_000_000_000..<20_000_000_000))
        try store.save(
            StoredAggregate(stretch, bytes: bytes ?? aggregate.bytes),
            of: RunKey(site: .named("here"), run: .named("r1")), scenario: .named("demo"), digest: digest)
    }

    @Test("a collector that starts takes up what it folded before")
    func restart() throws {
        try leave(digest: entry.digest)
        var book = try RunBook(entry, store: store, Self.ledgers())
        #expect(book.runs.map(\.id.text) == ["r1"])
        #expect(book.aggregates.count == 1)
        #expect(Self.toFold(&book) == [])
        #expect(book.news == .runs, "nobody knows what the broker has")
    }

    @Test(
        "it folds again what was folded under another definition, over another stretch, or by a version it cannot read")
    func restartStale() throws {
        try leave(digest: "sha256:other")
        var book = try RunBook(entry, store: store, Self.ledgers())
        #expect(Self.toFold(&book) == ["here/r1"])
        try leave(digest: entry.digest, stop: 19)
        book = try RunBook(entry, store: store, Self.ledgers())
        #expect(Self.toFold(&book) == ["here/r1"])
        try leave(digest: entry.digest, bootStart: 9)
        book = try RunBook(entry, store: store, Self.ledgers())
        #expect(Self.toFold(&book) == ["here/r1"])
        try leave(digest: entry.digest, bytes: [1, 2, 3])
        book = try RunBook(entry, store: store, Self.ledgers())
        #expect(Self.toFold(&book) == ["here/r1"])
        #expect(book.aggregates.isEmpty)
    }
}
