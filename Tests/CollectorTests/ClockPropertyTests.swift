import Telemetry
import TestSupport
import Testing

@Suite("What is placed is a function of the set of frames")
struct ClockPropertyTests {
    /// Seconds after the boot; the last is after the end of all frames.
    private static let synchronised: [Double] = [15, 40, 1000]
    /// Seconds from the truth.
    private static let wrong: [Int64] = [-TestBox.start, 315_360_000, -60, 0]

    /// Frames of several boots, restarts and boxes, whose clocks are wrong, step, and are synchronised at some time or never.
    private func record(_ random: inout SeededGenerator) throws -> [[UInt8]] {
        var frames: [[UInt8]] = []
        var number = 0
        for install in 1...UInt64.random(in: 1...2, using: &random) {
            var epoch: UInt64 = 0
            for boot in 1...UInt64.random(in: 1...2, using: &random) {
                let synchronised = Self.synchronised.randomElement(using: &random) ?? 15
                let wrongBy = Self.wrong.randomElement(using: &random) ?? 0
                let step = Int64.random(in: -20...20, using: &random)
                var second = 5.0
                for _ in 0..<Int.random(in: 1...2, using: &random) {
                    epoch += 1
                    var box = TestBox(
                        "box-0\(install)", install: install, epoch: epoch, boot: install * 10 + boot,
                        bootedAt: Int64(boot) * 30)
                    func clock(_ time: Double) -> TestBox.Clock {
                        TestBox.Clock(
                            wrongBy: time < synchronised ? wrongBy : time > 60 ? step : 0,
                            isSynchronised: time >= synchronised)
                    }
                    frames.append(try box.definitions(at: second, clock(second)))
                    for _ in 0..<Int.random(in: 1...2, using: &random) {
                        number += 1
                        frames += try box.run("r\(number)", at: second + 2, clock: clock)
                        second += 14
                    }
                }
            }
        }
        return frames
    }

    private func summary(_ frames: [[UInt8]], foldingAfter: Set<Int> = [], restartingAfter: Set<Int> = []) throws
        -> String
    {
        let centre = try TestCentre()
        for (index, frame) in frames.enumerated() {
            try centre.take(frame)
            if foldingAfter.contains(index) { try centre.fold() }
            if restartingAfter.contains(index) { try centre.restart() }
        }
        try centre.fold()
        return try centre.json().withoutDuplicates
    }

    @Test("order, repetition, delay, restarts and a rebuild change no byte of the summary", arguments: 1...12)
    func invariance(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let frames = try record(&random)
        let expected = try summary(frames)
        for _ in 0..<3 {
            var delivered = frames + (0..<8).compactMap { _ in frames.randomElement(using: &random) }
            delivered.shuffle(using: &random)
            let pauses = (0..<4).map { _ in Int.random(in: 0..<delivered.count, using: &random) }
            let other = try summary(
                delivered, foldingAfter: Set(pauses),
                restartingAfter: [Int.random(in: 0..<delivered.count, using: &random)])
            #expect(other == expected, "seed \(seed)")
        }
        let centre = try TestCentre()
        try centre.take(frames)
        try centre.rebuild()
        let rebuilt = try centre.json().withoutDuplicates
        #expect(rebuilt == expected, "seed \(seed)")
        let shortened = try summary(Array(frames.dropLast(3)))
        #expect(shortened != expected, "one that sees nothing would pass every other check")
    }
}

extension String {
    /// How often frames came, and where in the archive's log they stand, are what the set of frames does not tell.
    var withoutDuplicates: String {
        replacing(/"duplicates":\d+/, with: "").replacing(/"extent":\{[^}]*\},?/, with: "")
    }
}
