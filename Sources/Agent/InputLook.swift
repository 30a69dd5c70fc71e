import Frames
package import Inputs
import Logging
import Synchronization
package import Telemetry

/// One look at what inputs give, without spool or network: for the person who wires sensors.
package struct InputLook: Sendable {
    /// One sample with what it is a sample of, or an event.
    package enum Finding: Sendable {
        case sample(Sample, Series)
        case event(Event)
        /// An input dropped something, or failed.
        case trouble(String)
    }

    private let inputs: [(name: String, input: any RunnableInput)]

    /// - Throws: `InputError` when an input cannot be made from its settings.
    package init(_ settings: AgentSettings, only name: String?, now: @escaping @Sendable () -> Timestamp)
        throws(InputError)
    {
        var inputs: [(String, any RunnableInput)] = []
        for definition in settings.inputs where name == nil || definition.name == name {
            let environment = InputEnvironment(
                name: definition.name, device: settings.identity.agent.text, now: now,
                logger: Logger(label: "fieldproof-agent") { _ in SwiftLogNoOpLogHandler() })
            inputs.append((definition.name, try definition.make(environment)))
        }
        self.inputs = inputs
    }

    package var isEmpty: Bool { inputs.isEmpty }

    /// Calls `show` for each finding until it returns false or `limit` has passed, then stops the inputs.
    package func run(for limit: Duration, show: (Finding) -> Bool) async {
        let (findings, continuation) = AsyncStream.makeStream(
            of: Finding.self, bufferingPolicy: .bufferingOldest(100_000))
        let sink = LookSink(continuation)
        let inputs = self.inputs
        await withTaskGroup(of: Void.self) { group in
            for (name, input) in inputs {
                group.addTask {
                    do throws(InputError) {
                        try await input.run(into: sink)
                    } catch {
                        continuation.yield(.trouble("\(name): \(error)"))
                    }
                }
            }
            group.addTask {
                // Ends the look; being cancelled ends it too.
                try? await Task.sleep(for: limit)
                continuation.finish()
            }
            for await finding in findings where !show(finding) { break }
            group.cancelAll()
        }
    }
}

/// Passes on what inputs give, with the series beside each sample.
private final class LookSink: SampleSink, Sendable {
    private struct State {
        var identifiers: [Series: SeriesID] = [:]
        var series: [Series] = []
    }

    private let state = Mutex(State())
    private let continuation: AsyncStream<InputLook.Finding>.Continuation

    init(_ continuation: AsyncStream<InputLook.Finding>.Continuation) { self.continuation = continuation }

    func register(_ series: Series) -> SeriesID? {
        state.withLock { state in
            if let known = state.identifiers[series] { return known }
            let id = SeriesID(rawValue: UInt32(state.series.count))
            state.identifiers[series] = id
            state.series.append(series)
            return id
        }
    }

    func accept(_ samples: [Sample], priority: PriorityClass) {
        let series = state.withLock { $0.series }
        for sample in samples { continuation.yield(.sample(sample, series[Int(sample.series.rawValue)])) }
    }

    func accept(_ event: Event) { continuation.yield(.event(event)) }

    func reject(_ count: Int, from input: String, reason: String) {
        continuation.yield(.trouble("\(input): \(count) × \(reason)"))
    }
}
