package import JSON
package import Telemetry

/// What an agent says of itself now and then, retained, on `<site>/<agent>/pulse`: that it lives, and what its spool still holds.
///
/// On the wire: `{"time":"…","install":"…","epoch":3,"uptime_s":86400.5,"pending":{"event":{"frames":0},"metric":{"frames":12,
/// "oldest":"…"},"bulk":{"frames":0}},"used_bytes":…,"free_bytes":…,"evicted":{"frames":0,"samples":0},"rejected":0,
/// "clock":{"synchronised":true,"error_s":0.01}}`.
package struct Pulse: Hashable, Sendable {
    package struct Waiting: Hashable, Sendable {
        package var frames: UInt64
        /// When the first of them was made, by the box's clock.
        package var oldest: Timestamp?

        package init(frames: UInt64 = 0, oldest: Timestamp? = nil) {
            self.frames = frames
            self.oldest = oldest
        }
    }

    /// The box's wall clock.
    package var time: Timestamp
    package var install: UUIDBytes
    package var epoch: UInt64
    /// Seconds since the agent started.
    package var uptime: Double
    /// By class, in their order.
    package var pending: [Waiting]
    package var usedBytes: UInt64
    package var freeBytes: UInt64
    /// Given up for want of room since the start.
    package var evictedFrames: UInt64
    package var evictedSamples: UInt64
    /// Refused by the intake since the start, whatever for.
    package var rejected: UInt64
    package var clock: ClockState

    package init(
        time: Timestamp, install: UUIDBytes, epoch: UInt64, uptime: Double, pending: [Waiting], usedBytes: UInt64,
        freeBytes: UInt64, evictedFrames: UInt64, evictedSamples: UInt64, rejected: UInt64, clock: ClockState
    ) {
        self.time = time
        self.install = install
        self.epoch = epoch
        self.uptime = uptime
        self.pending = pending
        self.usedBytes = usedBytes
        self.freeBytes = freeBytes
        self.evictedFrames = evictedFrames
        self.evictedSamples = evictedSamples
        self.rejected = rejected
        self.clock = clock
    }

    /// Frames that wait, of all classes.
    package var pendingFrames: UInt64 {
        pending.reduce(0) { sum, waiting in
            let (total, overflow) = sum.addingReportingOverflow(waiting.frames)
            return overflow ? .max : total
        }
    }

    /// The pulse as compact JSON.
    package var json: [UInt8] {
        var writer = JSONWriter()
        writer.beginObject()
        writer.member("time", time.description)
        writer.member("install", install.description)
        writer.member("epoch", epoch)
        writer.member("uptime_s", uptime)
        writer.key("pending")
        writer.beginObject()
        for (priority, waiting) in zip(PriorityClass.allCases, pending) {
            writer.key(priority.name)
            writer.beginObject()
            writer.member("frames", waiting.frames)
            if let oldest = waiting.oldest { writer.member("oldest", oldest.description) }
            writer.endObject()
        }
        writer.endObject()
        writer.member("used_bytes", usedBytes)
        writer.member("free_bytes", freeBytes)
        writer.key("evicted")
        writer.beginObject()
        writer.member("frames", evictedFrames)
        writer.member("samples", evictedSamples)
        writer.endObject()
        writer.member("rejected", rejected)
        writer.key("clock")
        writer.write(clock)
        writer.endObject()
        return writer.bytes
    }

    /// - Throws: `DeliveryError` naming the first field that is missing or wrong.
    package init(json bytes: [UInt8]) throws(DeliveryError) {
        let message = try Message(bytes)
        guard let time = Timestamp(rfc3339: try message.text("time")) else {
            throw .invalid("time", "a time such as 2026-01-31T08:15:30Z")
        }
        self.time = time
        install = try message.name("install")
        epoch = try message.count("epoch")
        guard let uptime = message["uptime_s"]?.double, uptime.isFinite, uptime >= 0 else {
            throw .invalid("uptime_s", "seconds, 0 or more")
        }
        self.uptime = uptime
        pending = []
        for priority in PriorityClass.allCases {
            let waiting = message["pending"]?[priority.name]
            guard let frames = waiting?["frames"]?.int64, frames >= 0 else {
                throw .invalid("pending", "an object with 'frames' for event, metric and bulk")
            }
            var oldest: Timestamp?
            if let text = waiting?["oldest"]?.string { oldest = Timestamp(rfc3339: text) }
            pending.append(Waiting(frames: UInt64(frames), oldest: oldest))
        }
        usedBytes = try message.count("used_bytes")
        freeBytes = try message.count("free_bytes")
        guard let frames = message["evicted"]?["frames"]?.int64, let samples = message["evicted"]?["samples"]?.int64,
            frames >= 0, samples >= 0
        else { throw .invalid("evicted", "an object with 'frames' and 'samples'") }
        evictedFrames = UInt64(frames)
        evictedSamples = UInt64(samples)
        rejected = try message.count("rejected")
        guard let clock = message["clock"].flatMap(ClockState.init(json:)) else {
            throw .invalid("clock", "an object with 'synchronised' and 'error_s'")
        }
        self.clock = clock
    }
}

extension JSONWriter {
    /// `{"synchronised":true,"error_s":0.01}`.
    fileprivate mutating func write(_ clock: ClockState) {
        beginObject()
        member("synchronised", clock.isSynchronised)
        member("error_s", Double(clock.maximumError) / 1e9)
        endObject()
    }
}

extension ClockState {
    /// As `meta` and ``Pulse`` have it; nil for anything else.
    package init?(json value: JSONValue) {
        guard let flag = value["synchronised"]?.bool, let error = value["error_s"]?.double, error >= 0 else {
            return nil
        }
        self.init(isSynchronised: flag, maximumError: error < 9e9 ? Int64((error * 1e9).rounded()) : .max)
    }
}
