package import Configuration
package import Telemetry

/// What can be set of an input `iio`.
package struct IIOSettings: ConfigurationDecodable, Sendable {
    /// Nanoseconds between readings; of no meaning for a capture.
    package var every: Int64 = 1_000_000_000
    /// Chips by label or name; empty for all.
    package var chips: [NamePattern] = []
    /// Channels by the names of their files without ending, such as `in_accel_*`; empty for all.
    package var channels: [NamePattern] = []
    package var capture: IIOCaptureSettings?
    package var priority = PriorityClass.metric
    /// The device the series are about; nil for the agent's own.
    package var device: String?

    package init() {}

    package init(from reader: inout MappingReader) {
        every = reader.value("every", as: .nanoseconds(in: 1_000_000...86_400_000_000_000), default: every)
        chips = reader.value("chips", as: .namePatterns, default: chips)
        channels = reader.value("channels", as: .namePatterns, default: channels)
        capture = reader.optional("capture", as: .mapping(IIOCaptureSettings.self))
        priority = reader.value("class", as: .sampleClass, default: capture == nil ? .metric : .bulk)
        device = reader.optional("device", as: .identifier)
        if capture != nil, reader.contains("every") {
            reader.report("has no meaning beside 'capture', whose 'frequency' says it; remove it", key: "every")
        }
        if capture != nil, chips.count != 1, reader.isSound("chips") {
            reader.report(
                "a capture is of one chip; name it here, and give each other one an item of its own", key: "chips")
        }
    }

    func wants(_ chip: String) -> Bool { chips.isEmpty || chips.matches(chip) }
    func wants(channel: String) -> Bool { channels.isEmpty || channels.matches(channel) }
}

/// How samples are captured at a high rate, through a buffer of the kernel's.
package struct IIOCaptureSettings: ConfigurationDecodable, Sendable {
    /// Samples a second that the chip, or its trigger, is set to; nil leaves it as it is.
    package var frequency: Double?
    /// The name of the trigger; nil for a chip that has its own.
    package var trigger: String?
    /// Scans that the kernel keeps for a reader that is late.
    package var length = 1024
    /// Scans after which the reader is woken.
    package var watermark = 64

    package init() {}

    package init(from reader: inout MappingReader) {
        frequency = reader.optional("frequency", as: .double(in: 0.001...10_000_000))
        trigger = reader.optional("trigger", as: .nonEmptyString)
        length = reader.value("length", as: .integer(in: 2...1_048_576), default: length)
        watermark = reader.value("watermark", as: .integer(in: 1...524_288), default: watermark)
        if watermark > length { reader.report("must not be above 'length'", key: "watermark") }
    }
}
