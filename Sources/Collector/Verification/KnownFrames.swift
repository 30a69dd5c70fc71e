package import Aggregation
import Frames

/// The frames that a summary rests on.
package struct KnownFrames: Sendable {
    private var streams: [Frames.Stream: Summary.StreamState] = [:]

    package init(_ states: [Summary.StreamState]) {
        for state in states {
            let stream = Frames.Stream(
                site: state.site, agent: state.agent, install: state.install, epoch: state.epoch,
                priority: state.priority)
            streams[stream] = state
        }
    }

    func holds(_ header: FrameHeader) -> Bool {
        guard let state = streams[header.stream] else { return false }
        if header.sequence <= state.through { return true }
        // Beyond the first hole the summary tells which frames were missing, and not which was the last.
        return !state.missing.isEmpty && !state.missing.contains { $0.contains(header.sequence) }
    }
}
