import Telemetry

/// Reads channels one by one; looks for new devices every minute.
struct IIOReader: HostReader {
    private struct Channel {
        let file: HostFile
        let scaling: IIOScaling
        let series: SeriesID?
        var memory = SensorMemory()
    }

    private let settings: IIOSettings
    private let directory: String
    private let stop: Waker?
    private var channels: [Channel] = []
    private var survey: Int?

    /// - Parameters:
    ///   - settings: which chips and channels.
    ///   - root: what stands before `/sys`.
    ///   - stop: ends a reading early.
    init(_ settings: IIOSettings, root: String, stop: Waker? = nil) {
        self.settings = settings
        self.stop = stop
        directory = root + "/sys/bus/iio/devices"
    }

    mutating func read(_ pass: inout HostPass) -> Bool {
        if survey != pass.survey {
            survey = pass.survey
            find(pass)
        }
        for index in channels.indices {
            // Each may wait for a conversion of its own.
            if let stop, stop.isWoken { break }
            let channel = channels[index]
            let text = pass.text(channel.file)
            if let text, let raw = Double(text.prefix { !$0.isWhitespace }) {
                pass.add(channel.series, channel.scaling.value(of: raw), &channels[index].memory, range: nil)
            } else {
                pass.addFailure(of: channel.series, &channels[index].memory)
            }
        }
        return !channels.isEmpty
    }

    private mutating func find(_ pass: HostPass) {
        let known = Dictionary(channels.map { ($0.file.path, $0) }, uniquingKeysWith: { first, _ in first })
        channels = IIODevice.all(in: directory).filter { settings.wants($0.name) }.flatMap { device in
            device.channels.filter { settings.wants(channel: $0.stem) }.map { name in
                // What the driver has scaled already is in its unit; raw numbers need offset and scale.
                let isRaw = !device.files.contains(name.stem + "_input")
                let path = "\(device.path)/\(name.stem)\(isRaw ? "_raw" : "_input")"
                let scaling =
                    isRaw
                    ? device.scaling(of: name)
                    : IIOScaling(offset: 0, scale: 1, divisor: IIOQuantity.of(name.type).divisor)
                let before = known[path]
                return Channel(
                    file: before?.file ?? HostFile(path), scaling: scaling, series: device.series(of: name, pass),
                    memory: before?.memory ?? SensorMemory())
            }
        }
    }
}
