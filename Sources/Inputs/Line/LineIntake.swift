import Telemetry

#if canImport(Glibc)
import Glibc
#else
import Musl
#endif

/// Turns the bytes of many senders into samples and events.
///
/// A line counts as a whole or not at all, and a bad one costs only itself.
struct LineIntake {
    /// The longest line, in bytes, its newline not counted.
    static let longestLine = 65_536
    private var decoder: LineDecoder
    private var points: PointIntake

    init(_ settings: LineSettings, environment: InputEnvironment, sink: any SampleSink) {
        decoder = LineDecoder(settings.precision)
        points = PointIntake(
            "", tags: environment.deviceTags(settings.device), units: settings.units, priority: settings.priority,
            environment: environment, sink: sink)
    }

    /// Takes every line that is whole.
    ///
    /// - Parameters:
    ///   - bytes: what has come and was not used up yet.
    ///   - source: who sent them.
    ///   - arrival: the time of lines without one.
    ///   - ending: what becomes of the rest.
    /// - Returns: how many bytes were used up; the others are to be given again with what follows them.
    mutating func take(
        _ bytes: UnsafeRawBufferPointer, from source: inout LineSource, arrival: Timestamp, ending: LineSource.Ending
    ) -> Int {
        var start = 0
        if source.isDiscarding {
            guard let newline = bytes.firstNewline else { return bytes.count }
            start = newline + 1
            source.isDiscarding = false
            source.line += 1
        }
        source.openTextSince = nil
        while start < bytes.count {
            let rest = UnsafeRawBufferPointer(rebasing: bytes[start...])
            let newline = rest.firstNewline
            let isWhole = newline != nil || ending == .datagram
            if !isWhole, ending != .closed { break }
            do throws(RecordProblem) {
                guard isWhole else {
                    throw RecordProblem(
                        "the connection ended inside the line; end every line with a newline", at: rest.count)
                }
                guard newline ?? 0 <= Self.longestLine else { throw Self.tooLong }
                switch try decoder.parser.parse(rest, isLast: ending == .datagram) {
                case .nothing(let end):
                    start += end
                case .unfinished(let isTextOpen):
                    if ending == .open {
                        source.openTextSince = monotonicNanoseconds()
                        return start
                    }
                    throw isTextOpen
                        ? RecordProblem("the text is not closed; write '\"' after it", at: rest.openQuote)
                        : RecordProblem("the line is not ended; end every line with a newline", at: rest.count)
                case .point(let point):
                    guard point.end <= Self.longestLine + 1 else { throw Self.tooLong }
                    try decoder.accept(point, rest, arrival: arrival, into: &points)
                    points.commit()
                    start += point.end
                    source.line += decoder.parser.newlinesInText(rest)
                }
            } catch {
                points.abandon()
                reject(error, from: source)
                start += rest.lineEnd(from: 0)
            }
            source.line += 1
        }
        if ending == .open || ending == .overdueText, bytes.count - start > Self.longestLine {
            reject(Self.tooLong, from: source)
            source.isDiscarding = true
            start = bytes.count
        }
        return start
    }

    /// Gives the sink what has gathered.
    mutating func flush() { points.flush() }

    private static let tooLong = RecordProblem(
        "the line is longer than \(longestLine) bytes; spread its fields over several lines", at: longestLine)

    private mutating func reject(_ problem: RecordProblem, from source: LineSource) {
        points.refuse(problem, at: "\(source), line \(source.line)", as: .badLine)
    }
}

extension LineParser {
    /// How many newlines stand inside the quoted texts of the point last returned.
    fileprivate func newlinesInText(_ bytes: UnsafeRawBufferPointer) -> Int {
        var count = 0
        for field in fields {
            guard case .text(let range, _) = field.value else { continue }
            for index in range where bytes[index] == UInt8(ascii: "\n") { count += 1 }
        }
        return count
    }
}

extension UnsafeRawBufferPointer {
    fileprivate var firstNewline: Int? {
        guard let base = baseAddress, let found = memchr(base, Int32(UInt8(ascii: "\n")), count) else { return nil }
        return UnsafeRawPointer(found) - base
    }

    /// Where the last quote of the first line stands: the one that was never closed.
    fileprivate var openQuote: Int {
        self[..<(firstNewline ?? count)].lastIndex(of: UInt8(ascii: "\"")) ?? 0
    }
}
