import Frames
import SegmentLog
import Telemetry

extension Spool {
    /// Refuses a spool that still holds frames of another site, agent or install: the collector would not take them from this one,
    /// and they would hold everything up.
    static func requireOwner(
        _ owner: SpoolOwner, of log: inout SegmentedLog<Files>, _ path: String
    ) throws(AgentError) {
        var frame: [UInt8] = []
        for priority in PriorityClass.allCases {
            var reader = log.reader(of: priority.lane)
            let step: ReadStep
            do throws(LogError) {
                step = try log.next(&reader, into: &frame)
            } catch {
                throw AgentError(error)
            }
            guard case .record = step else { continue }
            let stream: Frames.Stream
            do throws(FrameError) {
                stream = try FrameHeader.peek(frame).stream
            } catch {
                guard error.code != .unsupportedVersion else { throw .newerFrames(in: path) }
                // A frame that cannot be read is told of when its turn to be sent comes.
                continue
            }
            let found = SpoolOwner(site: stream.site, agent: stream.agent, install: stream.install)
            guard found == owner else {
                let frames = "holds undelivered frames of agent '\(stream.agent)' at site '\(stream.site)'"
                let mismatch =
                    found.site == owner.site && found.agent == owner.agent
                    ? "\(frames), but of another installation; put its 'identity' file back"
                    : "\(frames); deliver them under that name first"
                throw AgentError(.spool, "\(mismatch), or give this agent another 'spool: path'", path: path)
            }
        }
    }
}

/// Whose frames they are.
struct SpoolOwner: Hashable {
    let site: Identifier
    let agent: Identifier
    let install: UUIDBytes?
}
