package import Scenarios
package import Telemetry

/// When the frames had samples that have expired.
///
/// Times are kept as they were recorded, and placed when somebody asks: what is learned of a boot's clock after its frames have expired moves
/// them as it moves those that are left.
package struct ExpiredTimes: Hashable, Sendable {
    package typealias Recording = ExpiredFrames.Recording

    /// By site, so that a question is not asked of boots that it cannot be about.
    private var sites: [Identifier: [BootKey: [Recording: [ClosedRange<Int64>]]]] = [:]

    package init() {}

    package var isEmpty: Bool { sites.isEmpty }

    /// Every boot of which frames have expired, with its stretches.
    package var boots: [BootKey: [Recording: [ClosedRange<Int64>]]] {
        sites.values.reduce(into: [:]) { boots, site in boots.merge(site) { $1 } }
    }

    package mutating func insert(_ frames: ExpiredFrames) {
        insert(frames.times, frames.recording, of: frames.bootKey)
    }

    package mutating func insert(_ times: [ClosedRange<Int64>], _ recording: Recording, of boot: BootKey) {
        guard !times.isEmpty else { return }
        let known = sites[boot.site]?[boot]?[recording] ?? []
        sites[boot.site, default: [:]][boot, default: [:]][recording] = (known + times).joined()
    }

    /// Whether frames that belong to what was folded, or would be, have expired.
    ///
    /// What belongs to a run is told as for frames that are there: by the boot clock in the boot that marked it, by the wall clock otherwise,
    /// and not at all where a time is not known. Where that cannot be told any more, they may have: nothing is folded then that could be
    /// less than it was.
    package func touches(_ stretch: FoldedStretch, at site: Identifier, _ clocks: [BootKey: BootClock]) -> Bool {
        guard let boots = sites[site] else { return false }
        return boots.contains { boot, recordings in
            recordings.contains { recording, times in
                touches(stretch, boot, recording, times, clocks[boot])
            }
        }
    }

    private func touches(
        _ stretch: FoldedStretch, _ boot: BootKey, _ recording: Recording, _ times: [ClosedRange<Int64>],
        _ clock: BootClock?
    ) -> Bool {
        guard let clock, clock != .unread else { return true }
        let own = stretch.bootSpan.flatMap { $0.boot == boot ? $0.sinceBoot : nil }
        switch recording {
        case .synchronised(let offset):
            if let own { return times.touch(own) }
            return stretch.isTimeKnown && times.touch(stretch.window, placedBy: offset)
        case .unsynchronised:
            if let own { return times.touch(own) }
            return stretch.isTimeKnown && clock.isTimeKnown
                && times.touch(stretch.window, placedBy: clock.unsynchronisedOffset)
        case .placed:
            if times.touch(stretch.window, placedBy: 0) { return true }
            // They were laid on a clock of which less was known, or which has been set since.
            guard !clock.isSteady else { return false }
            if own != nil { return true }
            let moved = Timestamp(nanoseconds: clock.unsynchronisedOffset)
                .nanoseconds(since: Timestamp(nanoseconds: clock.first.offset))
            return stretch.isTimeKnown && times.touch(stretch.window, placedBy: moved)
        }
    }
}

extension [ClosedRange<Int64>] {
    fileprivate func touch(_ window: Range<Timestamp>, placedBy offset: Int64) -> Bool {
        let origin = Timestamp(nanoseconds: offset)
        let (first, last) = (window.lowerBound.nanoseconds(since: origin), window.upperBound.nanoseconds(since: origin))
        return touch(first..<Swift.max(first, last))
    }
}

extension StoredLedgers {
    /// Whether some of the run's frames have expired: what is folded of it now lacks them.
    package func hasExpired(of run: Run) -> Bool {
        FoldedStretch(run).map { expired.touches($0, at: run.site, boots) } ?? false
    }
}
