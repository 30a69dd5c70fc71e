import Statistics

/// The poses that runs reached, one to three coordinates each.
struct RunPoses {
    /// Of every run that has all coordinates.
    private let attained: [[Double]]
    private let runs: Int
    private let isExact: Bool

    /// - Parameter axes: by coordinate, the observations of the same runs in the same order; one axis at least.
    init(_ axes: [[Observation]]) {
        runs = axes.first?.count ?? 0
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
    }

    func accuracy(command: [Double], _ question: Question) throws(StatisticsError) -> Estimate {
        let poses = try Poses(commanded: command, attained: attained)
        return try estimate(poses.accuracyBounds(at: question.confidence), question)
    }

    func repeatability(_ question: Question) throws(StatisticsError) -> Estimate {
        let origin = [Double](repeating: 0, count: attained.first?.count ?? 1)
        let poses = try Poses(commanded: origin, attained: attained)
        return try estimate(poses.repeatabilityBounds(at: question.confidence, by: try Bootstrap()), question)
    }

    /// A pose that is not known could lie anywhere; one that a sketch gives could lie beside, which these bounds do not allow for.
    private func estimate(_ bounds: Bounds, _ question: Question) throws(StatisticsError) -> Estimate {
        let isWhole = attained.count == runs && isExact
        return try Estimate(
            isWhole ? bounds : bounds.unknown(question.confidence), n: attained.count, missing: runs - attained.count,
            requirement: question.requirement
        ) { () throws(StatisticsError) in
            isWhole ? try bounds.moreRuns(for: question.requirement, after: attained.count) : nil
        }
    }
}
