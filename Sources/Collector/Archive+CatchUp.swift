import Delivery
import Frames
import SegmentLog
import Storage

/// How an archive that is opened gives the store what that lacks.
extension Archive {
    /// Reads what the store has not taken in, and tells how many frames that were.
    mutating func catchUp(
        _ store: some Store, only wanted: KnownFrames?, progress: (Int) -> Void
    ) throws -> Int {
        // Events first: they tell which of the other frames have expired.
        var count = 0
        var expired: UInt64 = 0
        for lane in [Self.eventLane, Self.frameLane] {
            let before = count
            count += try catchUp(lane, store, only: wanted, expired: &expired) { progress(before + $0) }
        }
        do throws(LogError) {
            try finishExpiry(through: expired)
        } catch {
            throw CollectorError(error)
        }
        return count
    }

    private mutating func catchUp(
        _ lane: Lane, _ store: some Store, only wanted: KnownFrames?, expired: inout UInt64,
        progress: (Int) -> Void
    ) throws -> Int {
        let known = lane == Self.eventLane ? pending.archivePosition : pending.framePosition
        var reader = log.reader(of: lane, after: Position(known))
        var decoder = FrameDecoder()
        var count = 0
        // Notes of one expiry stand directly behind each other, and only the last one makes it true.
        var begun: [ExpiredFrames] = []
        while true {
            switch try next(&reader) {
            case .end:
                return count
            case .lost(let positions):
                damaged.append(positions.lowerBound.number...positions.upperBound.number)
                reached(positions.upperBound, in: lane)
            case .record(let entry):
                reached(entry.position, in: lane)
                // Of frames that have expired everything is known that may be.
                if lane == Self.frameLane, entry.position.number <= expired { continue }
                switch ArchiveNote(payload) {
                case .clock: continue
                case .registration(let scenario, let digest):
                    note(digest, for: scenario)
                    continue
                case .definition(let document):
                    keep(document)
                    continue
                case .boots(let boots):
                    for (boot, clock) in boots { learn(clock, of: boot) }
                    continue
                case .expiry(let expiry):
                    begun += expiry.runs
                    guard expiry.through > 0 else { continue }
                    take(begun)
                    begun = []
                    expired = max(expired, expiry.through)
                    continue
                case nil: begun = []
                }
                do throws(FrameError) {
                    try decoder.decode(payload)
                } catch {
                    damaged.append(entry.position.number...entry.position.number)
                    continue
                }
                if let wanted, let header = decoder.header, !wanted.holds(header) { continue }
                index(decoder, payload, at: entry)
                count += 1
                if count % 1000 == 0 {
                    try commit(to: store)
                    // Nobody follows runs yet.
                    stale.removeAll(keepingCapacity: true)
                    progress(count)
                }
            }
        }
    }

    private mutating func next(_ reader: inout LogReader) throws(CollectorError) -> ReadStep {
        do throws(LogError) {
            return try log.next(&reader, into: &payload)
        } catch {
            throw CollectorError(error)
        }
    }

    /// Frames that were here count as received for good.
    private mutating func take(_ runs: [ExpiredFrames]) {
        for run in runs {
            var state = streams[run.stream] ?? StoredStream()
            state.ledger.admitExpired(run.span)
            state.widen(to: run)
            boots[AgentStart(run.stream)] = run.boot
            streamsOfBoot[run.bootKey, default: []].insert(run.stream)
            changed.insert(run.stream)
            streams[run.stream] = state
            pending.streams[run.stream] = state
        }
        note(runs)
    }
}
