import Logging

#if canImport(Glibc)
import Glibc
#else
import Musl
#endif

/// Keeps how far files have been read: a position goes to disk when all that was read before it is there.
///
/// So nothing is missed over a restart, whatever ends the agent. What was read after the last position that was kept comes again after a crash.
struct TailKeeper {
    /// The least time between two writings, nanoseconds: each costs the disk a few flushes.
    private static let interval: Int64 = 5_000_000_000
    /// How long the end of the input waits for the disk, nanoseconds: less than the agent waits for the input.
    private static let patience: Int64 = 3_000_000_000

    /// Nil where nothing is kept.
    private let state: TailState?
    private let path: String
    private let sink: any SampleSink
    private let logger: Logger
    private var written: [TailPosition]?
    /// Positions that are true as soon as what came before `mark` is stored.
    private var pending: (positions: [TailPosition], mark: UInt64)?
    private var next: Int64 = 0
    private var hasFailed = false

    /// What was known at the start; nil where nothing was.
    let known: [TailPosition]?

    /// Reads what is kept.
    init(_ settings: TailSettings, _ environment: InputEnvironment, _ sink: any SampleSink) {
        self.sink = sink
        logger = environment.logger
        path = environment.root + settings.path
        state = environment.state.map { TailState(in: $0, input: environment.name) }
        do throws(TailState.Failure) {
            known = try state?.read(of: path)
        } catch {
            known = nil
            logger.warning(
                "how far files were read is not known; they are read as if the agent had never run",
                metadata: ["reason": "\(error.message)", "from": "\(settings.from.rawValue)"])
        }
        written = known
    }

    /// Whether positions are kept.
    var isKeeping: Bool { state != nil }

    /// Keeps `positions` when it is time, and earlier ones when what came before them is on disk.
    mutating func keep(_ positions: () -> [TailPosition]) {
        guard let state else { return }
        if let pending, sink.isStored(pending.mark) {
            write(pending.positions, to: state)
            self.pending = nil
        }
        let now = monotonicNanoseconds()
        guard pending == nil, now >= next else { return }
        next = now + Self.interval
        let positions = positions()
        if positions != written { pending = (positions, sink.mark) }
    }

    /// Keeps the positions with which the input ends, once everything is on disk. Where that takes too long they are those of before.
    mutating func finish(_ positions: [TailPosition]) {
        guard let state, positions != written else { return }
        let mark = sink.mark
        sink.storeSoon()
        let deadline = monotonicNanoseconds() + Self.patience
        while !sink.isStored(mark) {
            guard monotonicNanoseconds() < deadline else {
                logger.warning("what was read last is not on disk yet; the next start reads it again")
                return
            }
            usleep(5000)
        }
        write(positions, to: state)
    }

    private mutating func write(_ positions: [TailPosition], to state: TailState) {
        do throws(TailState.Failure) {
            try state.write(positions, of: path)
            written = positions
            hasFailed = false
        } catch {
            if !hasFailed {
                logger.warning(
                    "how far files were read cannot be kept; after a restart some of it is read again",
                    metadata: ["reason": "\(error.message)"])
            }
            hasFailed = true
        }
    }
}
