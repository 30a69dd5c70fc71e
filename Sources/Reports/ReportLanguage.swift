/// The languages in which a report can be read; data keep the words they were recorded in.
package enum ReportLanguage: String, CaseIterable, Sendable {
    case english = "en"
    /// Simplified Chinese.
    case chinese = "zh"

    /// The value of HTML's `lang` (BCP 47).
    package var tag: String {
        switch self {
        case .english: "en"
        case .chinese: "zh-Hans"
        }
    }
}
