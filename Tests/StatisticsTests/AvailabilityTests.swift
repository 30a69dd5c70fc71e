import Testing

@testable import Statistics

@Suite("Availability")
struct AvailabilityTests {
    /// Trivedi, "Probability and Statistics with Reliability, Queuing, and Computer Science Applications", 2nd ed.,
    /// example 10.27.
    @Test(
        "a published example is met",
        arguments: [(1, 999.0, 1.0, 0.9624, 0.99997), (10, 9990, 10, 0.9975, 0.9996)])
    func published(cycles: Int, up: Double, down: Double, lower: Double, upper: Double) throws {
        let bounds = try Availability(cycles: cycles, up: up, down: down).bounds(at: Confidence(0.95, .twoSided))
        #expect(abs(try #require(bounds.estimate) - 0.999) < 1e-15)
        #expect(abs(try #require(bounds.lower) - lower) < 0.00005001)
        #expect(abs(try #require(bounds.upper) - upper) < 0.00005001)
    }

    @Test("the bounds are those of the F distribution on the odds", arguments: [1, 2, 9, 400])
    func odds(cycles: Int) throws {
        let confidence = try Confidence(0.9)
        let bounds = try Availability(cycles: cycles, up: 70, down: 2).bounds(at: confidence)
        let f = try FDistribution(numeratorDegrees: 2 * Double(cycles), denominatorDegrees: 2 * Double(cycles))
        let lower = try #require(bounds.lower)
        let upper = try #require(bounds.upper)
        #expect(abs(f.survival(35 / (lower / (1 - lower))) / 0.1 - 1) < 1e-10)
        #expect(abs(f.cumulative(35 / (upper / (1 - upper))) / 0.1 - 1) < 1e-10)
    }

    @Test("without a cycle nothing is known, a time that was not measured bounds nothing")
    func ends() throws {
        let confidence = try Confidence(0.95)
        #expect(
            try Availability(cycles: 0, up: 0, down: 0).bounds(at: confidence)
                == Bounds(estimate: nil, lower: 0, upper: 1, at: confidence))
        #expect(
            try Availability(cycles: 0, up: 9, down: 0).bounds(at: confidence)
                == Bounds(estimate: 1, lower: 0, upper: 1, at: confidence))
        #expect(
            try Availability(cycles: 3, up: 9, down: 0).bounds(at: confidence)
                == Bounds(estimate: 1, lower: nil, upper: 1, at: confidence))
        #expect(
            try Availability(cycles: 3, up: 0, down: 9).bounds(at: confidence)
                == Bounds(estimate: 0, lower: 0, upper: nil, at: confidence))
        let far = try Availability(cycles: 1, up: 1e-300, down: 1e300).bounds(at: confidence)
        #expect(far.lower == 0 && far.upper == 0)
        #expect(try Availability(cycles: 1, up: 1e300, down: 1e300).estimate == 0.5)
        #expect(
            try Availability(cycles: 1, up: .greatestFiniteMagnitude, down: .greatestFiniteMagnitude).estimate == 0.5)
    }

    @Test("planned cycles decide, one fewer does not")
    func planning() throws {
        let confidence = try Confidence(0.9)
        let observed = try Availability(cycles: 5, up: 495, down: 5)
        for requirement in [Requirement.atLeast(0.985), .atLeast(0.993), .atMost(0.995), .atMost(0.98)] {
            let more = try #require(try observed.moreCycles(for: requirement, at: confidence), "\(requirement)")
            func decided(_ cycles: Int) throws -> Bool {
                let scale = Double(cycles) / 5
                return try Availability(cycles: cycles, up: 495 * scale, down: 5 * scale)
                    .bounds(at: confidence).decision(on: requirement) != .undecided
            }
            #expect(try more > 0 && decided(5 + more) && !decided(4 + more), "\(requirement): \(more)")
            #expect(try observed.moreCycles(for: requirement, at: confidence, limit: more) == more)
            #expect(try observed.moreCycles(for: requirement, at: confidence, limit: more - 1) == nil)
        }
        #expect(try observed.moreCycles(for: .atLeast(0.5), at: confidence) == 0)
        #expect(try observed.moreCycles(for: .atLeast(0.99), at: confidence) == nil)
        #expect(try Availability(cycles: 0, up: 10, down: 0).moreCycles(for: .atLeast(0.9), at: confidence) == nil)
    }

    @Test("bounds cover the true availability of exponential times as often as they say", arguments: [1, 3, 20])
    func coverage(cycles: Int) throws {
        let rounds = Simulation.rounds(2000)
        var simulation = Simulation(seed: 61)
        let confidence = try Confidence(0.9)
        var misses = (lower: 0, upper: 0)
        for _ in 0..<rounds {
            var (up, down) = (0.0, 0.0)
            for _ in 0..<cycles {
                up += 95 * simulation.exponential()
                down += 5 * simulation.exponential()
            }
            let bounds = try Availability(cycles: cycles, up: up, down: down).bounds(at: confidence)
            if try #require(bounds.lower) > 0.95 { misses.lower += 1 }
            if try #require(bounds.upper) < 0.95 { misses.upper += 1 }
        }
        simulation.expect(misses.lower, of: rounds, near: 0.1)
        simulation.expect(misses.upper, of: rounds, near: 0.1)
    }

    @Test("what has no meaning is refused by name")
    func refusals() {
        expectRefusal(at: "cycles") { () throws(StatisticsError) in _ = try Availability(cycles: -1, up: 1, down: 1) }
        expectRefusal(at: "up") { () throws(StatisticsError) in _ = try Availability(cycles: 1, up: -1, down: 1) }
        expectRefusal(at: "up") { () throws(StatisticsError) in _ = try Availability(cycles: 1, up: 0, down: 0) }
        expectRefusal(at: "down") { () throws(StatisticsError) in _ = try Availability(cycles: 1, up: 1, down: .nan) }
        expectRefusal(at: "threshold") { () throws(StatisticsError) in
            _ = try Availability(cycles: 1, up: 1, down: 1).moreCycles(for: .atLeast(2), at: Confidence(0.9))
        }
    }
}
