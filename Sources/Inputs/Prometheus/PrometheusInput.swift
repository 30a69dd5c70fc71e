import Logging
import Telemetry

/// Reads the metrics that a program offers to Prometheus.
package struct PrometheusInput: Input {
    package static let kind = "prometheus"
    package static let summary = "metrics that a program offers to Prometheus, read over HTTP"
    package static let sample = """
        - type: prometheus
          # http://host:port/path, or unix:/path.sock:/metrics. For https put a proxy on this box in front of it.
          url: http://127.0.0.1:9100/metrics
          # Time between scrapes, 100ms to 1 day.
          every: 10s
          # When a scrape is given up; at most 'every'.
          timeout: 10s
          # A larger answer is refused.
          size: 16MiB
          # The metrics to take, by the names the server gives them; '*' and '?' as in the shell. By default all.
          match: ["node_load*", "node_memory_*", "node_cpu_seconds_total", "node_hwmon_*"]
          # Metrics to leave out of those.
          # exclude: ["*_info"]
          # More series than this are dropped and counted.
          series: 5000
          # Timestamps that the server writes: honour or ignore.
          timestamps: honour
          # Stands before the names of series: plc.node_load1.
          # prefix: plc
          # metric (default), or bulk, which goes first when the disk is full.
          class: metric
          # The device the series are about, by default the agent itself.
          # device: plc-2
          # Units by the names of series, UCUM codes; by default what the name ends in: _seconds, _bytes, _celsius.
          # units: {node_load1: "1"}
        """

    private let settings: PrometheusSettings
    private let environment: InputEnvironment

    package init(_ settings: PrometheusSettings, environment: InputEnvironment) throws(InputError) {
        self.settings = settings
        self.environment = environment
    }

    package func run(into sink: any SampleSink, until stop: Waker) throws(InputError) {
        var ticker = Ticker(every: settings.every, watch: environment.watch)
        var intake = ScrapeIntake(settings, environment: environment, sink: sink)
        var response = HTTPResponse(limit: Int(settings.size))
        var source = SourceState("\(settings.target)", of: environment)
        while let tick = ticker.next(until: stop) {
            if tick.skipped > 0 { sink.reject(tick.skipped, from: environment.name, reason: "skipped tick") }
            // A server that is away is asked at every tick: a scrape that fails costs little, and says that it is away.
            guard let problem = scrape(&response, &intake, stop) else { return }
            if let problem { _ = source.failed(problem.message) } else { source.answered() }
        }
    }

    /// - Returns: what was wrong, or nil within when all was right; nil when the input is to end.
    private func scrape(
        _ response: inout HTTPResponse, _ intake: inout ScrapeIntake, _ stop: Waker
    ) -> ScrapeProblem?? {
        response.reset()
        let begin = monotonicNanoseconds()
        let time = environment.now()
        do throws(HTTPConnection.Failure) {
            try HTTPConnection.get(settings.target, into: &response, deadline: begin + settings.timeout, until: stop)
        } catch {
            switch error {
            case .stopped: return nil
            case .failed(let problem):
                intake.failed(at: time)
                return .some(problem)
            }
        }
        guard response.status == 200 else {
            intake.failed(at: time)
            let advice = (300..<400).contains(response.status) ? "; give the url that it leads to" : ""
            return .some(ScrapeProblem("it answered with the status \(response.status)\(advice)"))
        }
        let isOpenMetrics = response.contentType.hasPrefix("application/openmetrics-text")
        let elapsed = monotonicNanoseconds() - begin
        let isWhole = response.body.withUnsafeBytes { body in
            intake.take(body, isOpenMetrics: isOpenMetrics, at: time, elapsed: elapsed)
        }
        return .some(isWhole ? nil : ScrapeProblem("the answer has no '# EOF' at its end, so something is missing"))
    }
}
