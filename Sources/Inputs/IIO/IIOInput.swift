import Logging
import Telemetry

#if canImport(Glibc)
import Glibc
#else
import Musl
#endif

/// Reads analogue-digital converters, inertial and environmental sensors by the kernel's Industrial I/O.
package struct IIOInput: Input {
    package static let kind = "iio"
    package static let summary =
        "converters, inertial and environmental sensors by the kernel's IIO, also at high rates"
    package static let sample = """
        - type: iio
          # Time between readings, 1ms to 1d. For more than a hundred a second, use 'capture'.
          every: 1s
          # Which chips, by label or name; '*' and '?' as in the shell. Without it all.
          # chips: [bme280]
          # Which channels, by the names of their files without '_raw' or '_input'. Without it all.
          # channels: [in_temp, "in_accel_*"]
          # metric (default, with a capture bulk), or bulk.
          class: metric
          # The device the series are about, by default the agent itself.
          # device: arm-07
        # The same through the kernel's buffer, for one chip at a high rate:
        # - type: iio
        #   name: vibration
        #   chips: [adxl355]
        #   channels: ["in_accel_*"]
        #   capture:
        #     # Samples a second; without it as the chip is set.
        #     frequency: 1000
        #     # The name of a trigger, for a chip that has none of its own.
        #     # trigger: adxl355-dev0
        #     # Scans that the kernel keeps for a late reader, and after how many the reader is woken.
        #     length: 4096
        #     watermark: 100
        """

    private let settings: IIOSettings
    private let environment: InputEnvironment

    package init(_ settings: IIOSettings, environment: InputEnvironment) throws(InputError) {
        self.settings = settings
        self.environment = environment
    }

    package func run(into sink: any SampleSink, until stop: Waker) throws(InputError) {
        guard settings.capture != nil else {
            return PolledSensors(
                every: settings.every, priority: settings.priority, source: "/sys/bus/iio/devices",
                advice: "there is no channel to read; is the driver loaded, and do 'chips' and 'channels' name some?",
                environment: environment
            )
            .run(
                IIOReader(settings, root: environment.root, stop: stop), device: settings.device, into: sink,
                until: stop)
        }
        var source = SourceState("iio \(settings.chips.first?.description ?? "")", of: environment)
        while !stop.isWoken {
            let pause: Int64
            do throws(IIOFailure) {
                try capture(into: sink, until: stop, &source)
                return
            } catch {
                pause = source.failed(error.reason)
                sink.reject(1, from: environment.name, reason: "no capture")
            }
            if stop.wait(nanoseconds: pause) { return }
        }
    }

    /// Captures until `stop` is woken or the device is gone.
    private func capture(into sink: any SampleSink, until stop: Waker, _ source: inout SourceState) throws(IIOFailure) {
        let moment = HostMoment(wall: environment.now(), monotonic: monotonicNanoseconds())
        let pass = HostPass(
            root: environment.root, tags: environment.deviceTags(settings.device), sink: sink, moment: moment)
        let capture = try IIOCapture.start(settings, root: environment.root, pass)
        // As much as the kernel keeps, in whole scans.
        let length = settings.capture?.length ?? 1
        var buffer = [UInt8](repeating: 0, count: capture.layout.size * length)
        var samples: [Sample] = []
        var filled = 0
        while true {
            var polled = [
                pollfd(fd: capture.descriptor, events: Int16(POLLIN), revents: 0),
                pollfd(fd: stop.descriptor, events: Int16(POLLIN), revents: 0),
            ]
            guard retryingInterrupts({ poll(&polled, 2, -1) }).error == 0 else {
                throw IIOFailure("cannot wait for it")
            }
            if polled[1].revents != 0 { return }
            let got = buffer.withUnsafeMutableBytes { bytes in
                let room = UnsafeMutableRawBufferPointer(rebasing: bytes[filled...])
                return retryingInterrupts { read(capture.descriptor, room.baseAddress, room.count) }
            }
            if got.error == EAGAIN {
                // An error without data is that of a device which has gone, and would be there again at once.
                guard polled[0].revents & Int16(POLLERR | POLLNVAL) == 0 else { throw IIOFailure("the chip has gone") }
                continue
            }
            guard got.error == 0, got.result > 0 else {
                throw IIOFailure("the capture has ended" + (got.error == 0 ? "" : ": \(systemMessage(got.error))"))
            }
            source.answered()
            filled += got.result
            let whole = filled / capture.layout.size * capture.layout.size
            var overLimit = 0
            let now = environment.now()
            buffer.withUnsafeBytes { bytes in
                capture.read(UnsafeRawBufferPointer(rebasing: bytes[..<whole]), now: now) { series, time, value in
                    guard let series else { return overLimit += 1 }
                    samples.append(Sample(series: series, timestamp: time, value: .double(value)))
                }
            }
            // A device gives whole scans; a pipe that plays one may not.
            buffer.withUnsafeMutableBytes { bytes in
                bytes.copyBytes(from: UnsafeRawBufferPointer(rebasing: bytes[whole..<filled]))
            }
            filled -= whole
            if !samples.isEmpty { sink.accept(samples, priority: settings.priority) }
            samples.removeAll(keepingCapacity: true)
            if overLimit > 0 { sink.reject(overLimit, from: environment.name, reason: "limit on series") }
        }
    }
}
