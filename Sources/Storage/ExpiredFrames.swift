package import Delivery
package import Frames
package import Telemetry

/// Frames of one stream, one after the other and made under one clock, that were in the archive and are no more.
package struct ExpiredFrames: Hashable, Sendable {
    /// How their times are to be taken.
    package enum Recording: Hashable, Sendable {
        /// Nanoseconds since the boot; `offset` leads from there to the time, as the clock was synchronised.
        case synchronised(offset: Int64)
        /// Nanoseconds since the boot. Where they belong is known when the boot's clock is; see `BootClock`.
        case unsynchronised
        /// Nanoseconds since 1970, by what was known of the boot's clock when they expired. So it is in notes of the first form.
        case placed
    }

    package var stream: Stream
    /// The boot of the machine that made them.
    package var boot: UUIDBytes
    package var span: FrameSpan
    package var recording: Recording
    /// When their samples and events were taken: ascending stretches, each more than `ExpiredFrames.pause` apart from the next. Empty for
    /// frames of neither.
    package var times: [ClosedRange<Int64>]
    /// Of the last of them: it stands for all, as each frame carries the hash of the one before.
    package var digest: FrameDigest

    /// Samples no further apart than this, a minute in nanoseconds, are of one stretch: a row of frames is told of in one, and a run between
    /// two samples that are hours apart is not taken for one that has lost something.
    package static let pause: Int64 = 60_000_000_000

    package init(
        stream: Stream, boot: UUIDBytes, span: FrameSpan, recording: Recording, times: [ClosedRange<Int64>],
        digest: FrameDigest
    ) {
        self.stream = stream
        self.boot = boot
        self.span = span
        self.recording = recording
        self.times = times
        self.digest = digest
    }

    /// The boot in which they were made.
    package var bootKey: BootKey {
        BootKey(site: stream.site, agent: stream.agent, install: stream.install, boot: boot, epoch: stream.epoch)
    }
}

extension [ClosedRange<Int64>] {
    /// The least list of stretches that holds these, which may be in any order.
    package func joined(within pause: Int64 = ExpiredFrames.pause) -> [ClosedRange<Int64>] {
        sorted { $0.lowerBound < $1.lowerBound }.reduce(into: []) { joined, next in
            guard let last = joined.last, next.lowerBound.distance(after: last.upperBound) <= pause else {
                joined.append(next)
                return
            }
            joined[joined.count - 1] = last.hull(next)
        }
    }

    /// The same in at most `count` stretches: those that are least apart become one.
    package func joined(toAtMost count: Int) -> [ClosedRange<Int64>] {
        var stretches = self
        while stretches.count > Swift.max(1, count) {
            let gaps = zip(stretches, stretches.dropFirst()).map { $1.lowerBound.distance(after: $0.upperBound) }
            guard let least = gaps.indices.min(by: { gaps[$0] < gaps[$1] }) else { break }
            stretches[least] = stretches[least].hull(stretches.remove(at: least + 1))
        }
        return stretches
    }

    /// Whether any of these ascending stretches may be in `range`.
    func touch(_ range: Range<Int64>) -> Bool {
        // The first that does not end before the range begins.
        var (low, high) = (startIndex, endIndex)
        while low < high {
            let middle = low + (high - low) / 2
            if self[middle].upperBound < range.lowerBound { low = middle + 1 } else { high = middle }
        }
        return low < endIndex && range.touches(self[low])
    }
}

extension Int64 {
    /// Nanoseconds from an earlier time, 0 from a later one, clamped.
    fileprivate func distance(after earlier: Int64) -> Int64 {
        guard self > earlier else { return 0 }
        let (distance, overflow) = subtractingReportingOverflow(earlier)
        return overflow ? .max : distance
    }
}
