import Health
import SegmentLog
import Telemetry
import Testing

@testable import Collector

@Suite("The collector's metrics")
struct CollectorMetricsTests {
    private func agents(_ count: Int) throws -> [AgentWatch.Agent: CollectorFigures.Agent] {
        var agents: [AgentWatch.Agent: CollectorFigures.Agent] = [:]
        for number in 0..<count {
            let name = "box-\(number + 1000)"
            let agent = AgentWatch.Agent(
                site: try #require(Identifier("lab")), agent: try #require(Identifier(name)))
            agents[agent] = CollectorFigures.Agent(
                frames: 2, samples: 30, duplicates: 1, lostSamples: 4, missingFrames: 5, standing: .heard)
        }
        return agents
    }

    private func text(_ agents: [AgentWatch.Agent: CollectorFigures.Agent]) -> [Substring] {
        let (told, others) = CollectorFigures.bounded(agents)
        var metrics = CollectorMetrics(MetricsText())
        let empty = LogStatistics(capacityBytes: nil, usedBytes: 0, freeBytes: 0, lanes: [])
        metrics.agents(
            CollectorFigures(
                counters: CollectorCounters(), isConnected: true, log: empty, damaged: 0, uncommitted: 0, foldLag: 0,
                agents: told, others: others, standings: ["heard": agents.count], scenarios: []))
        return String(decoding: metrics.text.bytes, as: UTF8.self).split(separator: "\n")
    }

    @Test("tell of every refusal, also of documents and run markers")
    func refusals() {
        var counters = CollectorCounters()
        for word in FrameRefusal.words { counters.refuse(word) }
        counters.refuse(FrameRefusal.documentWord)
        var metrics = CollectorMetrics(MetricsText())
        metrics.intake(
            CollectorFigures(
                counters: counters, isConnected: true,
                log: LogStatistics(capacityBytes: nil, usedBytes: 0, freeBytes: 0, lanes: []), damaged: 0,
                uncommitted: 0, foldLag: 0, agents: [], others: nil, standings: [:], scenarios: []))
        let lines = String(decoding: metrics.text.bytes, as: UTF8.self).split(separator: "\n")
        #expect(lines.contains(#"fieldproof_collector_payloads_refused_total{reason="document"} 2"#))
        #expect(lines.contains(#"fieldproof_collector_payloads_refused_total{reason="run-marker"} 1"#))
    }

    @Test("tell agents one by one, as long as they are few")
    func few() throws {
        let lines = text(try agents(200))
        #expect(lines.contains(#"fieldproof_collector_agent_samples_archived_total{site="lab",agent="box-1199"} 30"#))
        #expect(!lines.contains { $0.contains("_others") })
    }

    @Test("tell of many agents no more than of few, and lose none of what they sent")
    func many() throws {
        let few = text(try agents(201))
        let many = text(try agents(5000))
        #expect(few.count == many.count)
        #expect(many.contains(#"fieldproof_collector_agents{standing="heard"} 5000"#))
        let samples = many.filter { $0.hasPrefix("fieldproof_collector_agent_samples_archived_total{") }
        let values = samples.compactMap { $0.split(separator: " ").last.flatMap { Int($0) } }
        #expect(values.reduce(0, +) == 5000 * 30)
        #expect(many.contains(#"fieldproof_collector_agent_frames_missing{site="_others",agent="_others"} 24000"#))
        // Of more than one nobody can say whether it is silent.
        #expect(!many.contains { $0.hasPrefix("fieldproof_collector_agent_silent{") && $0.contains("_others") })
    }
}
