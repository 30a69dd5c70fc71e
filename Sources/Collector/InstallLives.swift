import Delivery
import Frames
import Telemetry

/// Tells a box that was installed anew from two boxes under one agent id, by when their frames were made.
///
/// What `InstallGuard` does by the time of arrival, for frames that all arrive at once: two installs whose lives overlap are two boxes, and
/// nobody knows on which of them a run was measured. Only clocks that were synchronised can say so.
struct InstallLives {
    private struct Agent: Hashable {
        let site: Identifier
        let id: Identifier
    }

    private var lives: [Agent: [UUIDBytes: ClosedRange<Timestamp>]] = [:]
    private var current: [Agent: UUIDBytes] = [:]

    /// Judges a sound frame that the archive does not have.
    mutating func judge(_ header: FrameHeader) -> InstallGuard.Verdict {
        let agent = Agent(site: header.stream.site, id: header.stream.agent)
        let install = header.stream.install
        if header.clock.state.isSynchronised {
            let made = header.clock.wall
            let life = lives[agent]?[install].map { min($0.lowerBound, made)...max($0.upperBound, made) } ?? made...made
            let rival = lives[agent]?.filter { $0.key != install && $0.value.overlaps(life) }.keys.min()
            if let rival { return .contested(rival) }
            lives[agent, default: [:]][install] = life
        }
        let former = current.updateValue(install, forKey: agent)
        guard let former, former != install else { return .accepted }
        return .replaced(former)
    }
}
