import Logging
import Telemetry

#if canImport(Glibc)
import Glibc
#else
import Musl
#endif

/// Takes statsd datagrams and gives their summary per interval.
package struct StatsdInput: Input {
    package static let kind = "statsd"
    package static let summary = "statsd and DogStatsD metrics in datagrams, summed up per interval"
    package static let sample = """
        - type: statsd
          # Where programs send datagrams: udp:ADDRESS:PORT, or unix:/path for a datagram socket.
          # Who can reach a UDP address can write: keep to 127.0.0.1 unless the network is yours.
          listen: "udp:127.0.0.1:8125"
          # How long is summed up, 100ms to 1h.
          every: 10s
          # Of timers and histograms, beside count, mean, min and max.
          percentiles: [50, 95, 99]
          # How many names, with their tags, are followed; more are dropped and counted.
          names: 10000
          # Stands before the names of series: app.requests.
          # prefix: app
          # metric (default), or bulk, which goes first when the disk is full.
          class: metric
          # The device that metrics without a tag 'device' are about, by default the agent itself.
          # device: gripper-2
          # Units by the names of metrics, UCUM codes; timers are in ms, all others in 1.
          # units: {queue.size: By}
        """

    private let settings: StatsdSettings
    private let environment: InputEnvironment

    package init(_ settings: StatsdSettings, environment: InputEnvironment) throws(InputError) {
        self.settings = settings
        self.environment = environment
    }

    package func run(into sink: any SampleSink, until stop: Waker) throws(InputError) {
        try run(into: sink, until: stop) { _ in }
    }

    /// - Parameters:
    ///   - sink: gets the samples.
    ///   - stop: ends it.
    ///   - listening: called once datagrams can come in, with the port of a UDP socket.
    /// - Throws: `InputError` when the address cannot be had, or the system does not let the thread wait.
    func run(into sink: any SampleSink, until stop: Waker, listening: (UInt16?) -> Void) throws(InputError) {
        let socket = try LineSocket(settings.listen, mode: settings.mode, input: environment.name, isDatagram: true)
        defer { socket.close() }
        environment.logger.info("listening on \(settings.listen)")
        listening(socket.port)
        var intake = StatsdIntake(settings, environment: environment, sink: sink)
        defer { intake.flush(at: environment.now()) }
        let buffer = ReadBuffer(count: 65_536)
        var lost: UInt32 = 0
        var schedule = TickSchedule(every: settings.every, first: monotonicNanoseconds() + settings.every)
        while true {
            var polled = [
                pollfd(fd: stop.descriptor, events: Int16(POLLIN), revents: 0),
                pollfd(fd: socket.descriptor, events: Int16(POLLIN), revents: 0),
            ]
            let wait = Int32(clamping: max(0, (schedule.due - monotonicNanoseconds() + 999_999) / 1_000_000))
            let ready = retryingInterrupts { poll(&polled, 2, wait) }
            guard ready.error == 0 else {
                throw InputError(.system, input: environment.name, "cannot wait for datagrams", cause: ready.error)
            }
            let isEnd = polled[0].revents != 0
            if polled[1].revents != 0 || isEnd {
                receive(socket.descriptor, buffer, &lost, &intake, sink)
            }
            if isEnd { return }
            // A box that slept has one long interval, not many empty ones.
            if schedule.take(at: monotonicNanoseconds()) != nil { intake.flush(at: environment.now()) }
        }
    }

    private func receive(
        _ descriptor: Int32, _ buffer: ReadBuffer, _ lost: inout UInt32, _ intake: inout StatsdIntake,
        _ sink: any SampleSink
    ) {
        // Bounded, so that a flood can keep neither the end nor the interval from being seen.
        for _ in 0..<1024 {
            guard let datagram = buffer.withUnsafeMutableBytes({ Datagram.receive(descriptor, into: $0) }) else {
                return
            }
            if let count = datagram.lostSoFar, count != lost {
                sink.reject(Int(count &- lost), from: environment.name, reason: "datagram lost")
                lost = count
            }
            buffer.withUnsafeBytes { bytes in
                intake.take(
                    UnsafeRawBufferPointer(rebasing: bytes[..<datagram.count]),
                    from: datagram.sender.family == AF_UNIX ? "a process" : datagram.sender.text)
            }
        }
    }
}
