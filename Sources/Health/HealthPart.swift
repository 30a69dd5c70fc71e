package import Logging
package import Platform

extension Daemon.Part {
    /// The part of a daemon that tells whoever asks how it is; none where the settings say nothing of it. It listens from now on.
    ///
    /// `report`: what `/healthz` says. `metrics`: what `/metrics` says.
    /// Throws `HealthError` when the address is taken, or cannot be listened on.
    package static func health(
        _ settings: HealthSettings?, report: @escaping @Sendable () -> HealthReport,
        metrics: @escaping @Sendable () -> MetricsText, logger: Logger
    ) throws(HealthError) -> [Daemon.Part] {
        guard let address = settings?.listen else { return [] }
        if address.isOpenToNetwork {
            logger.warning(
                "whoever reaches this port may read how the program is; listen on 127.0.0.1 or a unix socket, or see to a firewall",
                metadata: ["health": "\(address)"])
        }
        let server = try HealthServer(address)
        return [
            Daemon.Part("health", patience: 5) {
                server.serve { path in
                    switch path {
                    case "/healthz": report().answer
                    case "/metrics": HTTPAnswer(.ok, MetricsText.contentType, metrics().bytes)
                    case "/": HTTPAnswer(.ok, "/healthz\n/metrics")
                    default: HTTPAnswer(.notFound, "there are /healthz and /metrics")
                    }
                }
            } stop: {
                server.stop()
            }
        ]
    }
}
