#if canImport(Glibc)
import Glibc
#else
import Musl
#endif

/// Shows on standard error how far a long command is: a bar in place on a terminal, else a line every two seconds.
final class ProgressBar {
    private static let width = 30
    private let isTerminal = isatty(STDERR_FILENO) == 1
    /// Seconds between two pictures.
    private let interval: Double
    private let began = ProgressBar.now
    private var shown = ProgressBar.now
    private var isDrawn = false

    init() { interval = isTerminal ? 0.1 : 2 }

    /// Draws when it is time to.
    ///
    /// - Parameters:
    ///   - what: is being done.
    ///   - share: of it that is done, 0 to 1.
    ///   - detail: in numbers.
    func show(_ what: String, _ share: Double, _ detail: @autoclosure () -> String) {
        let now = Self.now
        guard now - shown >= interval else { return }
        shown = now
        let percent = Int(share * 100)
        guard isTerminal else {
            complain("\(what): \(percent) %, \(detail())")
            return
        }
        let full = Int(share * Double(Self.width))
        let bar = String(repeating: "█", count: full) + String(repeating: "░", count: Self.width - full)
        write("\r\(what) \(bar) \(percent) %, \(detail())\u{1B}[K")
        isDrawn = true
    }

    /// `, 5000/s`, once there is a second to take it from.
    func rate(of count: Int) -> String {
        let seconds = Self.now - began
        return seconds < 1 ? "" : ", \(Int(Double(count) / seconds))/s"
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
