import Delivery
import Frames
import SegmentLog
import Storage

/// How an archive that is opened gives the store what that lacks.
extension Archive {
    /// Whether more is durable than `extent` says.
    func reaches(beyond extent: ArchiveExtent) -> Bool {
        log.durable(Self.eventLane).number > extent.events || log.durable(Self.frameLane).number > extent.frames
    }

    /// Reads what is behind the extent up to which the archive was read at its opening, and tells how many frames that were.
    mutating func readOn(to store: some Store, progress: (ArchiveReading) -> Void) throws -> Int {
        let count = try catchUp(store, through: nil, progress: progress)
        try commit(to: store)
        stale = []
        progress(ArchiveReading(frames: count, share: 1))
        return count
    }

    /// Reads what the store has not taken in, and tells how many frames that were.
    mutating func catchUp(
        _ store: some Store, through extent: ArchiveExtent?, progress: (ArchiveReading) -> Void
    ) throws -> Int {
        // Events first: they tell which of the other frames have expired.
        var count = 0
        var expired: UInt64 = 0
        var passed = PassedBytes(of: log.statistics)
        var feed = StoreFeed(store)
        do {
            for lane in [Self.eventLane, Self.frameLane] {
                let before = count
                count += try catchUp(lane, &feed, through: extent, expired: &expired, passed: &passed) { count, share in
                    progress(ArchiveReading(frames: before + count, share: share))
                }
            }
            try feed.finish()
        } catch {
            feed.close()
            // Stretches that were handed over are pending no more, so nothing may follow them.
            brokenOff = error
            throw error
        }
        feed.close()
        do throws(LogError) {
            try finishExpiry(through: expired)
        } catch {
            throw CollectorError(error)
        }
        return count
    }

    private mutating func catchUp(
        _ lane: Lane, _ feed: inout StoreFeed<some Store>, through extent: ArchiveExtent?, expired: inout UInt64,
        passed: inout PassedBytes, progress: (_ frames: Int, _ share: Double) -> Void
    ) throws -> Int {
        let known = lane == Self.eventLane ? pending.archivePosition : pending.framePosition
        var reader = log.reader(of: lane, after: Position(known))
        let last = extent.map { lane == Self.eventLane ? $0.events : $0.frames } ?? .max
        var decoder = FrameDecoder()
        var count = 0
        // Notes of one expiry stand directly behind each other, and only the last one makes it true.
        var begun: [ExpiredFrames] = []
        while true {
            switch try next(&reader) {
            case .end:
                return count
            case .lost(let positions):
                if positions.lowerBound.number > last { return count }
                damaged.append(positions.lowerBound.number...positions.upperBound.number)
                reached(positions.upperBound, in: lane)
            case .record(let entry):
                if entry.position.number > last { return count }
                reached(entry.position, in: lane)
                passed.reach(entry.location)
                // Of frames that have expired everything is known that may be.
                if lane == Self.frameLane, entry.position.number <= expired { continue }
                let note = ArchiveNote(payload)
                if note != nil, lane == Self.eventLane { notes?.note(payload, at: entry.position.number) }
                switch note {
                case .clock(let time):
                    // Those of the other lane go with their segments, and are the collector's word alone.
                    if lane == Self.eventLane { agree(on: time) }
                    continue
                case .registration(let scenario, let digest):
                    self.note(digest, for: scenario)
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
                case nil:
                    guard !ArchiveNote.isOfLaterForm(payload) else { throw Self.newerRecord(at: entry.position) }
                    begun = []
                }
                do throws(FrameError) {
                    try decoder.decode(payload)
                } catch {
                    guard error.code != .unsupportedVersion else { throw Self.newerRecord(at: entry.position) }
                    damaged.append(entry.position.number...entry.position.number)
                    continue
                }
                index(decoder, payload, at: entry)
                count += 1
                if count % 1000 == 0 {
                    try commit(through: &feed)
                    // Nobody follows runs yet.
                    stale.removeAll(keepingCapacity: true)
                    progress(count, passed.share)
                }
            }
        }
    }

    /// Hands over what is pending. Whatever is read here is durable.
    private mutating func commit(through feed: inout StoreFeed<some Store>) throws {
        guard !pending.isEmpty else { return }
        try feed.give(pending)
        forgetPending()
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

/// How far an archive has been read.
package struct ArchiveReading: Hashable, Sendable {
    /// Frames read.
    package let frames: Int
    /// The share of the archive's bytes that is behind, 0 to 1.
    package let share: Double
}

/// Counts the bytes of segments that a reader has come past; what is free at the end of a segment counts with it.
struct PassedBytes {
    private let total: Int
    private let segmentSize: Int
    private var whole = 0
    private var current: Location?

    init(of log: LogStatistics) {
        total = log.usedBytes
        segmentSize = log.usedBytes / max(1, log.lanes.reduce(0) { $0 + $1.segments })
    }

    mutating func reach(_ place: Location) {
        if let current, current.segment != place.segment { whole += segmentSize }
        current = place
    }

    var share: Double {
        total > 0 ? min(1, Double(whole + Int(current?.offset ?? 0)) / Double(total)) : 1
    }
}
