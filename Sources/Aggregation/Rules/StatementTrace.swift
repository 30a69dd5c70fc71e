/// What a series states, over a row of frames: the samples in a row that state one thing are one statement.
struct StatementTrace: Hashable, Sendable {
    struct Statement: Hashable, Sendable {
        /// The place of an outcome in the definition; nil for a word that is none.
        var outcome: Int?
        var first: FrameInstant
        var last: FrameInstant
    }

    private(set) var statements: [Statement] = []

    init() {}

    init(statements: [Statement]) { self.statements = statements }

    mutating func append(_ instant: FrameInstant, outcome: Int?) {
        merge(StatementTrace(statements: [Statement(outcome: outcome, first: instant, last: instant)]))
    }
}

extension StatementTrace: Mergeable {
    mutating func merge(_ later: StatementTrace) {
        guard let next = later.statements.first else { return }
        guard let last = statements.last, last.outcome == next.outcome, last.last.sinceBoot <= next.first.sinceBoot
        else {
            statements += later.statements
            return
        }
        statements[statements.count - 1].last = next.last
        statements += later.statements.dropFirst()
    }
}
