import Telemetry

#if canImport(Glibc)
import Glibc
#else
import Musl
#endif

/// Reads records from a descriptor: a terminal, a pipe, a file.
struct RecordStream {
    /// How much is read at once.
    private static let readSize = 32_768

    /// What came of a look at the descriptor.
    enum Outcome: Hashable {
        /// So many bytes came; there may be more.
        case bytes(Int)
        /// Nothing waits.
        case nothing
        /// Nothing will come any more.
        case end
        /// The system's number for what is wrong.
        case failure(Int32)
    }

    var intake: RecordIntake
    var splitter: RecordSplitter
    private let longest: Int
    private let now: @Sendable () -> Timestamp

    init(
        _ intake: RecordIntake, _ terminator: RecordSplitter.Terminator, longest: Int = RecordIntake.longestRecord,
        now: @escaping @Sendable () -> Timestamp
    ) {
        self.intake = intake
        self.longest = longest
        self.now = now
        splitter = RecordSplitter(terminator, longest: longest)
    }

    /// Reads once, and takes every record that is whole then.
    mutating func read(_ descriptor: Int32) -> Outcome {
        // Not kept between reads: an input may follow hundreds of files.
        withUnsafeTemporaryAllocation(byteCount: Self.readSize, alignment: 16) { room in
            let outcome = retryingInterrupts { systemRead(descriptor, room.baseAddress, room.count) }
            switch outcome.error {
            case 0: break
            case EAGAIN: return .nothing
            default: return .failure(outcome.error)
            }
            guard outcome.result > 0 else { return .end }
            let arrival = now()
            splitter.take(UnsafeRawBufferPointer(rebasing: room[..<outcome.result])) { record in
                intake.take(record, arrival: arrival)
            }
            for _ in 0..<splitter.takeTooLong() { intake.refuseTooLong(longest) }
            intake.flush()
            return .bytes(outcome.result)
        }
    }

    /// The stream has ended.
    ///
    /// - Parameter isWhole: whether what waits is a record, because the sender ended in good order; if not, it is cut off.
    mutating func finish(isWhole: Bool) {
        if isWhole {
            let arrival = now()
            splitter.finish { intake.take($0, arrival: arrival) }
        } else {
            if splitter.pendingCount > 0 { intake.refuseCutOff(splitter.pendingCount) }
            splitter.reset()
        }
        for _ in 0..<splitter.takeTooLong() { intake.refuseTooLong(longest) }
        intake.flush()
    }

    /// Another stream of the same kind begins.
    mutating func restart(from source: String? = nil) {
        splitter.reset()
        intake.restart(from: source)
    }
}

private func systemRead(_ descriptor: Int32, _ room: UnsafeMutableRawPointer?, _ count: Int) -> Int {
    read(descriptor, room, count)
}
