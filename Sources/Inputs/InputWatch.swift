import Synchronization

/// What is known of an input that runs, for whoever watches the box: what it has given, when it comes round next, and which of its sources are
/// away. Written by the input's threads with a few words of memory, read when somebody asks.
package final class InputWatch: Sendable {
    /// Something that an input reads from, as its ``SourceState`` has it.
    package struct Source: Hashable, Sendable {
        /// As a person knows it.
        package let name: String
        package let isUp: Bool
        /// Why it is away; empty when it is not.
        package let reason: String

        package init(name: String, isUp: Bool, reason: String) {
            self.name = name
            self.isUp = isUp
            self.reason = reason
        }
    }

    /// How an input is, at one moment.
    package enum Standing: Hashable, Sendable {
        /// It comes round, or waits for what others send.
        case well
        /// It has failed and is started again later, or a source of it does not answer.
        case away(String)
        /// It should have come round, this many nanoseconds ago, and did not.
        case overdue(Int64)
    }

    /// How late an input that keeps time may come round, besides its interval, nanoseconds: what it asks has time-outs of its own.
    package static let grace: Int64 = 60_000_000_000
    private static let mostSources = 64

    private let given = Atomic<UInt64>(0)
    private let announced = Atomic<UInt64>(0)
    private let failed = Atomic<UInt64>(0)
    private let started = Atomic<UInt64>(0)
    /// `CLOCK_MONOTONIC`, nanoseconds; 0 for never.
    private let delivery = Atomic<Int64>(0)
    /// When it comes round next (`CLOCK_MONOTONIC`, ns) at the latest; 0 for an input that promises nothing.
    private let promise = Atomic<Int64>(0)
    private let state = Mutex<(sources: [Source], failure: String?)>(([], nil))

    package init() {}
}

// MARK: - What the input tells

extension InputWatch {
    /// It gave samples or events, at `now` (`CLOCK_MONOTONIC`, ns).
    package func gave(samples: Int, events: Int = 0, at now: Int64) {
        if samples > 0 { given.wrappingAdd(UInt64(samples), ordering: .relaxed) }
        if events > 0 { announced.wrappingAdd(UInt64(events), ordering: .relaxed) }
        delivery.store(now, ordering: .relaxed)
    }

    /// It has come round, and does so again after `wait` nanoseconds, which is what it means to keep, and not later than an `interval` after that.
    package func comesRound(in wait: Int64, every interval: Int64, at now: Int64 = monotonicNanoseconds()) {
        promise.store(now + wait + min(interval, .max / 4) + Self.grace, ordering: .relaxed)
    }

    /// It runs, from its beginning.
    package func begins() {
        started.wrappingAdd(1, ordering: .relaxed)
        state.withLock { $0 = ([], nil) }
    }

    /// It has ended although nobody asked for that, and is started again later.
    package func fails(_ reason: String) {
        failed.wrappingAdd(1, ordering: .relaxed)
        promise.store(0, ordering: .relaxed)
        state.withLock { $0.failure = reason }
    }

    /// A source answers, or does not, which is `isNews` or the same as before.
    func note(_ source: Source, isNews: Bool) {
        if !source.isUp { failed.wrappingAdd(1, ordering: .relaxed) }
        guard isNews else { return }
        state.withLock { state in
            if let index = state.sources.firstIndex(where: { $0.name == source.name }) {
                state.sources[index] = source
            } else if state.sources.count < Self.mostSources {
                state.sources.append(source)
            }
        }
    }
}

// MARK: - What others ask

extension InputWatch {
    package var samples: UInt64 { given.load(ordering: .relaxed) }
    package var events: UInt64 { announced.load(ordering: .relaxed) }
    /// Failures of the input, and of its sources.
    package var failures: UInt64 { failed.load(ordering: .relaxed) }
    package var starts: UInt64 { started.load(ordering: .relaxed) }

    /// When it last gave something (`CLOCK_MONOTONIC`, ns); nil for never.
    package var lastDelivery: Int64? {
        let time = delivery.load(ordering: .relaxed)
        return time > 0 ? time : nil
    }

    /// Whether it has said when it comes round.
    package var keepsTime: Bool { promise.load(ordering: .relaxed) > 0 }

    /// Of those that have been heard of.
    package var sources: [Source] { state.withLock { $0.sources } }

    /// How it is at `now` (`CLOCK_MONOTONIC`, ns). What is known to be away is not overdue.
    package func standing(at now: Int64) -> Standing {
        let (sources, failure) = state.withLock { $0 }
        if let failure { return .away(failure) }
        if let source = sources.first(where: { !$0.isUp }) { return .away("\(source.name): \(source.reason)") }
        let promise = promise.load(ordering: .relaxed)
        return promise > 0 && now > promise ? .overdue(now - promise) : .well
    }
}
