/// One requirement as a test case: what a build server counts, lists and follows from one report to the next.
struct TestCase {
    enum Result {
        case passed
        /// Refuted, breached.
        case failed(message: String)
        /// Neither proven nor refuted.
        case undecided(message: String)
        /// It takes no part in the verdict, whatever it says.
        case noted(message: String)
    }

    /// The group it stands in, dotted, below the scenario's id.
    var group: String
    var name: String
    var result: Result
    /// Everything there is to know, a line each.
    var details: [String]

    /// What it is in a report that knows only passed, skipped and failed.
    enum Mark {
        case passed
        case skipped(message: String)
        /// `type` names the kind of failure, for who filters by it.
        case failure(type: StaticString, message: String)
    }

    /// `isStrict`: what is not decided counts as failed.
    func mark(isStrict: Bool) -> Mark {
        switch result {
        case .passed: .passed
        case .failed(let message): .failure(type: "fail", message: message)
        case .undecided(let message) where isStrict: .failure(type: "inconclusive", message: message)
        case .undecided(let message), .noted(let message): .skipped(message: message)
        }
    }
}
