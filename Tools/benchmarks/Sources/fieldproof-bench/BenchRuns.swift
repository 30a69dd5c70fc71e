import Configuration
import Scenarios
import Telemetry

/// The scenario and the runs that samples are folded into.
enum BenchRuns {
    static var definition: ScenarioDefinition {
        get throws { try ScenarioDefinition(ConfigurationFile(name: "bench.yaml", text: scenario)) }
    }

    /// A run that all samples fall into.
    static let everything = Timestamp(seconds: Origin.begin)...Timestamp(seconds: Origin.begin + 10_000_000)

    /// Runs from the beginning to the end of each range, that ended well.
    static func runs(
        of definition: ScenarioDefinition, at origin: Origin, _ ranges: [ClosedRange<Timestamp>]
    ) throws -> [Run] {
        var ledger = RunLedger(definition)
        for (index, range) in ranges.enumerated() {
            for event in try markers(of: definition, index, range) {
                ledger.insert(RunMarker(event, site: origin.site, source: origin.agent))
            }
        }
        let runs = ledger.runs(through: ranges.last?.upperBound ?? Timestamp(seconds: Origin.begin))
        guard runs.count == ranges.count else { throw BenchmarkError("there are \(runs.count) runs") }
        return runs
    }

    static func markers(
        of definition: ScenarioDefinition, _ index: Int, _ range: ClosedRange<Timestamp>
    ) throws -> [RunEvent] {
        let id = try Origin.identifier("r\(index + 1)")
        return [
            RunEvent(.start, scenario: definition.id, run: id, at: range.lowerBound),
            RunEvent(.stop, scenario: definition.id, run: id, at: range.upperBound, outcome: "success"),
        ]
    }

    /// Every series of the mixes of joints is a metric's, and the three of the host that the shipped scenario looks at.
    static let scenario = """
        schema: fieldproof/scenario/v1
        id: bench
        version: 1.0.0
        title: Bench
        setting: real
        metrics:
          position: {series: joint.position, where: {joint: "*"}, unit: rad, every: 100ms}
          velocity: {series: joint.velocity, where: {joint: "*"}, unit: rad/s, every: 100ms}
          torque: {series: joint.torque, where: {joint: "*"}, unit: N.m, every: 100ms}
          heat: {series: joint.temperature, where: {joint: "*"}, unit: Cel, every: 100ms}
          cpu: {series: cpu.usage, where: {core: ""}, unit: "%", every: 1s}
          memory-usage: {series: memory.usage, unit: "%", every: 1s}
          memory-available: {series: memory.available, unit: MiBy, every: 1s}
          wrist-force: {series: wrist.force, where: {axis: "*"}, unit: N, every: 1ms}
          wrist-torque: {series: wrist.torque, where: {axis: "*"}, unit: N.m, every: 1ms}
        criteria:
          - {id: ok, statistic: proportion, outcome: success, at-least: 0.9, confidence: 0.95}
          - {id: hot, statistic: mean, metric: heat, reduce: max, at-most: 70 Cel, confidence: 0.95}
        """

}
