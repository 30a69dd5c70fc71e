import Telemetry

#if canImport(Glibc)
import Glibc
#else
import Musl
#endif

extension IIOCapture {
    /// Sets a device up and starts it.
    ///
    /// - Throws: `IIOFailure` that says which step failed and what to do.
    static func start(_ settings: IIOSettings, root: String, _ pass: HostPass) throws(IIOFailure) -> IIOCapture {
        let capture = settings.capture ?? IIOCaptureSettings()
        let directory = root + "/sys/bus/iio/devices"
        let devices = IIODevice.all(in: directory)
        guard let device = devices.first(where: { settings.wants($0.name) }) else {
            let names = devices.map(\.name).joined(separator: ", ")
            throw IIOFailure(
                "there is no such chip; " + (names.isEmpty ? "is its driver loaded?" : "there are: \(names)"))
        }
        let control = IIOControl(path: device.path)
        control.disable()
        let (elements, timestamp) = try elements(of: device, settings, control)
        try configure(device, capture, control, in: directory)

        let layout = IIOScanLayout((elements.map(\.type) + (timestamp.map { [$0] } ?? [])))
        let channels = zip(elements, layout.offsets).map { element, offset in
            Channel(
                type: element.type, offset: offset, scaling: device.scaling(of: element.name),
                series: series(of: element.name, element.type, device, pass))
        }
        let descriptor = open(root + "/dev/" + device.folder, O_RDONLY | O_NONBLOCK | O_CLOEXEC)
        guard descriptor >= 0 else {
            let number = errno
            let advice = number == EACCES ? "; give the agent's user the right to read it" : ""
            throw IIOFailure("cannot open /dev/\(device.folder): \(systemMessage(number))\(advice)")
        }
        let result = IIOCapture(
            channels: channels, dating: dating(device, timestamp, layout, capture), layout: layout,
            descriptor: descriptor,
            files: control)
        try control.set("buffer/enable", "1")
        return result
    }

    private struct Element {
        let name: IIOChannelName
        let type: IIOScanType
        let index: Int
    }

    /// Switches the wanted channels on and all others off.
    ///
    /// - Returns: the wanted channels in the order in which a scan has them, and the type of the time, which comes last.
    private static func elements(
        of device: IIODevice, _ settings: IIOSettings, _ control: IIOControl
    ) throws(IIOFailure) -> ([Element], IIOScanType?) {
        let folder = "\(device.path)/scan_elements"
        let stems = directoryNames(folder).filter { $0.hasSuffix("_en") }.map { String($0.dropLast(3)) }
        guard !stems.isEmpty else {
            throw IIOFailure("'\(device.name)' has no buffer; leave 'capture' out and read it")
        }
        var wanted: [Element] = []
        var timestamp: IIOScanType?
        for stem in stems {
            let isTime = stem == "in_timestamp"
            let name = IIOChannelName(stem)
            let isWanted = isTime || name != nil && settings.wants(channel: stem)
            try control.set("scan_elements/\(stem)_en", isWanted ? "1" : "0")
            guard isWanted, let name else { continue }
            let text = firstLine("\(folder)/\(stem)_type") ?? ""
            guard let type = IIOScanType(text), let index = firstLine("\(folder)/\(stem)_index").flatMap(Int.init)
            else {
                throw IIOFailure(
                    "the channel \(stem) has a type that is not known here, '\(text)'; leave it out of 'channels'")
            }
            if isTime { timestamp = type } else { wanted.append(Element(name: name, type: type, index: index)) }
        }
        guard !wanted.isEmpty else {
            throw IIOFailure("no channel of '\(device.name)' is wanted; it has \(stems.joined(separator: ", "))")
        }
        return (wanted.sorted { $0.index < $1.index }, timestamp)
    }

    private static func configure(
        _ device: IIODevice, _ capture: IIOCaptureSettings, _ control: IIOControl, in directory: String
    ) throws(IIOFailure) {
        var rated = control
        if let trigger = capture.trigger {
            try control.set("trigger/current_trigger", trigger)
            let folders = directoryNames(directory).filter { $0.hasPrefix("trigger") }
            if let folder = folders.first(where: { firstLine("\(directory)/\($0)/name") == trigger }),
                firstLine("\(directory)/\(folder)/sampling_frequency") != nil
            {
                rated = IIOControl(path: "\(directory)/\(folder)")
            }
        }
        if let frequency = capture.frequency {
            let text = frequency.rounded() == frequency ? "\(Int64(frequency))" : "\(frequency)"
            try rated.set("sampling_frequency", text)
        }
        try control.set("buffer/length", "\(capture.length)")
        // Drivers from before Linux 4.2 have none and wake a reader for each scan.
        if firstLine("\(device.path)/buffer/watermark") != nil {
            try control.set("buffer/watermark", "\(capture.watermark)")
        }
    }

    private static func series(
        of name: IIOChannelName, _ type: IIOScanType, _ device: IIODevice, _ pass: HostPass
    ) -> [SeriesID?] {
        guard type.count > 1 else { return [device.series(of: name, pass)] }
        let quantity = IIOQuantity.of(name.type)
        return (0..<type.count).map { part in
            pass.register(
                "iio.\(quantity.name)", device.tags(of: name) + [Tag("part", "\(part)")], unit: quantity.unit)
        }
    }

    /// The clocks that a device can date by (kernel source, drivers/iio/industrialio-core.c, `iio_show_timestamp_clock`).
    private static func dating(
        _ device: IIODevice, _ type: IIOScanType?, _ layout: IIOScanLayout, _ capture: IIOCaptureSettings
    ) -> Dating {
        guard let type, let offset = layout.offsets.last else {
            let frequency = capture.frequency ?? firstLine("\(device.path)/sampling_frequency").flatMap(Double.init)
            return .spaced(interval(at: frequency))
        }
        switch firstLine("\(device.path)/current_timestamp_clock") ?? "realtime" {
        case "monotonic", "monotonic_raw", "monotonic_coarse": return .other(type, offset, CLOCK_MONOTONIC)
        case "boottime": return .other(type, offset, CLOCK_BOOTTIME)
        default: return .wall(type, offset)
        }
    }
    /// The time between scans.
    ///
    /// - Parameter frequency: in Hz.
    /// - Returns: nanoseconds; 0 where the driver gives no rate that scans can have, such as 0 Hz for a chip that is switched off.
    static func interval(at frequency: Double?) -> Int64 {
        // As slow as the settings allow: a buffer's worth of intervals then fits a time.
        guard let frequency, frequency.isFinite, frequency >= 0.001 else { return 0 }
        return Int64(1e9 / frequency)
    }
}
