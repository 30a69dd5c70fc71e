import Scenarios
import Telemetry

/// The stored form: specified in <doc:RulePartFormat>.
extension RulePart {
    private static let magic: [UInt8] = Array("FPRL".utf8) + [1]

    /// Equal parts have equal bytes.
    package var bytes: [UInt8] {
        var writer = AggregateWriter()
        writer.bytes += Self.magic
        writer.write(unknown) { $0.write(varint: UInt64($1.rawValue)) }
        writer.write(sources) { writer, source in
            writer.write(varint: UInt64(source.series.rawValue))
            writer.write(source.key)
            writer.write(source.unit)
            writer.write(source.subject.agent?.text) { $0.write($1) }
            writer.write(source.subject.name)
            writer.write(source.conditions) { writer, trace in
                writer.write(trace) { $0.write($1) }
            }
            writer.write(source.statements) { writer, trace in
                writer.write(trace.statements) { writer, statement in
                    writer.write(statement.outcome) { $0.write($1) }
                    writer.write(statement.first)
                    writer.write(statement.last)
                }
            }
        }
        return writer.bytes
    }

    /// Reads what was written under the same plan.
    ///
    /// - Throws: ``AggregationError/Code/malformedAggregate``.
    package init(bytes: [UInt8], _ plan: RulePlan) throws(AggregationError) {
        var reader = AggregateReader(bytes)
        for byte in Self.magic where try reader.byte() != byte {
            throw reader.malformed("this is no part of a rule, or one of another version")
        }
        unknown = try reader.array { (reader) throws(AggregationError) in try reader.series() }
        sources = try reader.array { (reader) throws(AggregationError) in try reader.source(plan) }
        guard reader.isAtEnd, unknown.isAscending, sources.map(\.series).isAscending else {
            throw reader.malformed("the part of a rule is not as it is written")
        }
    }
}

extension [SeriesID] {
    fileprivate var isAscending: Bool { zip(self, dropFirst()).allSatisfy { $0 < $1 } }
}

extension AggregateWriter {
    fileprivate mutating func write(_ instant: FrameInstant) {
        write(signed: instant.sinceBoot)
        write(signed: instant.offset)
        bytes.append(instant.isSynchronised ? 1 : 0)
    }

    fileprivate mutating func write(_ row: ConditionTrace.Row) {
        write(row.onset)
        write(signed: row.until)
    }

    fileprivate mutating func write(_ trace: ConditionTrace) {
        write(trace.begin) { $0.write($1) }
        write(trace.head) { $0.write($1) }
        bytes.append(trace.isUnbroken ? 1 : 0)
        write(trace.onsets) { $0.write($1) }
        write(trace.tail) { $0.write($1) }
    }
}

extension AggregateReader {
    fileprivate mutating func series() throws(AggregationError) -> SeriesID {
        guard let number = UInt32(exactly: try varint()) else { throw malformed("a series is beyond 32 bits") }
        return SeriesID(rawValue: number)
    }

    private mutating func flag() throws(AggregationError) -> Bool {
        switch try byte() {
        case 0: false
        case 1: true
        default: throw malformed("a flag is neither 0 nor 1")
        }
    }

    private mutating func instant() throws(AggregationError) -> FrameInstant {
        FrameInstant(sinceBoot: try signed(), offset: try signed(), isSynchronised: try flag())
    }

    private mutating func row() throws(AggregationError) -> ConditionTrace.Row {
        ConditionTrace.Row(onset: try instant(), until: try signed())
    }

    private mutating func condition(_ rule: SeriesRule?) throws(AggregationError) -> ConditionTrace {
        let begin = try optional { (reader) throws(AggregationError) in try reader.instant() }
        let head = try optional { (reader) throws(AggregationError) in try reader.row() }
        let isUnbroken = try flag()
        let onsets = try array { (reader) throws(AggregationError) in try reader.instant() }
        let tail = try optional { (reader) throws(AggregationError) in try reader.row() }
        guard let rule,
            let trace = ConditionTrace(
                lasting: rule.lasting, begin: begin, head: head, isUnbroken: isUnbroken, onsets: onsets, tail: tail)
        else { throw malformed("a condition is not as it is written") }
        return trace
    }

    private mutating func statement(_ outcomes: Int) throws(AggregationError) -> StatementTrace.Statement {
        let outcome = try optional { (reader) throws(AggregationError) in try reader.count() }
        guard outcome ?? 0 < outcomes else { throw malformed("there is no such outcome") }
        return StatementTrace.Statement(outcome: outcome, first: try instant(), last: try instant())
    }

    fileprivate mutating func source(_ plan: RulePlan) throws(AggregationError) -> RulePart.Source {
        let series = try series()
        let (key, unit) = (try text(), try text())
        let agent = try optional { (reader) throws(AggregationError) in try reader.text() }
        let name = try text()
        var identifier: Identifier?
        if let agent {
            guard let known = Identifier(agent) else { throw malformed("an agent has no identifier for a name") }
            identifier = known
        }
        guard try count() == plan.conditions.count else { throw malformed("the rules are others") }
        var conditions: [ConditionTrace?] = []
        for rule in plan.conditions {
            conditions.append(
                try optional { (reader) throws(AggregationError) in try reader.condition(rule) })
        }
        let statements = try optional { (reader) throws(AggregationError) in
            StatementTrace(
                statements: try reader.array { (reader) throws(AggregationError) in
                    try reader.statement(plan.outcomes.count)
                })
        }
        return RulePart.Source(
            series: series, key: key, unit: unit, subject: SubjectKey(agent: identifier, name: name),
            conditions: conditions, statements: statements)
    }
}
