import Frames
import Telemetry

/// Whose samples are measured: one agent of one site.
struct Origin {
    let site: Identifier
    let agent: Identifier
    let stream: Stream

    /// 2026-11-22T08:00:00Z.
    static let begin: Int64 = 1_795_334_400

    init() throws {
        site = try Self.identifier("lab")
        agent = try Self.identifier("box-01")
        stream = Stream(
            site: site, agent: agent, install: UUIDBytes(high: 0x5EED_5EED, low: 0xF1E1_D9F0), epoch: 3,
            priority: .metric)
    }

    static func identifier(_ text: String) throws -> Identifier {
        guard let identifier = Identifier(text) else { throw BenchmarkError("'\(text)' is no identifier") }
        return identifier
    }

    /// What the agent reads from its clocks when it encodes a batch whose last sample is `last`.
    static func clock(after last: Timestamp) -> ClockReading {
        ClockReading(
            boot: UUIDBytes(high: 11, low: 13), sinceBoot: last.nanoseconds - begin * 1_000_000_000,
            wall: last.advanced(byNanoseconds: 1_500_000),
            state: ClockState(isSynchronised: true, maximumError: 2_000_000))
    }
}
