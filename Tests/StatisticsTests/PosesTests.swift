import Testing

@testable import Statistics

@Suite("Pose accuracy and repeatability")
struct PosesTests {
    /// Worked by hand: four corners of a square of side 2 about (1, 1), and one point in the middle.
    @Test("AP and RP are those of the standard's formulas")
    func formulas() throws {
        let poses = try Poses(
            commanded: [1, -2], attained: [[0, 0], [2, 0], [0, 2], [2, 2], [1, 1]])
        #expect(poses.barycentre == [1, 1] && poses.offsets == [0, 3] && poses.accuracy == 3)
        let root = 2.0.squareRoot()
        #expect(poses.distances.prefix(4).allSatisfy { abs($0 - root) < 1e-15 } && poses.distances[4] == 0)
        let mean = 0.8 * root
        let deviation = ((4 * (root - mean) * (root - mean) + mean * mean) / 4).squareRoot()
        #expect(abs(try #require(poses.repeatability) - (mean + 3 * deviation)) < 1e-14)
    }

    @Test("turning and moving the frame changes neither", arguments: 1...3)
    func invariance(dimensions: Int) throws {
        var simulation = Simulation(seed: 101)
        let attained = (0..<30).map { _ in simulation.normals(dimensions) }
        let commanded = [Double](repeating: 0.3, count: dimensions)
        let poses = try Poses(commanded: commanded, attained: attained)
        let moved = try Poses(commanded: commanded.map { -($0 + 5) }, attained: attained.map { $0.map { -($0 + 5) } })
        #expect(abs(try #require(poses.accuracy) - #require(moved.accuracy)) < 1e-14)
        #expect(abs(try #require(poses.repeatability) - #require(moved.repeatability)) < 1e-13)
        let confidence = try Confidence(0.95)
        let (here, there) = (poses.accuracyBounds(at: confidence), moved.accuracyBounds(at: confidence))
        #expect(abs(try #require(here.upper) - #require(there.upper)) < 1e-12)
        guard dimensions == 3 else { return }
        // A rotation by 30° in a plane.
        let (c, s) = (0.75.squareRoot(), 0.5)
        let turn = { (v: [Double]) in [c * v[0] - s * v[1], s * v[0] + c * v[1], v[2]] }
        let turned = try Poses(commanded: turn(commanded), attained: attained.map(turn))
        #expect(abs(try #require(turned.repeatability) - #require(poses.repeatability)) < 1e-13)
        #expect(
            abs(try #require(turned.accuracyBounds(at: confidence).upper) - #require(here.upper)) < 1e-12)
    }

    @Test("in one coordinate the accuracy's bounds are Student's t about the offset", arguments: Sides.allCases)
    func oneCoordinate(sides: Sides) throws {
        let confidence = try Confidence(0.9, sides)
        let values = [10.2, 10.4, 10.1, 10.5, 10.3]
        let poses = try Poses(commanded: [9], attained: values.map { [$0] })
        let student = Moments(values).meanBounds(at: confidence)
        let bounds = poses.accuracyBounds(at: confidence)
        #expect(abs(try #require(bounds.lower) - (#require(student.lower) - 9)) < 1e-14)
        #expect(abs(try #require(bounds.upper) - (#require(student.upper) - 9)) < 1e-14)
    }

    @Test("few positions bound nothing, and equal ones prove no repeatability")
    func fewPositions() throws {
        let confidence = try Confidence(0.95)
        let bootstrap = try Bootstrap(resamples: 200)
        let none = try Poses(commanded: [0, 0, 0], attained: [])
        #expect(none.accuracy == nil && none.repeatability == nil && none.barycentre == nil && none.distances == [])
        #expect(none.repeatabilityBounds(at: confidence, by: bootstrap).estimate == nil)
        let one = try Poses(commanded: [0, 0, 0], attained: [[0, 3, 4]])
        #expect(one.accuracy == 5 && one.repeatability == nil && one.accuracyBounds(at: confidence).upper == nil)
        let three = try Poses(commanded: [0, 0, 0], attained: [[0, 3, 4], [1, 3, 4], [0, 2, 4]])
        #expect(three.accuracyBounds(at: confidence).upper == nil, "three points span no volume")
        #expect(three.repeatabilityBounds(at: confidence, by: bootstrap).upper == nil)
        let two = try Poses(commanded: [0], attained: [[1], [2]])
        #expect(try #require(two.repeatabilityBounds(at: confidence, by: bootstrap).upper) > 3)
        #expect(two.repeatabilityBounds(at: try Confidence(0.999), by: bootstrap).upper == nil, "200 are too few")
        let equal = try Poses(commanded: [0, 0], attained: [[3, 4], [3, 4], [3, 4], [3, 4]])
        #expect(equal.repeatability == 0)
        #expect(
            equal.repeatabilityBounds(at: confidence, by: bootstrap)
                == Bounds(estimate: 0, lower: nil, upper: nil, at: confidence))
        #expect(equal.accuracyBounds(at: confidence) == Bounds(estimate: 5, lower: 5, upper: 5, at: confidence))
    }

