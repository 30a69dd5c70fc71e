import Logging

#if canImport(Glibc)
import Glibc
#else
import Musl
#endif

/// Takes records from an instrument on a serial port.
package struct SerialInput: Input {
    package static let kind = "serial"
    package static let summary = "records of text from a serial port"
    package static let sample = """
        - type: serial
          # Take the name under /dev/serial/by-id: /dev/ttyUSB0 is another device after the next reboot.
          port: /dev/ttyUSB0
          baud: 9600
          data-bits: 8
          # none, even or odd.
          parity: none
          stop-bits: 1
          # none, hardware (RTS/CTS) or software (XON/XOFF).
          flow: none
          # No other program may have the port meanwhile.
          exclusive: true
          # What ends a record: lf (also after cr), cr, or a character.
          terminator: lf
          # For an instrument that answers only when asked: what to send, and how often.
          # request: "READ?\\n"
          # every: 1s
          # line, senml, json, csv, key-value or nmea; in full {type: csv, columns: [force], fields: {gripper.force: force}}.
          format: nmea
          # metric (default), or bulk for raw data at a high rate, which goes first when the disk is full.
          class: metric
          # The device that records are about, by default the agent itself.
          # device: gripper-2
          # Tags of every series.
          # tags: {mast: port}
          # Units of series, UCUM codes, where neither records nor the format say them.
          # units: {gripper.force: N}
        """

    private let settings: SerialSettings
    private let environment: InputEnvironment

    package init(_ settings: SerialSettings, environment: InputEnvironment) throws(InputError) {
        self.settings = settings
        self.environment = environment
    }

    package func run(into sink: any SampleSink, until stop: Waker) throws(InputError) {
        let intake = RecordIntake(settings.records, from: settings.port, environment: environment, sink: sink)
        var stream = RecordStream(intake, settings.terminator, now: environment.now)
        var state = SourceState(settings.port, of: environment)
        while true {
            let reason: String
            do throws(SerialPort.Failure) {
                let port = try SerialPort(settings, root: environment.root)
                stream.restart()
                guard let failure = try serve(port, &stream, &state, until: stop) else { return }
                reason = failure
            } catch {
                reason = error.message
            }
            stream.finish(isWhole: false)
            let due = monotonicNanoseconds() + state.failed(reason)
            while monotonicNanoseconds() < due {
                if stop.wait(nanoseconds: due - monotonicNanoseconds()) { return }
            }
        }
    }

    /// Reads the port until it fails.
    ///
    /// - Returns: why it failed; nil when it is time to end.
    private func serve(
        _ port: borrowing SerialPort, _ stream: inout RecordStream, _ state: inout SourceState, until stop: Waker
    ) throws(SerialPort.Failure) -> String? {
        let opened = monotonicNanoseconds()
        let request = settings.request.map { Array($0.utf8) }
        var schedule = TickSchedule(every: settings.every, first: opened)
        var isAnswered = true
        var isFirst = request == nil
        while true {
            if let request, schedule.take(at: monotonicNanoseconds()) != nil {
                if !isAnswered { _ = state.failed("the request is not answered") }
                isAnswered = false
                try port.send(request)
            }
            let wait = request == nil ? -1 : Readiness.milliseconds(until: schedule.due)
            do throws(InputError) {
                guard
                    try Readiness.wait(
                        for: [port.descriptor], until: stop, milliseconds: wait, input: environment.name)
                else {
                    stream.finish(isWhole: false)
                    return nil
                }
            } catch {
                throw SerialPort.Failure(message: error.description)
            }
            if isFirst, Readiness.isReadable(port.descriptor) {
                isFirst = false
                if monotonicNanoseconds() - opened < settings.midst { stream.splitter.skipRecord() }
            }
            switch stream.read(port.descriptor) {
            case .bytes:
                isAnswered = true
                state.answered()
            case .nothing: continue
            case .end: return "the port was unplugged or closed"
            case .failure(let error):
                return error == EIO ? "the port was unplugged or closed" : systemMessage(error)
            }
        }
    }
}
