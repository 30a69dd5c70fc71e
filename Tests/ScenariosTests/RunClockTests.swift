import Scenarios
import Telemetry
import Testing

@Suite("Runs and the clocks that recorded them")
struct RunClockTests {
    private func boot(_ number: UInt64) throws -> BootKey {
        let name = try #require(Identifier("box"))
        return BootKey(
            site: name, agent: name, install: UUIDBytes(high: 1, low: 1), boot: UUIDBytes(high: number, low: 1),
            epoch: 1)
    }

    private func mark(
        _ phase: RunEvent.Phase, _ at: Int64, boot number: UInt64? = nil, since: Int64 = 0, known: Bool = true
    ) throws -> RunMarker {
        let name = try #require(Identifier("demo"))
        let event = RunEvent(
            phase, scenario: name, run: try #require(Identifier("r1")), at: Timestamp(seconds: at),
            outcome: phase == .stop ? "success" : nil)
        let clock = try number.map {
            RunMarker.Clock(boot: try boot($0), sinceBoot: since * 1_000_000_000, isTimeKnown: known)
        }
        return RunMarker(event, site: name, source: name, clock: clock)
    }

    private func run(_ markers: [RunMarker], _ horizon: Horizon = Horizon(Timestamp(seconds: 1000))) throws -> Run {
        var ledger = RunLedger(try ScenarioDefinition(Samples.minimal(runs: "{timeout: 100s}")))
        for marker in markers { ledger.insert(marker) }
        return try #require(ledger.runs(through: horizon).first)
    }

    private static let second: Int64 = 1_000_000_000

    @Test(
        "a run that one boot marks lasts as long as the boot clock says",
        arguments: [-3600, -5, 0, 7, 100_000] as [Int64])
    func stepped(_ step: Int64) throws {
        let run = try run([mark(.start, 5000, boot: 1, since: 100), mark(.stop, 5010 + step, boot: 1, since: 110)])
        #expect(run.duration == 10 * Self.second)
        #expect(run.stop == Timestamp(seconds: 5010))
        #expect(run.flags.isEmpty && run.isTimeKnown)
        #expect(run.bootSpan?.sinceBoot == (100 * Self.second)..<(110 * Self.second))
    }

    @Test("order and duration are known of a boot that was never synchronised, the time is not")
    func unknown() throws {
        let run = try run([
            mark(.stop, 25, boot: 1, since: 20, known: false), mark(.start, 15, boot: 1, since: 10, known: false),
        ])
        #expect(run.flags == .timeUnknown)
        #expect(run.duration == 10 * Self.second)
    }

    @Test("ends of two clocks, one of them unknown, have no distance")
    func incomparable() throws {
        let run = try run([mark(.start, 15, boot: 1, since: 10, known: false), mark(.stop, 5000, boot: 2, since: 10)])
        #expect(run.start != nil && run.stop != nil)
        #expect(run.duration == nil && run.window == nil)
        #expect(run.flags == .timeUnknown)
    }

    @Test(
        "an open run of an unknown time runs out of it by its own boot's clock", arguments: [(110, false), (116, true)])
    func timeout(_ last: Int64, _ isOver: Bool) throws {
        let horizon = Horizon(
            Timestamp(seconds: 1_000_000), unknown: [try boot(1): Timestamp(seconds: last)])
        let run = try run([mark(.start, 15, boot: 1, since: 10, known: false)], horizon)
        #expect(run.flags.contains(.timedOut) == isOver)
    }

    @Test("a known marker stands before one of an unknown time")
    func preferred() throws {
        let run = try run([
            mark(.start, 15, boot: 1, since: 10, known: false), mark(.start, 5000), mark(.stop, 5010),
        ])
        #expect(run.start == Timestamp(seconds: 5000))
        #expect(run.duration == 10 * Self.second)
        #expect(run.flags == .conflictingMarkers)
    }
}
