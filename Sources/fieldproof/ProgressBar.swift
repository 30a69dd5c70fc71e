import Collector

#if canImport(Glibc)
import Glibc
#else
import Musl
#endif

/// Shows on standard error how far a long command is, in place on a terminal; anywhere else it shows nothing.
final class ProgressBar {
    private static let width = 30
    /// Seconds between two pictures.
    private static let interval = 0.1
    private let isTerminal = isatty(STDERR_FILENO) == 1
    /// What is being done, and since when.
    private var work = ""
    private var began = 0.0
    private var shown = 0.0
    private var isDrawn = false

    /// Draws when it is time to.
    ///
    /// - Parameters:
    ///   - what: is being done.
    ///   - share: of it that is done, 0 to 1.
    ///   - count: how many are done.
    ///   - things: of what.
    func show(_ what: String, _ share: Double, _ count: Int, _ things: String) {
        guard isTerminal else { return }
        let now = Self.now
        if what != work { (work, began, shown) = (what, now, 0) }
        guard now - shown >= Self.interval else { return }
        shown = now
        let share = min(1, max(0, share))
        let full = Int(share * Double(Self.width))
        let bar = String(repeating: "█", count: full) + String(repeating: "░", count: Self.width - full)
        let pace = Self.pace(share, count, after: now - began)
        write("\r\(what) \(bar) \(Int(share * 100)) %, \(count) \(things)\(pace)\u{1B}[K")
        isDrawn = true
    }

    /// `, 5000/s, 12 s left`, once there is a second to take it from.
    private static func pace(_ share: Double, _ count: Int, after seconds: Double) -> String {
        guard seconds >= 1 else { return "" }
        // Counts and shares may be what a box says.
        let rate = ", \(Int(min(1e15, Double(count) / seconds)))/s"
        guard share > 0 else { return rate }
        let left = Int(min(1e9, seconds * (1 - share) / share).rounded(.up))
        return rate + (left < 120 ? ", \(left) s left" : ", \((left + 59) / 60) min left")
    }

    /// Leaves the line free.
    func end() {
        if isDrawn { write("\r\u{1B}[K") }
        isDrawn = false
    }

    private func write(_ text: String) {
        var text = text
        text.withUTF8 { bytes in
            #if canImport(Glibc)
            _ = Glibc.write(STDERR_FILENO, bytes.baseAddress, bytes.count)
            #else
            _ = Musl.write(STDERR_FILENO, bytes.baseAddress, bytes.count)
            #endif
        }
    }

    /// Seconds.
    private static var now: Double {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }
}

extension ProgressBar {
    /// Draws how far an archive has been read and its runs folded.
    func show(_ progress: Rebuilding.Progress) {
        switch progress {
        case .reading(let frames, let share): show("reading the archive", share, frames, "frames")
        case .folding(let done, let total):
            show("folding runs", Double(done) / Double(max(1, total)), done, "of \(total)")
        }
    }
}
