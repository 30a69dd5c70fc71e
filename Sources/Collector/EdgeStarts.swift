import Aggregation
import Connection
import Frames
import Storage
import Telemetry

/// What is on record of redaction and consent, start by start.
enum EdgeStarts {
    /// The starts that made `streams`, in their order. The collector's own streams hold markers of runs and nothing else, so they are not among
    /// them.
    static func all(of streams: [Frames.Stream], _ store: some Store) throws(StoreError) -> [EdgeStart] {
        var records: [Start: [RedactionRecord]] = [:]
        for stored in try store.events(named: [RedactionRecord.eventName]) {
            guard let record = RedactionRecord(stored.event) else { continue }
            let start = Start(
                site: stored.site, agent: stored.source, install: stored.clock.boot.install, epoch: record.epoch)
            records[start, default: []].append(record)
        }
        var consents: [Start: [ConsentRecord]] = [:]
        for stored in try store.events(named: [ConsentRecord.eventName]) {
            guard let record = ConsentRecord(stored.event) else { continue }
            let start = Start(
                site: stored.site, agent: stored.source, install: stored.clock.boot.install, epoch: record.epoch)
            consents[start, default: []].append(record)
        }
        var seen: Set<Start> = []
        var starts: [EdgeStart] = []
        for stream in streams where stream.agent != .collector {
            let start = Start(site: stream.site, agent: stream.agent, install: stream.install, epoch: stream.epoch)
            guard seen.insert(start).inserted else { continue }
            starts.append(
                EdgeStart(
                    site: start.site, agent: start.agent, install: start.install, epoch: start.epoch,
                    records: records[start] ?? [], consents: consents[start] ?? [],
                    series: Set(try store.series(of: stream).values.map(\.name))))
        }
        return starts
    }

    private struct Start: Hashable {
        let site: Identifier
        let agent: Identifier
        let install: UUIDBytes
        let epoch: UInt64
    }
}
