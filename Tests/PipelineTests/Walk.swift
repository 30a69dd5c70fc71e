import Configuration
import Pipeline
import Telemetry
import Testing

/// Rules as a person writes them.
func shaping(_ yaml: String) throws -> Shaping {
    Shaping(try ConfigurationFile(name: "rules.yaml", text: "rules:\n\(yaml)").decode(Rules.self).rules)
}

private struct Rules: ConfigurationDecodable {
    let rules: [ShapingRule]

    init(from reader: inout MappingReader) {
        rules = reader.required("rules", as: .sequence(of: .mapping(ShapingRule.self)))
    }
}

/// What comes of samples on the only branch of a series.
struct Walk {
    var branch: Branch
    var tally = ShapingTally()
    private var buffer: [Sample] = []
    private var spare: [Sample] = []

    init(_ branch: Branch) { self.branch = branch }

    init(_ yaml: String, _ series: Series) throws {
        let (branches, complaints) = try shaping(yaml).branches(of: series)
        #expect(complaints.isEmpty)
        branch = try #require(branches.last)
    }

    mutating func push(_ value: Value, at seconds: Double, class priority: PriorityClass = .metric) -> [Sample] {
        branch.push(.at(seconds, value), class: priority, &buffer, &spare, &tally)
        return buffer
    }

    /// The values that come of numbers which are measured once a second, and of the flush at the end.
    mutating func values(of numbers: [Double]) -> [Double] {
        var result: [Double] = []
        for (second, number) in numbers.enumerated() {
            result += push(.double(number), at: Double(second)).compactMap(\.value.number)
        }
        return result + flush().compactMap(\.value.number)
    }

    mutating func flush(before seconds: Double? = nil) -> [Sample] {
        branch.flush(before: seconds.map { Timestamp(nanoseconds: Int64($0 * 1e9)) }, &buffer, &spare, &tally)
        return buffer
    }
}

extension Sample {
    static func at(_ seconds: Double, _ value: Value, quality: Quality = []) -> Sample {
        Sample(
            series: SeriesID(rawValue: 0), timestamp: Timestamp(nanoseconds: Int64((seconds * 1e9).rounded())),
            value: value,
            quality: quality)
    }
}
