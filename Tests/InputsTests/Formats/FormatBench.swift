import Configuration
import Telemetry
import Testing

@testable import Inputs

/// Records of one format into samples, with the settings as a person writes them.
struct FormatBench {
    static let arrival: Int64 = 1_795_300_000_000_000_000

    let sink = RecordingSink()
    let log = RecordingLog()
    private var intake: RecordIntake

    private struct Settings: ConfigurationDecodable {
        let records: RecordSettings
        init(from reader: inout MappingReader) { records = RecordSettings(from: &reader) }
    }

    /// - Parameters:
    ///   - format: what stands behind `format:`.
    ///   - more: further keys of the input, one a line.
    /// - Throws: what is wrong with them.
    init(_ format: String, _ more: String = "") throws {
        intake = RecordIntake(
            try Self.settings(format, more), from: "/dev/x", environment: .test(log: log), sink: sink)
    }

    static func settings(_ format: String, _ more: String = "") throws(ConfigurationError) -> RecordSettings {
        try ConfigurationFile(name: "x", text: "format: \(format)\n\(more)").decode(Settings.self).records
    }

    /// What is wrong with a format, as the check says it.
    static func errors(_ format: String) -> [String] {
        do throws(ConfigurationError) {
            _ = try settings(format)
            return []
        } catch {
            return error.description.split(separator: "\n").map(String.init)
        }
    }

    mutating func take(_ records: [String], at time: Int64 = arrival) {
        for record in records {
            var record = record
            record.withUTF8 { intake.take(UnsafeRawBufferPointer($0), arrival: Timestamp(nanoseconds: time)) }
        }
        intake.flush()
    }

    mutating func take(bytes: [UInt8]) {
        bytes.withUnsafeBytes { intake.take($0, arrival: Timestamp(nanoseconds: Self.arrival)) }
        intake.flush()
    }

    mutating func restart() { intake.restart() }

    /// `name,tag=value = number unit`, with the quality when there is one, and the time when it is not that of arrival.
    var lines: [String] {
        sink.samples.map { recorded in
            let (series, sample) = (recorded.series, recorded.sample)
            let unit = series.unit == .one ? "" : " \(series.unit)"
            let time = sample.timestamp.nanoseconds == Self.arrival ? "" : " @ \(sample.timestamp)"
            let quality = sample.quality.names.map { " \($0)" }.joined()
            return "\(series.key) = \(sample.value.plain)\(unit)\(quality)\(time)"
        }
    }
}
