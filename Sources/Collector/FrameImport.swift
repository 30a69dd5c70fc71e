import Aggregation
import Delivery
import Frames
import Platform
import Scenarios
package import SegmentLog
package import Storage
package import Telemetry

/// Takes frames out of files into an archive and its store, as the network brings them: through the same gate, into the same ledgers,
/// and each once however often it comes.
///
/// For sites without a network. Nobody is told what arrived: a box goes on to keep what it has until a collector acknowledges it.
package struct FrameImport<Files: FileSystem, Evidence: Store>: ~Copyable {
    private var intake: FrameIntake<Files>
    private let store: Evidence
    private let clock: @Sendable () -> ClockReading
    private var books: [RunBook]
    /// Frames since the last commit.
    private var fresh = 0

    /// How many frames are synced and indexed together.
    private static var batch: Int { 1000 }

    /// - Parameters:
    ///   - archive: open, so that no collector has it.
    ///   - store: the one that follows `archive`.
    ///   - library: the scenarios whose runs are folded.
    ///   - clock: the clock of this machine, noted in the archive where it is synchronised.
    /// - Throws: `StoreError`.
    package init(
        _ archive: consuming Archive<Files>, store: Evidence, library: [ScenarioLibrary.Entry],
        clock: @escaping @Sendable () -> ClockReading = { SystemClock().reading }
    ) throws {
        let ledgers = archive.ledgers
        let books = try library.map { try RunBook($0, store: store, ledgers) }
        self.init(archive, store: store, books, clock: clock)
    }

    /// Not where something throws: Swift 6.2 would destroy what has a value from its declaration, before it has it.
    private init(
        _ archive: consuming Archive<Files>, store: Evidence, _ books: [RunBook],
        clock: @escaping @Sendable () -> ClockReading
    ) {
        self.books = books
        intake = FrameIntake(archive)
        self.store = store
        self.clock = clock
    }

    /// Takes in what a source gives, and counts it in `tally`. A frame that is refused does not hinder those behind it.
    ///
    /// `progress`: called after each frame with their number.
    /// - Throws: `CollectorError` with code `refused` for a source that cannot be read on, what came before stays; with another code when
    ///   the archive cannot be written. `StoreError`.
    package mutating func take(
        _ source: FrameSource, into tally: inout ImportTally, progress: (Int) -> Void = { _ in }
    ) throws {
        while let frame = try source.next() {
            try take(frame, into: &tally)
            progress(tally.frames)
        }
    }

    package mutating func take(_ frame: [UInt8], into tally: inout ImportTally) throws {
        let outcome = try intake.take(recorded: frame)
        tally.note(outcome, intake.frame.header)
        switch outcome {
        case .refused: return
        case .duplicate: break
        case .admitted, .replaced: try noteForRuns()
        }
        fresh += 1
        if fresh == Self.batch { try commit() }
    }

    private mutating func noteForRuns() throws(CollectorError) {
        guard let header = intake.frame.header else { return }
        let clock = RecordedClock(header)
        for index in books.indices { books[index].note(clock.boot) }
        for event in intake.frame.extras.events {
            let stored = StoredEvent(
                site: header.stream.site, source: header.stream.agent, event: event, clock: clock)
            for index in books.indices where books[index].note(stored) && !books[index].entry.definition.runs.hasRules {
                try intake.archive.register(books[index].entry.digest, for: books[index].entry.definition.id)
            }
        }
        for stretch in intake.archive.takeStale() {
            for index in books.indices { books[index].note(stretch) }
        }
    }

    private mutating func commit() throws {
        fresh = 0
        try intake.archive.note(clock())
        _ = try intake.synchronize(at: 0)
        try intake.archive.commit(to: store)
    }

    /// Makes everything durable, folds the runs that are touched, and gives the archive free.
    ///
    /// `progress`: called with the number of runs folded, and of those to fold.
    /// - Returns: how many runs were folded.
    /// - Throws: `CollectorError`, `StoreError`, `AggregationError`.
    package consuming func finish(progress: (_ done: Int, _ of: Int) -> Void = { _, _ in }) throws -> Int {
        try commit()
        // Swift 6.2 takes two parts of a generic whole for the whole twice.
        var folding: [RunBook] = []
        swap(&folding, &books)
        let folded = try Rebuilding.fold(&folding, &intake.archive, store, progress: progress)
        try intake.close()
        return folded
    }
}
