import Scenarios
import Telemetry

extension Evidence {
    /// The runs before the first one at their sites that is still open.
    ///
    /// Whoever stops when the runs please must take them as they come: where failures last longer than successes, the runs that have
    /// ended are better than the runs.
    func settled(_ runs: [Run]) -> [Run] {
        let sites = Set(runs.map(\.site))
        let open = self.runs.filter { $0.exclusion == .unfinished && sites.contains($0.site) }.compactMap(\.start).min()
        guard let open else { return runs }
        return runs.filter { ($0.start ?? $0.stop).map { $0 < open } ?? false }
    }
}
