/// What the evidence says of a requirement.
package enum Verdict: String, Hashable, Sendable, CaseIterable {
    /// Proven at the stated confidence.
    case pass
    /// Refuted at the stated confidence, or a critical safety rule was breached.
    case fail
    /// Neither proven nor refuted by the data there are.
    case inconclusive

    /// The worst of several: fail before inconclusive before pass; nil of none.
    package static func worst(of verdicts: some Sequence<Verdict>) -> Verdict? {
        var worst: Verdict?
        for verdict in verdicts {
            switch verdict {
            case .fail: return .fail
            case .inconclusive: worst = .inconclusive
            case .pass: worst = worst ?? .pass
            }
        }
        return worst
    }
}
