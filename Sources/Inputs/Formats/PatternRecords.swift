import Telemetry

#if canImport(Glibc)
import Glibc
#else
import Musl
#endif

/// What can be set of the format `regex`.
struct PatternFormat: Hashable, Sendable {
    /// A POSIX extended regular expression.
    var pattern: String
    var map: FieldMap
    /// Whether a record that does not match is no mistake.
    var skipsOthers = false
}

/// Finds values in records by a regular expression; its groups, numbered from 1, are the cells.
///
/// The C library matches it: Swift's own engine would add megabytes to the agent.
struct PatternRecords: RecordDecoding {
    private let format: PatternFormat
    private let pattern: CompiledPattern?
    private let groups: [Int]
    private var mapper: FieldMapper
    private var text: [CChar] = []
    private var matches: [regmatch_t]

    init(_ format: PatternFormat) {
        self.format = format
        pattern = CompiledPattern(format.pattern)
        groups = format.map.selectors.map { Int($0) ?? 0 }
        mapper = FieldMapper(format.map)
        matches = Array(repeating: regmatch_t(), count: (groups.max() ?? 0) + 1)
    }

    mutating func decode(
        _ record: UnsafeRawBufferPointer, arrival: Timestamp, into points: inout PointIntake
    ) throws(RecordProblem) {
        guard !record.contains(0) else { throw RecordProblem("the record has a NUL byte") }
        text.removeAll(keepingCapacity: true)
        text.append(contentsOf: record.lazy.map { CChar(bitPattern: $0) })
        text.append(0)
        guard let pattern, pattern.match(text, &matches) else {
            if format.skipsOthers { return }
            throw RecordProblem("the record does not match the pattern")
        }
        try mapper.take(PatternCells(record: record, matches: matches, groups: groups), arrival: arrival, into: &points)
    }
}

private struct PatternCells: RecordCells {
    let record: UnsafeRawBufferPointer
    let matches: [regmatch_t]
    let groups: [Int]

    func cell(_ number: Int) -> Cell {
        let match = matches[groups[number]]
        // A group that took no part in the match has -1.
        guard match.rm_so >= 0 else { return .absent }
        return Cell(trimming: UnsafeRawBufferPointer(rebasing: record[Int(match.rm_so)..<Int(match.rm_eo)]))
    }

    func eachLeaf(_ body: (UnsafeRawBufferPointer, Cell) throws(RecordProblem) -> Void) throws(RecordProblem) {}
}

/// A regular expression as the C library compiled it (regcomp(3)).
final class CompiledPattern {
    private let expression: UnsafeMutablePointer<regex_t>

    /// Nil when the text is no regular expression; ``problem(in:)`` says why.
    init?(_ text: String) {
        expression = .allocate(capacity: 1)
        expression.initialize(to: regex_t())
        guard regcomp(expression, text, REG_EXTENDED) == 0 else {
            expression.deallocate()
            return nil
        }
    }

    deinit {
        regfree(expression)
        expression.deallocate()
    }

    /// How many groups it has.
    var groupCount: Int { expression.pointee.re_nsub }

    /// Finds the first match; `matches` get the whole and the groups.
    func match(_ text: [CChar], _ matches: inout [regmatch_t]) -> Bool {
        regexec(expression, text, matches.count, &matches, 0) == 0
    }

    /// Why a text is no regular expression; nil when it is one.
    static func problem(in text: String) -> String? {
        var expression = regex_t()
        let status = regcomp(&expression, text, REG_EXTENDED)
        guard status != 0 else {
            regfree(&expression)
            return nil
        }
        return withUnsafeTemporaryAllocation(of: CChar.self, capacity: 128) { buffer in
            guard let base = buffer.baseAddress else { return "not a regular expression" }
            regerror(status, &expression, base, buffer.count)
            return String(cString: base)
        }
    }
}
