import Logging

#if canImport(Glibc)
import Glibc
#else
import Musl
#endif

/// Takes records that a program writes.
package struct ExecInput: Input {
    package static let kind = "exec"
    package static let summary = "records of text that a program writes"
    package static let sample = """
        - type: exec
          # The program and its arguments; no shell looks at them. Without a '/' it is looked for in PATH.
          command: [/usr/local/bin/read-scale, --port, "3"]
          # poll: the program runs at each tick and ends. stream: it runs all the time.
          mode: poll
          every: 10s
          # How long one run may take; then its process group gets SIGTERM and, 1 s later, SIGKILL.
          timeout: 10s
          # For mode: stream. When to start it again: always, on-failure or never; pauses double from first to longest.
          # restart: {when: always, first: 1s, longest: 60s}
          # lines: every line is a record; output: all that a run writes is one, such as a JSON document over many lines.
          records: lines
          # line, senml, json, csv, key-value or nmea; in full {type: json, fields: {scale.weight: {pointer: /w, unit: g}}}.
          format: line
          # Where it runs, and what its environment has beside PATH, HOME, LANG, TZ and the like.
          # directory: /var/lib/scale
          # environment: {SCALE_PORT: "3"}
          # metric (default), or bulk for raw data at a high rate, which goes first when the disk is full.
          class: metric
          # The device that records are about, by default the agent itself.
          # device: gripper-2
          # Tags of every series.
          # tags: {side: left}
          # Units of series, UCUM codes, where neither records nor the format say them.
          # units: {gripper.force: N}
        """

    private let settings: ExecSettings
    private let environment: InputEnvironment

    package init(_ settings: ExecSettings, environment: InputEnvironment) throws(InputError) {
        self.settings = settings
        self.environment = environment
    }

    package func run(into sink: any SampleSink, until stop: Waker) throws(InputError) {
        var program = ExecProgram(settings, environment: environment, sink: sink)
        switch settings.mode {
        case .poll(let every, let timeout):
            var ticker = Ticker(every: every, watch: environment.watch)
            while let tick = ticker.next(until: stop) {
                if tick.skipped > 0 { sink.reject(tick.skipped, from: environment.name, reason: "skipped tick") }
                if program.poll(timeout: timeout, until: stop) == .stopped { return }
            }
        case .stream(let restart):
            program.stream(restart, until: stop)
        }
    }
}
