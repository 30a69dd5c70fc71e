import Logging

/// Takes InfluxDB line protocol on a unix, TCP or UDP socket.
package struct LineInput: Input {
    package static let kind = "line"
    package static let summary = "InfluxDB line protocol on a unix, TCP or UDP socket"
    package static let sample = """
        - type: line
          # Where programs send lines: unix:/path, tcp:ADDRESS:PORT or udp:ADDRESS:PORT.
          # Who can reach a TCP or UDP address can write: keep to 127.0.0.1 unless the network is yours.
          listen: "unix:/run/fieldproof/line.sock"
          # Permissions of a unix socket: who may write.
          mode: "0660"
          # The unit of timestamps in lines: ns, us, ms or s. Lines without one get the time of arrival.
          precision: ns
          # metric (default), or bulk for raw data at a high rate, which goes first when the disk is full.
          class: metric
          # How many clients may be connected at once.
          connections: 64
          # The device that lines without a tag 'device' are about, by default the agent itself.
          # device: gripper-2
          # Units of series, UCUM codes: the protocol has none, and what is not named here has the unit 1.
          # units: {gripper.force: N, joint.temperature: Cel}
        """

    private let settings: LineSettings
    private let environment: InputEnvironment

    package init(_ settings: LineSettings, environment: InputEnvironment) throws(InputError) {
        self.settings = settings
        self.environment = environment
    }

    package func run(into sink: any SampleSink, until stop: Waker) throws(InputError) {
        try run(into: sink, until: stop) { _ in }
    }

    /// - Parameters:
    ///   - sink: gets the samples and events.
    ///   - stop: ends it.
    ///   - listening: called once lines can come in, with the port of a TCP or UDP socket.
    /// - Throws: `InputError` when the address cannot be had.
    func run(into sink: any SampleSink, until stop: Waker, listening: (UInt16?) -> Void) throws(InputError) {
        let socket = try LineSocket(settings.listen, mode: settings.mode, input: environment.name)
        environment.logger.info("listening on \(settings.listen)")
        listening(socket.port)
        var server = LineServer(socket, settings, environment: environment, sink: sink)
        try server.serve(until: stop)
    }
}
