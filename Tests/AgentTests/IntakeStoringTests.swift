import Telemetry
import Testing

@testable import Agent

@Suite("What inputs may know of the way to the disk")
struct IntakeStoringTests {
    private static func take(_ intake: SampleIntake, _ values: ClosedRange<Int64>) throws {
        let id = try #require(intake.register(Series("counter")))
        intake.accept(
            values.map { Sample(series: id, timestamp: Timestamp(seconds: $0), value: .integer($0)) },
            priority: .metric)
    }

    @Test("what was accepted is stored when the next complete harvest is, and not before")
    func marks() throws {
        let intake = SampleIntake {}
        try Self.take(intake, 1...3)
        let first = intake.mark
        #expect(!intake.isStored(first))
        // A harvest that leaves open batches is none of everything.
        #expect(intake.harvest(closing: false).number == 0)
        #expect(intake.mark == first)
        let harvest = intake.harvest(closing: true)
        #expect(harvest.number == first)
        try Self.take(intake, 4...5)
        let second = intake.mark
        #expect(second > first)
        #expect(!intake.isStored(first), "it is in memory still")
        intake.noteStored(harvest.number)
        #expect(intake.isStored(first) && !intake.isStored(second))
        intake.noteStored(intake.harvest(closing: true).number)
        #expect(intake.isStored(second))
    }

    @Test("a harvest that had to leave a class behind stores no mark")
    func blocked() throws {
        let intake = SampleIntake {}
        try Self.take(intake, 1...3)
        let mark = intake.mark
        #expect(intake.harvest(closing: true, blocked: .metric).number == 0)
        #expect(intake.harvest(closing: true).number == mark)
    }

    @Test("whoever waits for the disk is asked after once")
    func awaited() {
        let intake = SampleIntake {}
        #expect(!intake.takeAwaited())
        intake.storeSoon()
        #expect(intake.takeAwaited())
        #expect(!intake.takeAwaited())
    }
}