    @Test(
        "the accuracy's bounds hold at least as often as they say, near the command and far", arguments: [0.0, 0.1, 4])
    func accuracyCoverage(offset: Double) throws {
        let rounds = Simulation.rounds(500)
        var simulation = Simulation(seed: 102)
        let confidence = try Confidence(0.9)
        let truth = offset * 3.0.squareRoot()
        var misses = (lower: 0, upper: 0)
        for _ in 0..<rounds {
            let attained = (0..<15).map { _ in
                let z = simulation.normals(3)
                return [offset + z[0], offset + 0.5 * z[1] + 0.3 * z[0], offset + 0.2 * z[2]]
            }
            let bounds = try Poses(commanded: [0, 0, 0], attained: attained).accuracyBounds(at: confidence)
            if try #require(bounds.lower) > truth { misses.lower += 1 }
            if try #require(bounds.upper) < truth { misses.upper += 1 }
        }
        simulation.expect(misses.lower, of: rounds, atMost: 0.1)
        simulation.expect(misses.upper, of: rounds, atMost: 0.1)
    }

    @Test("the true repeatability of a normal scatter is that of Maxwell's, Rayleigh's and the half-normal law")
    func trueRepeatability() {
        // Mean and variance of the length of a standard normal vector in three, two and one coordinates.
        for (dimensions, mean) in [
            (3, (8 / Double.pi).squareRoot()), (2, (Double.pi / 2).squareRoot()), (1, (2 / Double.pi).squareRoot()),
        ] {
            let expected = mean + 3 * (Double(dimensions) - mean * mean).squareRoot()
            let computed = Poses.trueRepeatability([Double](repeating: 1, count: dimensions))
            #expect(abs(computed / expected - 1) < 1e-13, "\(dimensions)")
        }
        let flat = Poses.trueRepeatability([2, 0, 0])
        #expect(abs(flat / (2 * Poses.trueRepeatability([1])) - 1) < 1e-13)
    }

    @Test("the repeatability's bounds hold about as often as they say, at the prescribed 30 cycles")
    func repeatabilityCoverage() throws {
        let deviations = [1, 0.7, 0.4]
        let truth = Poses.trueRepeatability(deviations)
        let rounds = Simulation.rounds(100)
        var simulation = Simulation(seed: 103)
        let confidence = try Confidence(0.9)
        let bootstrap = try Bootstrap(resamples: 199)
        var misses = (lower: 0, upper: 0)
        for _ in 0..<rounds {
            let attained = (0..<Poses.prescribedCount).map { _ in deviations.map { $0 * simulation.normal() } }
            let bounds = try Poses(commanded: [0, 0, 0], attained: attained)
                .repeatabilityBounds(at: confidence, by: bootstrap)
            if try #require(bounds.lower) > truth { misses.lower += 1 }
            if try #require(bounds.upper) < truth { misses.upper += 1 }
        }
        simulation.expect(misses.lower, of: rounds, near: 0.1, within: 0.02)
        simulation.expect(misses.upper, of: rounds, near: 0.1, within: 0.02)
    }

    @Test("what has no meaning is refused by name")
    func refusals() {
        expectRefusal(at: "commanded") { () throws(StatisticsError) in _ = try Poses(commanded: [], attained: []) }
        expectRefusal(at: "commanded") { () throws(StatisticsError) in
            _ = try Poses(commanded: [0, 0, 0, 0], attained: [])
        }
        expectRefusal(at: "commanded") { () throws(StatisticsError) in _ = try Poses(commanded: [.nan], attained: []) }
        expectRefusal(at: "position 1") { () throws(StatisticsError) in
            _ = try Poses(commanded: [0], attained: [[1], [1, 2]])
        }
        expectRefusal(at: "position 0") { () throws(StatisticsError) in
            _ = try Poses(commanded: [0], attained: [[.infinity]])
        }
    }
}
