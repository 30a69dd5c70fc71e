import ArgumentParser
import Scenarios

extension Governance.Audience: ExpressibleByArgument {}

extension ExportForm {
    /// What a reader sees of it: numbers over many runs, or those of single ones.
    var tier: Governance.Tier {
        switch self {
        case .text, .dsse: .summary
        case .package, .mcap: .series
        }
    }
}

/// A report that the definition's governance does not let a reader have.
struct SharingRefusal: Error, CustomStringConvertible {
    let description: String
}

extension ScenarioDefinition {
    /// Refuses what readers may not have. For `none`, nobody outside, nothing is refused.
    func check(_ form: ExportForm, for audience: Governance.Audience) throws(SharingRefusal) {
        guard audience != .none else { return }
        let allowed = governance.share[form.tier]
        guard allowed.admits(audience) else {
            let whom = allowed == .none ? "nobody outside" : "partners only"
            throw SharingRefusal(
                description:
                    "\(id) shares its \(form.tier.rawValue) with \(whom) ('governance: share: \(form.tier.rawValue): "
                    + "\(allowed.rawValue)' in the definition), and a report as \(form.defaultValueDescription) shows that to "
                    + "\(audience == .public ? "everyone" : "partners")")
        }
        guard form == .mcap, governance.classification == .personal else { return }
        throw SharingRefusal(
            description:
                "the data of \(id) are personal, and a recording names runs and subjects: share the summary instead, or a "
                + "recording with '--audience none'")
    }
}
