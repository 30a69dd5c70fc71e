import Aggregation
import Platform
import Scenarios
import SegmentLog
import Storage
import Synchronization
import Telemetry

/// A run that is to be folded and saved.
struct FoldingJob: Sendable {
    let subject: Folding.Subject
    let stretch: FoldedStretch
    /// Of the definition.
    let digest: String

    init(_ run: Run, _ stretch: FoldedStretch, _ entry: ScenarioLibrary.Entry) {
        subject = Folding.Subject(run, entry.definition)
        self.stretch = stretch
        digest = entry.digest
    }

    func folded(_ aggregate: RunAggregate) -> FoldedRun {
        FoldedRun(
            StoredAggregate(stretch, bytes: aggregate.bytes), of: RunKey(subject.run), scenario: subject.definition.id,
            digest: digest)
    }
}

/// Folds many runs on all processors that the program may use, and saves what comes out.
///
/// A run is folded by one thread, and knows nothing of the others: an aggregate is a function of its frames, so it is the same whoever made it and in
/// whatever order. Memory is bounded by ``FoldingThreads/openRuns`` runs and a few segments for each thread.
struct FoldingThreads<Files: FileSystem, Runs: Store>: Sendable {
    private enum News: Sendable {
        case folded(Int)
        case failed(any Error)
        case ended
    }

    /// What the threads share.
    private final class Queue: Sendable {
        let groups: [[FoldingJob]]
        /// Taken together, so that neighbours in time, which have frames in the same segments, tend to be one thread's.
        private let share: Int
        private let next = Mutex(0)

        init(_ groups: [[FoldingJob]], threads: Int) {
            self.groups = groups
            share = max(1, min(16, groups.count / (8 * threads)))
        }

        func take() -> Range<Int> {
            next.withLock { next in
                let first = next
                next = min(groups.count, first + share)
                return first..<next
            }
        }

        /// Nothing is taken any more.
        func stop() { next.withLock { $0 = groups.count } }
    }

    /// How many runs that overlap are folded at once, so that a frame of several scenarios is read and decoded once for all of them.
    static var openRuns: Int { 8 }

    let archive: SegmentPeek<Files>
    let boots: [BootKey: BootClock]
    let store: Runs

    /// Folds all `jobs`. `progress`: called with how many are folded, on the calling thread.
    ///
    /// - Throws: the first failure.
    func fold(_ jobs: [FoldingJob], threads: Int = Processors.usable, progress: (Int) -> Void) throws {
        let groups = Self.groups(jobs)
        let count = max(1, min(threads, groups.count))
        let queue = Queue(groups, threads: count)
        let news = Mailbox<News>(capacity: .max)
        // With fewer threads than wanted it takes longer, and that is all.
        let workers = (1..<count).compactMap { number in
            try? OwnThread("fold-\(number)", stackSize: Threads.workingStackSize) { work(queue) { news.insist($0) } }
        }
        var done = 0
        var failure: (any Error)?
        var running = workers.count
        func hear(_ one: News) {
            switch one {
            case .folded(let runs):
                done += runs
                progress(done)
            case .failed(let error):
                failure = failure ?? error
                queue.stop()
            case .ended: running -= 1
            }
        }
        func listen(until deadline: Int64?) {
            var heard: [News] = []
            news.take(into: &heard, until: deadline)
            heard.forEach(hear)
        }
        // This thread is one of them.
        work(queue) { one in
            if case .ended = one { return }
            hear(one)
            listen(until: 0)
        }
        while running > 0 { listen(until: nil) }
        for worker in workers { worker.join() }
        if let failure { throw failure }
    }

    /// Folds until nothing is left, and saves.
    private func work(_ queue: Queue, _ tell: (News) -> Void) {
        var folding = Folding(keepsSeries: true)
        var peek = archive
        var folded: [FoldedRun] = []
        func save() throws(StoreError) {
            try store.save(folded)
            tell(.folded(folded.count))
            folded.removeAll(keepingCapacity: true)
        }
        do {
            while true {
                let taken = queue.take()
                if taken.isEmpty { break }
                for group in queue.groups[taken] {
                    let aggregates = try folding.aggregates(of: group.map(\.subject), boots: boots, store: store) {
                        try peek.read($0, into: &$1)
                    }
                    folded += zip(group, aggregates).map { $0.folded($1) }
                }
                try save()
            }
        } catch {
            tell(.failed(error))
        }
        tell(.ended)
    }

    /// Runs of one site that overlap, ``openRuns`` of them at most, together.
    static func groups(_ jobs: [FoldingJob]) -> [[FoldingJob]] {
        let ordered = jobs.sorted {
            ($0.subject.run.site, $0.stretch.window.lowerBound) < ($1.subject.run.site, $1.stretch.window.lowerBound)
        }
        var groups: [[FoldingJob]] = []
        var end = Timestamp(nanoseconds: .min)
        for job in ordered {
            if let last = groups.last, last.count < openRuns, last[0].subject.run.site == job.subject.run.site,
                job.stretch.window.lowerBound < end
            {
                groups[groups.count - 1].append(job)
                end = max(end, job.stretch.window.upperBound)
            } else {
                groups.append([job])
                end = job.stretch.window.upperBound
            }
        }
        return groups
    }
}

extension SegmentPeek {
    /// - Throws: `CollectorError` when the frame cannot be read back.
    mutating func read(_ place: RunFrames.Place, into bytes: inout [UInt8]) throws(CollectorError) {
        do throws(LogError) {
            try read(at: Location(segment: place.segment, offset: place.offset), into: &bytes)
        } catch {
            throw CollectorError(error)
        }
    }
}
