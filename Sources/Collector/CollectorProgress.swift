package import Platform
import Synchronization

/// How far a collector has come with what takes long, for those who ask while its thread is at it.
package final class CollectorProgress: Sendable {
    /// Shows whether the thread gets on.
    package let pulse: LoopPulse
    private let opened = Atomic<Int>(0)
    private let due = Atomic<Int>(0)
    private let folded = Atomic<Int>(0)

    package init(_ pulse: LoopPulse = LoopPulse()) { self.pulse = pulse }

    /// The share of the archive that has been read at its opening, 0 to 1.
    var openingShare: Double {
        get { Double(opened.load(ordering: .relaxed)) / 1000 }
        set { opened.store(Int(newValue * 1000), ordering: .relaxed) }
    }

    /// Runs of this round of folding: those that are folded, and all of them. Nothing is under way when both are the same.
    var runs: (folded: Int, due: Int) { (folded.load(ordering: .relaxed), due.load(ordering: .relaxed)) }

    func begin(folding count: Int) {
        folded.store(0, ordering: .relaxed)
        due.store(count, ordering: .relaxed)
    }

    func foldedOne() { folded.wrappingAdd(1, ordering: .relaxed) }
}
