import Logging

#if canImport(Glibc)
import Glibc
#else
import Musl
#endif

/// Takes records from the agent's standard input.
package struct StdinInput: Input {
    package static let kind = "stdin"
    package static let summary = "records of text on the agent's standard input"
    package static let sample = """
        - type: stdin
          # line, senml, json, csv, key-value or nmea; in full {type: json, fields: {room.temperature: /temp}, …}.
          format: line
          # What ends a record: lf (also after cr), cr, or a character.
          terminator: lf
          # metric (default), or bulk for raw data at a high rate, which goes first when the disk is full.
          class: metric
          # The device that records are about, by default the agent itself.
          # device: gripper-2
          # Tags of every series.
          # tags: {side: left}
          # Units of series, UCUM codes, where neither records nor the format say them.
          # units: {gripper.force: N}
        """

    private let settings: StdinSettings
    private let environment: InputEnvironment

    package init(_ settings: StdinSettings, environment: InputEnvironment) throws(InputError) {
        self.settings = settings
        self.environment = environment
    }

    package func run(into sink: any SampleSink, until stop: Waker) throws(InputError) {
        try run(into: sink, until: stop, descriptor: STDIN_FILENO)
    }

    /// Reads `descriptor` to its end, and then waits to be told to end: a pipe that is over does not come back.
    func run(into sink: any SampleSink, until stop: Waker, descriptor: Int32) throws(InputError) {
        let intake = RecordIntake(settings.records, from: "standard input", environment: environment, sink: sink)
        var stream = RecordStream(intake, settings.terminator, now: environment.now)
        while try Readiness.wait(for: [descriptor], until: stop, milliseconds: -1, input: environment.name) {
            switch stream.read(descriptor) {
            case .bytes, .nothing: continue
            case .end:
                stream.finish(isWhole: true)
                environment.logger.info("the standard input has ended")
            case .failure(let error):
                stream.finish(isWhole: false)
                environment.logger.warning(
                    "the standard input cannot be read", metadata: ["reason": "\(systemMessage(error))"])
            }
            while !stop.wait(nanoseconds: .max) {}
            return
        }
        // What has been sent before the end is taken; a pipe holds 64 KiB, and whoever goes on writing is not waited for.
        for _ in 0..<16 where Readiness.isReadable(descriptor) {
            guard case .bytes = stream.read(descriptor) else { break }
        }
        stream.finish(isWhole: false)
    }
}
