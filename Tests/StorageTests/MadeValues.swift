import Aggregation
import Delivery
import Frames
import Storage
import StorageSupport
import Telemetry

@testable import Scenarios

extension Frames.Stream {
    static func made(
        site: String = "here", agent: String = "box", install: UInt64 = 1, epoch: UInt64 = 1,
        _ priority: PriorityClass = .metric
    ) -> Frames.Stream {
        Frames.Stream(
            site: .named(site), agent: .named(agent), install: UUIDBytes(high: install, low: ~install), epoch: epoch,
            priority: priority)
    }
}

extension BootKey {
    /// One of the boots of the machine that `stream` comes from; 0 for a kernel that has no id of it.
    static func made(_ number: UInt64 = 1, of stream: Frames.Stream = .made()) -> BootKey {
        BootKey(
            site: stream.site, agent: stream.agent, install: stream.install, boot: UUIDBytes(high: number, low: 0),
            epoch: stream.epoch)
    }
}

extension Run.BootSpan {
    /// `seconds`: since the boot.
    static func made(_ seconds: Range<Int64>, of boot: BootKey = .made()) -> Run.BootSpan {
        Run.BootSpan(boot: boot, sinceBoot: seconds.lowerBound * .second..<seconds.upperBound * .second)
    }
}

extension Run {
    /// A run that is over, from its start to its stop.
    static func made(
        _ window: Range<Timestamp>, site: String = "here", bootSpan: BootSpan? = nil, isTimeKnown: Bool = true
    ) -> Run {
        Run(
            id: .named("r"), site: .named(site), subject: nil, start: window.lowerBound, stop: window.upperBound,
            bootSpan: bootSpan, outcome: "success", failureMode: nil, intervention: nil, sources: [],
            flags: isTimeKnown ? [] : .timeUnknown, exclusion: nil)
    }

    /// One that has everything of its site.
    static let everything = Run.made(Timestamp(nanoseconds: .min)..<Timestamp(nanoseconds: .max))
}

extension FoldedStretch {
    /// `window`: seconds.
    static func made(
        _ window: Range<Int64>, bootSpan: Run.BootSpan? = nil, isTimeKnown: Bool = true
    ) -> FoldedStretch {
        FoldedStretch(window: .seconds(window), bootSpan: bootSpan, isTimeKnown: isTimeKnown)
    }
}

extension Range<Timestamp> {
    static func seconds(_ range: Range<Int64>) -> Range<Timestamp> {
        Timestamp(seconds: range.lowerBound)..<Timestamp(seconds: range.upperBound)
    }
}

extension ClosedRange<Timestamp> {
    static func seconds(_ range: ClosedRange<Int64>) -> ClosedRange<Timestamp> {
        Timestamp(seconds: range.lowerBound)...Timestamp(seconds: range.upperBound)
    }
}

extension RecordedClock {
    /// `since`, `offset`: seconds; the wall clock shows the seconds since the boot where nothing else is said.
    static func made(
        _ boot: BootKey = .made(), since: Int64 = 0, offset: Int64 = 0, isSynchronised: Bool = true
    ) -> RecordedClock {
        RecordedClock(
            boot: boot, sinceBoot: since * .second, offset: offset * .second, isSynchronised: isSynchronised)
    }

    fileprivate var reading: ClockReading {
        ClockReading(
            boot: boot.boot, sinceBoot: sinceBoot,
            wall: Timestamp(nanoseconds: offset).advanced(byNanoseconds: sinceBoot),
            state: ClockState(isSynchronised: isSynchronised, maximumError: 1000))
    }
}

extension ArchivedFrame {
    /// `times`: seconds since the boot; nil for a frame of neither samples nor events. `offset`: from there to the wall clock.
    static func made(
        _ sequence: UInt64, of stream: Frames.Stream = .made(), times: ClosedRange<Int64>? = nil, boot: UInt64 = 1,
        offset: Int64 = 0, isSynchronised: Bool = true
    ) -> ArchivedFrame {
        ArchivedFrame(
            stream: stream, sequence: sequence, segment: 1, offset: UInt32(sequence % 1000) * 8,
            clock: .made(
                .made(boot, of: stream), since: times?.upperBound ?? 0, offset: offset, isSynchronised: isSynchronised),
            times: times.map { $0.lowerBound * .second...$0.upperBound * .second },
            digest: FrameDigest(of: Array("\(stream) \(sequence)".utf8)))
    }
}

extension ExpiredFrames {
    /// `times`: seconds since the boot, or since 1970.
    static func made(
        _ sequences: ClosedRange<UInt64>, of stream: Frames.Stream = .made(), boot: UInt64 = 1,
        times: [ClosedRange<Int64>], _ recording: Recording = .synchronised(offset: 0)
    ) -> ExpiredFrames {
        ExpiredFrames(
            stream: stream, boot: BootKey.made(boot, of: stream).boot,
            span: FrameSpan(
                sequences: sequences, firstOrdinal: sequences.lowerBound * 10 - 9,
                nextOrdinal: sequences.upperBound * 10 + 1),
            recording: recording,
            times: times.map { $0.lowerBound * .second...$0.upperBound * .second }.joined(),
            digest: ArchivedFrame.made(sequences.upperBound, of: stream).digest)
    }
}

extension StaleStretch {
    /// `times`, `sinceBoot`: seconds.
    static func made(_ boot: BootKey, times: ClosedRange<Int64>?, sinceBoot: ClosedRange<Int64>) -> StaleStretch {
        StaleStretch(
            site: boot.site, times: times.map { .seconds($0) }, boot: boot,
            sinceBoot: sinceBoot.lowerBound * .second...sinceBoot.upperBound * .second)
    }
}

extension StoredIntake {
    /// What an archive says after it took in these frames, with what was in them, and nothing else: their streams cover the frames'
    /// times, the clocks are those of the frames, and more is known of the frames' times than before.
    static func made(
        _ frames: [ArchivedFrame], definitions: [(Frames.Stream, SeriesDefinition)] = [], events: [StoredEvent] = [],
        over known: StoredLedgers = StoredLedgers()
    ) -> StoredIntake {
        var intake = StoredIntake(of: UUIDBytes(high: 0xA, low: 0xB))
        intake.frames = frames
        intake.definitions = definitions.map { (stream: $0.0, definition: $0.1) }
        intake.events = events
        intake.archivePosition = UInt64(frames.count)
        for clock in frames.map(\.clock) + events.map(\.clock) {
            var state = intake.boots[clock.boot] ?? known.boots[clock.boot] ?? BootClock(clock.reading)
            state.note(clock.reading)
            intake.boots[clock.boot] = state
        }
        for frame in frames {
            var state = intake.streams[frame.stream] ?? known.streams[frame.stream] ?? StoredStream()
            // Ten samples a frame, whatever its number.
            state.ledger.admit(sequence: frame.sequence, firstOrdinal: frame.sequence * 10 - 9, samples: 10)
            state.widen(to: frame)
            intake.streams[frame.stream] = state
            guard let times = frame.times else { continue }
            intake.stale.append(
                StaleStretch(
                    site: frame.stream.site, times: frame.placedTimes(by: intake.boots[frame.clock.boot]),
                    boot: frame.clock.boot, sinceBoot: times))
        }
        return intake
    }

    static func expiry(_ expired: ExpiredFrames..., over known: StoredLedgers) -> StoredIntake {
        var intake = StoredIntake.made([])
        intake.expired = expired
        for boot in expired.map(\.bootKey) { intake.boots[boot] = known.boots[boot] ?? .unread }
        return intake
    }
}

extension Int64 {
    static let second: Int64 = 1_000_000_000
}
