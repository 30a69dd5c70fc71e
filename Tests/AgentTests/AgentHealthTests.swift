import Inputs
import Logging
import Testing

@testable import Agent

@Suite("The health of an agent's inputs")
struct AgentHealthTests {
    private static let second: Int64 = 1_000_000_000
    private static let now: Int64 = 10_000 * second

    /// One that keeps time: whether it is late, and how long ago it gave something, seconds.
    private func input(isLate: Bool, gave: Int64? = nil, isAway: Bool = false) -> InputWatch {
        let watch = InputWatch()
        watch.begins()
        watch.comesRound(in: 0, every: Self.second, at: isLate ? Self.second : Self.now)
        if let gave { watch.gave(samples: 1, at: Self.now - gave * Self.second) }
        if isAway {
            var source = SourceState("x", logger: Logger(label: "x"), watch: watch)
            _ = source.failed("no answer")
        }
        return watch
    }

    @Test("is bad only when nothing flows and nothing explains it")
    func faults() {
        let waiting = InputWatch()
        let recent = InputWatch()
        recent.gave(samples: 1, at: Self.now - Self.second)
        let table: [(what: String, inputs: [InputWatch], isFault: Bool)] = [
            ("there are no inputs", [], false),
            ("all wait for what others send", [waiting, waiting], false),
            ("all come round", [input(isLate: false)], false),
            ("one hangs while another comes round", [input(isLate: true), input(isLate: false)], false),
            ("all that keep time hang", [input(isLate: true), input(isLate: true), waiting], true),
            ("what hangs is known to be away", [input(isLate: true, isAway: true)], false),
            ("one hangs and the other is away", [input(isLate: true), input(isLate: true, isAway: true)], false),
            ("all hang, but another gave something", [input(isLate: true), recent], false),
            ("all hang, one of which gave something lately", [input(isLate: true, gave: 30)], false),
            ("all hang, and gave something long ago", [input(isLate: true, gave: 3600)], true),
        ]
        for (what, inputs, isFault) in table {
            #expect((AgentHealth.fault(of: inputs, at: Self.now) != nil) == isFault, "\(what)")
        }
    }
}
