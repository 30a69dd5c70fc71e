import Aggregation
import TestSupport
import Testing

/// Times of frames that are gone, when more is learned of the clocks that made them.
@Suite("When frames expire whose clock was not right")
struct ExpiredClockTests {
    private static let wrong = TestBox.Clock(wrongBy: -50_000, isSynchronised: false)
    private static let never = "{clock-error-at-most: 1h}"

    private func centre() throws -> TestCentre { try TestCentre(completeness: Self.never, segmentSize: 16384) }

    /// Lets everything go that the centre was given before this; `box` sends what fills the segments.
    private func bury(_ box: inout TestBox, from second: Double, _ centre: TestCentre, _ clock: TestBox.Clock) throws {
        var generator = SeededGenerator(seed: 5)
        for frame in 0..<4 {
            let first = second + Double(frame) * 10
            let times = (0..<1500).map { _ in Double.random(in: first..<(first + 10), using: &generator) }
            try centre.take(box.samples(at: times.sorted(), clock))
        }
        try centre.fold()
        #expect(try centre.expire(segments: 1) > 0)
    }

    @Test("a run that its own box marked keeps what was folded, also when the time of both becomes known, and anew")
    func ownRun() throws {
        let centre = try centre()
        var box = TestBox()
        try centre.take(box.definitions(at: 1, Self.wrong))
        try centre.take(box.run("r1", at: 100) { _ in Self.wrong })
        #expect(try centre.fold() == ["r1"])
        let before = try centre.summary()
        #expect(before.ledger[0].completeness?.delivered == 11)
        try bury(&box, from: 1000, centre, Self.wrong)
        #expect(try centre.summary().reproduction.expiredRuns == 1)
        // The clock is set right, and the run moves by half a day.
        try centre.take(box.samples(at: [2000]))
        #expect(try centre.fold() == [], "what is left of the run is less than was folded")
        let after = try centre.summary()
        #expect(after.ledger[0].start == box.time(100) && before.ledger[0].start != box.time(100))
        #expect(after.reproduction.expiredRuns == 1)
        #expect(after.ledger[0].completeness?.delivered == 11)
        #expect(after.metrics == before.metrics)
        let json = try centre.json()
        try centre.restart()
        #expect(try centre.fold() == [])
        #expect(try centre.json() == json)
        try centre.rebuild()
        #expect(try centre.json() == json)
    }

    @Test("a run of another box is not folded again from what is left, once that is known to be its")
    func othersRun() throws {
        let centre = try centre()
        var box = TestBox()
        var other = TestBox("box-02", install: 8, boot: 2)
        try centre.take(box.definitions(at: 1))
        try centre.take(other.definitions(at: 1, Self.wrong))
        for second in 100..<110 { try centre.take(other.samples(at: [Double(second)], Self.wrong)) }
        try bury(&other, from: 1000, centre, Self.wrong)
        try centre.take(box.run("r1", at: 100))
        #expect(try centre.fold() == ["r1"])
        let delivered = try centre.summary().ledger[0].completeness?.delivered
        #expect(try centre.summary().reproduction.expiredRuns == 0, "nobody can say that they belong to it")
        try centre.take(other.samples(at: [2000]))
        #expect(try centre.fold() == [])
        #expect(try centre.summary().reproduction.expiredRuns == 1)
        #expect(try centre.summary().ledger[0].completeness?.delivered == delivered)
    }

    @Test("what is left of a boot stays where it was, though the frames that told its clock are gone")
    func anchor() throws {
        let centre = try centre()
        var box = TestBox()
        var other = TestBox("box-02", install: 8, boot: 2)
        try centre.take(box.definitions(at: 1))
        try centre.take(other.definitions(at: 1, Self.wrong))
        try centre.take(other.samples(at: [50]))
        try bury(&other, from: 100, centre, Self.wrong)
        try centre.take(box.run("r1", at: 300))
        for second in 300..<310 { try centre.take(other.samples(at: [Double(second)], Self.wrong)) }
        #expect(try centre.fold() == ["r1"])
        #expect(try centre.summary().ledger[0].completeness?.delivered == 21)
        let json = try centre.json()
        try centre.rebuild()
        #expect(try centre.json() == json)
    }

    @Test("a run between two samples of one frame that are far apart has lost nothing")
    func farApart() throws {
        let centre = try centre()
        var box = TestBox()
        var other = TestBox("box-02", install: 8, boot: 2)
        try centre.take(box.definitions(at: 1))
        try centre.take(other.definitions(at: 1))
        try centre.take(other.samples(at: [10, 12, 900, 1000]))
        try bury(&other, from: 2000, centre, .init())
        for (run, start) in [("before", 20), ("within", 400), ("at", 895), ("after", 1500)] as [(String, Double)] {
            try centre.take(box.start(run, at: start))
            try centre.take(box.stop(run, at: start + 10))
        }
        #expect(Set(try centre.fold()) == ["before", "within", "after"])
        #expect(try centre.summary().reproduction.expiredRuns == 1)
    }
}
