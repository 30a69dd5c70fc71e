package import Frames
package import Telemetry

/// The agent's SenML packs, without the agent.
package struct MeasuredSenML {
    private var view: SeriesView

    package init(site: Identifier, agent: Identifier, _ definitions: [SeriesDefinition]) {
        view = SeriesView(site: site, agent: agent)
        view.define(definitions)
    }

    /// Calls `publish` with SenML JSON packs of every sample of `batch`, as the agent publishes them.
    package mutating func packs(of batch: SampleBatch, publish: ([UInt8]) -> Void) {
        view.packs(of: batch, publish: publish)
    }
}
