import ArgumentParser
import Reports

/// What `report` can write.
enum ExportForm: Hashable {
    /// One text, a view of the summary.
    case text(ReportFormat)
    /// A directory of tables, or a ZIP file of them.
    case package
    /// The summary, signed.
    case dsse
    /// What the runs recorded, for Foxglove.
    case mcap
}

extension ExportForm: ExpressibleByArgument {
    init?(argument: String) {
        guard let form = Self.all.first(where: { $0.defaultValueDescription == argument }) else { return nil }
        self = form
    }

    private static let all: [ExportForm] = ReportFormat.allCases.map(ExportForm.text) + [.package, .dsse, .mcap]

    static var allValueStrings: [String] { all.map(\.defaultValueDescription) }

    var defaultValueDescription: String {
        switch self {
        case .text(let format): format.rawValue
        case .package: "package"
        case .dsse: "dsse"
        case .mcap: "mcap"
        }
    }
}
