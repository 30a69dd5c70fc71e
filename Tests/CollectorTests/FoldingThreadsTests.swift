import Aggregation
import Configuration
import Frames
import Scenarios
import SegmentLog
import Storage
import StorageSupport
import Telemetry
import TestSupport
import Testing

@testable import Collector

@Suite("Folding by several threads")
struct FoldingThreadsTests {
    /// Another scenario over the same series.
    private static var other: ScenarioLibrary.Entry {
        get throws {
            let text = """
                schema: fieldproof/scenario/v1
                id: look
                version: 1.0.0
                title: Look
                setting: real
                metrics:
                  seen: {series: force, unit: kN}
                criteria:
                  - {id: soft, statistic: mean, metric: seen, reduce: max, at-most: 70 N, confidence: 0.9}
                """
            return ScenarioLibrary.Entry(try ScenarioDefinition(ConfigurationFile(name: "look.yaml", text: text)))
        }
    }

    /// Runs of many lengths that begin anywhere in what the agent recorded, some of them at once.
    private func jobs(_ count: Int, _ entry: ScenarioLibrary.Entry, seed: UInt64) throws -> [FoldingJob] {
        var random = SeededGenerator(seed: seed)
        var ledger = RunLedger(entry.definition)
        for number in 0..<count {
            let start = Centre.begin.advanced(byNanoseconds: Int64.random(in: 0..<600_000_000_000, using: &random))
            let stop = start.advanced(byNanoseconds: Int64.random(in: 1..<90_000_000_000, using: &random))
            for (phase, time) in [(RunEvent.Phase.start, start), (.stop, stop)] {
                let event = RunEvent(phase, scenario: entry.definition.id, run: Centre.named("j\(number)"), at: time)
                ledger.insert(RunMarker(event, site: Centre.site, source: Centre.agent))
            }
        }
        return try ledger.runs(through: Horizon(Centre.begin)).map { run in
            FoldingJob(run, try FoldedStretch(run).orFail(), entry)
        }
    }

    @Test(
        "an aggregate does not depend on how many threads fold, nor on what is folded beside it", arguments: [1, 2, 5])
    func threads(count: Int) throws {
        try Centre.withStores { make in
            let store = try make()
            var archive = try Centre.open(FaultyFileSystem(seed: 3), store)
            try archive.take(Centre.sent)
            try archive.commit(to: store)
            let entries = [try Centre.definition, try Self.other]
            let jobs = try entries.enumerated().flatMap { try self.jobs(25, $1, seed: UInt64($0)) }
            #expect(FoldingThreads<FaultyFileSystem, SQLiteStore>.groups(jobs).contains { $0.count > 1 })
            let threads = FoldingThreads(archive: archive.log.peek, boots: archive.ledgers.boots, store: store)
            var progress: [Int] = []
            try threads.fold(jobs, threads: count) { progress.append($0) }
            #expect(progress == progress.sorted() && progress.last == jobs.count)
            for entry in entries {
                let folded = try store.aggregates(scenario: entry.definition.id, digest: entry.digest)
                #expect(folded.count == 25)
                for job in jobs where job.digest == entry.digest {
                    var folding = Folding()
                    let alone = try folding.aggregate(
                        of: job.subject.run, entry.definition, archive: &archive, boots: archive.ledgers.boots,
                        store: store)
                    let kept = try folded[RunKey(job.subject.run)].orFail()
                    #expect(kept.stretch == job.stretch && kept.bytes == alone.bytes, "\(job.subject.run.id)")
                    #expect(alone.samples > 0)
                }
            }
        }
    }

    @Test("runs that overlap are together, as many as may be open, and each is folded once")
    func groups() throws {
        let jobs = try self.jobs(200, Centre.definition, seed: 9)
        let groups = FoldingThreads<FaultyFileSystem, SQLiteStore>.groups(jobs)
        let most = FoldingThreads<FaultyFileSystem, SQLiteStore>.openRuns
        #expect(groups.allSatisfy { (1...most).contains($0.count) })
        #expect(groups.contains { $0.count == most })
        let names = groups.flatMap { $0.map(\.subject.run.id) }
        #expect(names.count == 200 && Set(names).count == 200)
        for group in groups {
            for (index, job) in group.enumerated().dropFirst() {
                let before = group[..<index]
                #expect(
                    before.contains { $0.stretch.window.overlaps(job.stretch.window) || job.stretch.window.isEmpty })
            }
        }
        #expect(FoldingThreads<FaultyFileSystem, SQLiteStore>.groups([]).isEmpty)
    }

    @Test("a frame that cannot be read, and a store that fails, end the work with an error", arguments: [1, 3])
    func failures(count: Int) throws {
        try Centre.withStores { make in
            let store = try make()
            var archive = try Centre.open(FaultyFileSystem(seed: 3), store)
            try archive.take(Centre.sent)
            try archive.commit(to: store)
            let jobs = try self.jobs(40, Centre.definition, seed: 4)
            let elsewhere = SegmentPeek(directory: "/elsewhere", files: FaultyFileSystem(seed: 1))
            let boots = archive.ledgers.boots
            let lost = FoldingThreads(archive: elsewhere, boots: boots, store: store)
            #expect(throws: CollectorError.self) { try lost.fold(jobs, threads: count) { _ in } }
            let failing = ModelStore()
            failing.setFailing(StoreError(.full, "store.db", "the disk is full; make room"))
            let full = FoldingThreads(archive: archive.log.peek, boots: boots, store: failing)
            #expect(throws: StoreError.self) { try full.fold(jobs, threads: count) { _ in } }
        }
    }
}
