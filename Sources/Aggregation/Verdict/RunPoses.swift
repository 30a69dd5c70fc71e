import Scenarios
import Statistics

/// The poses that runs reached, one to three coordinates each.
struct RunPoses {
    /// Of every run that has all coordinates.
    private let attained: [[Double]]
    private let runs: Int
    private let isExact: Bool
    /// Below which nothing is judged.
    private let cycles: Int
    /// Half a step of each coordinate, 0 where it is fine; nil where one does not vary and nobody states its step.
    private let halfSteps: [Double]?
    private let step: Double?
    /// Whether those that do not vary are all said to be exact.
    private let areStillOnesExact: Bool

    /// - Parameters:
    ///   - axes: by coordinate, the observations of the same runs in the same order; one axis at least.
    ///   - steps: by coordinate, in which it is recorded, as the definition has it.
    ///   - cycles: how many poses a verdict needs.
    init(_ axes: [[Observation]], steps: [Double?], cycles: Int) {
        runs = axes.first?.count ?? 0
        self.cycles = cycles
        var attained: [[Double]] = []
        var isExact = true
        for run in 0..<runs {
            let coordinates = axes.compactMap { $0[run].value }
            guard coordinates.count == axes.count, coordinates.allSatisfy(\.isFinite) else { continue }
            attained.append(coordinates)
            isExact = isExact && axes.allSatisfy { $0[run].isExact }
        }
        self.attained = attained
        self.isExact = isExact
        let roundings = axes.indices.map { axis in Rounding(of: attained.map { $0[axis] }, step: steps[axis]) }
        areStillOnesExact = zip(roundings, steps).allSatisfy { $0 != .unknown || $1 == 0 }
        // A coordinate that is exact may stay the same, as long as another one moves.
        let isStill = roundings.allSatisfy { $0 == .unknown }
        let known = zip(roundings, steps).compactMap { rounding, step in
            rounding.halfStep ?? (step == 0 && !isStill ? 0 : nil)
        }
        halfSteps = known.count == axes.count ? known : nil
        step = known.max().flatMap { $0 > 0 ? 2 * $0 : nil }
    }

    func accuracy(command: [Double], _ question: Question) throws(StatisticsError) -> Estimate {
        let poses = try Poses(commanded: command, attained: attained)
        return try estimate(poses.accuracyBounds(at: question.confidence, within: halfSteps ?? []), question)
    }

    func repeatability(_ question: Question) throws(StatisticsError) -> Estimate {
        let origin = [Double](repeating: 0, count: attained.first?.count ?? 1)
        let poses = try Poses(commanded: origin, attained: attained)
        return try estimate(
            poses.repeatabilityBounds(at: question.confidence, by: try Bootstrap(), within: halfSteps ?? []), question)
    }

    /// A pose that is not known could lie anywhere; one that a sketch gives could lie beside, which these bounds do not allow for.
    private func estimate(_ bounds: Bounds, _ question: Question) throws(StatisticsError) -> Estimate {
        let isWhole = attained.count == runs && isExact
        guard isWhole, halfSteps != nil else {
            var open = try Estimate(
                bounds.unknown(question.confidence), n: attained.count, missing: runs - attained.count,
                requirement: question.requirement
            ) { nil }
            if isWhole { open.obstacle = areStillOnesExact ? .exactValues : .equalValues }
            return open
        }
        let more = try bounds.moreRuns(for: question.requirement, after: attained.count)
        let lacking = cycles - attained.count
        guard lacking <= 0 else {
            // What can be bounded tells how many runs it takes; the cycles are needed in any case.
            let needed = bounds.lower == nil && bounds.upper == nil ? lacking : more.map { max($0, lacking) }
            var open = Estimate(
                bounds, n: attained.count, missing: 0, decision: .undecided, moreRuns: needed)
            open.resolution = step
            open.obstacle = .fewCycles
            return open
        }
        var estimate = try Estimate(
            bounds, n: attained.count, missing: 0, requirement: question.requirement
        ) { more }
        estimate.resolution = step
        if attained.count < Criterion.prescribedCycles {
            estimate.note =
                "judged from \(attained.count) cycles, as the definition has it; ISO 9283:1998 prescribes "
                + "\(Criterion.prescribedCycles)"
        }
        return estimate
    }
}
