import Frames
import SegmentLog
import Telemetry

/// How a spool that a later version wrote is known; see the page `Versions` of the module `Installation`.
extension Spool {
    /// Refuses a spool whose youngest frame of a class is of a later version: the oldest may be from before an upgrade.
    static func requireKnownFrames(
        in log: inout SegmentedLog<Files>, _ path: String
    ) throws(AgentError) {
        var frame: [UInt8] = []
        for priority in PriorityClass.allCases {
            let last = log.durable(priority.lane).number
            guard last > log.released(priority.lane).number else { continue }
            var reader = log.reader(of: priority.lane, after: Position(last - 1))
            do throws(LogError) {
                guard case .record = try log.next(&reader, into: &frame) else { continue }
            } catch {
                throw AgentError(error)
            }
            do throws(FrameError) {
                _ = try FrameHeader.peek(frame)
            } catch {
                if error.code == .unsupportedVersion { throw .newerFrames(in: path) }
            }
        }
    }
}

extension AgentError {
    /// Frames in the spool at `path` are of a later version of their format.
    static func newerFrames(in path: String) -> AgentError {
        AgentError(
            .newerFormat,
            "holds frames of a later format: a newer version of the agent wrote them; install that version or a later one, at least until "
                + "they are delivered, or use another 'spool: path'", path: path)
    }
}
