import Aggregation
import Logging
import Platform
import Scenarios
import SegmentLog
import Storage
import Telemetry

// MARK: - What goes in time, and what rules find

extension CollectorCourse {
    /// After every run is folded: of frames that are gone none can be.
    mutating func expire() throws {
        let expiry = try intake.archive.expire(retention, at: clock.reading)
        if expiry.isTooLarge, !isTooLarge {
            logger.warning(
                "the archive is larger than 'archive: size' says, and has nothing left that may go: events are kept for good",
                metadata: ["archive": "\(settings.archive)"])
        }
        isTooLarge = expiry.isTooLarge
        if expiry.segments > 0 {
            // Before anything that may fail: the segments are gone, and nobody would tell of it later.
            for index in books.indices { books[index].unpublished() }
            logger.notice(
                "frames have expired; what was received of them stays on record, and runs keep what was folded",
                metadata: [
                    "segments": "\(expiry.segments)", "frames": "\(expiry.frames)", "samples": "\(expiry.samples)",
                ])
        }
        // What expired, and the time by which runs are retired.
        try intake.archive.commit(to: store)
        let ledgers = intake.archive.ledgers
        for index in books.indices {
            let retired = try books[index].retire(ledgers, from: store)
            guard !retired.isEmpty else { continue }
            logger.notice(
                "runs are older than their data may be kept; what was made of them is gone",
                metadata: ["scenario": "\(books[index].entry.definition.id)", "runs": "\(retired.count)"])
        }
    }

    /// What rules over series tell of runs; at once, so that a report that reads the store meanwhile seldom finds frames that they have not
    /// seen.
    mutating func recognise() throws {
        for index in books.indices {
            guard let failure = try books[index].recognise(&intake.archive, store),
                unreadable.insert("\(failure)").inserted
            else { continue }
            logger.error(
                "the rules that mark runs cannot see a frame; stop the collector and run 'fieldproof rebuild', which counts it as missing",
                metadata: ["scenario": "\(books[index].entry.definition.id)", "reason": "\(failure)"])
        }
    }
}
