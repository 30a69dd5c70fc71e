import Delivery
import Frames
import Installation
import JSON
import Telemetry

/// What people and other programs see of the data, beside frames: SenML packs, the latest value of everything, and the
/// description of the series.
///
/// Everything here is a view: it may be dropped without loss, since the frames carry the same data.
struct SeriesView {
    private struct Entry {
        let series: Series
        /// `<device>/<series>`.
        let name: String
        /// Bytes of the device's name in it.
        let deviceLength: UInt32
        let unit: String
        var isFresh = false
        var latest: Sample?

        var device: String { String(name[..<slash]) }
        var nameInDevice: Substring { name[slash...].dropFirst() }
        private var slash: String.Index { name.utf8.index(name.startIndex, offsetBy: Int(deviceLength)) }
    }

    private let site: Identifier
    private let agent: Identifier
    private let baseName: String
    private var entries: [Entry] = []
    private var fresh: [Int] = []
    private var devices: [String: [Int]] = [:]
    /// Devices whose last values are to be forgotten where they were published, too.
    private var emptied: Set<String> = []
    private var writer = JSONWriter()

    /// Times before this one are not sent without a clock that is known to be right: 2020-01-01. A `t` below 2^28 would even be
    /// read as relative to now (RFC 8428, section 4.5.3).
    static let earliest = Timestamp(seconds: 1_577_836_800)
    /// A pack is ended at about this size.
    private static let packBytes = 32 * 1024

    init(site: Identifier, agent: Identifier) {
        self.site = site
        self.agent = agent
        baseName = "\(site)/\(agent)/"
    }

    /// Learns new series; ids are dense and come in order.
    mutating func define(_ definitions: [SeriesDefinition]) {
        for definition in definitions where Int(definition.id.rawValue) == entries.count {
            let name = SenMLName(definition.series, agent: agent)
            devices[name.device, default: []].append(entries.count)
            entries.append(
                Entry(
                    series: definition.series, name: name.full, deviceLength: UInt32(name.device.utf8.count),
                    unit: definition.series.unit.senML))
        }
    }

    /// Takes in what was stored, for `state` and for `latest`.
    mutating func note(_ batch: SampleBatch) {
        batch.forEach { sample in
            let index = Int(sample.series.rawValue)
            guard index < entries.count else { return }
            if !entries[index].isFresh {
                entries[index].isFresh = true
                fresh.append(index)
            }
            entries[index].latest = sample
        }
    }

    /// Forgets the latest values of these series.
    mutating func forget(_ series: [SeriesID]) {
        for id in series where Int(id.rawValue) < entries.count {
            let index = Int(id.rawValue)
            guard entries[index].latest != nil else { continue }
            entries[index].latest = nil
            emptied.insert(entries[index].device)
        }
    }

    /// Calls `publish` with SenML JSON packs (RFC 8428) of every sample of `batch`, in order.
    mutating func packs(of batch: SampleBatch, publish: ([UInt8]) -> Void) {
        var base: Timestamp?
        batch.forEach { sample in
            add(sample, to: &base, publish)
        }
        endPack(&base, publish)
    }

    /// Calls `publish` with SenML JSON packs of the latest sample of each series noted since the last call.
    mutating func latestPacks(publish: ([UInt8]) -> Void) {
        var base: Timestamp?
        for index in fresh {
            guard let sample = entries[index].latest else { continue }
            add(sample, to: &base, publish)
        }
        endPack(&base, publish)
        forgetFreshness()
    }

    /// Forgets which series are new since the last call of `latestPacks`.
    mutating func forgetFreshness() {
        for index in fresh { entries[index].isFresh = false }
        fresh.removeAll(keepingCapacity: true)
    }

    /// A pack holds either samples with a time or samples without one: a record without `t` takes the pack's base time.
    private mutating func add(_ sample: Sample, to base: inout Timestamp?, _ publish: ([UInt8]) -> Void) {
        if let begun = base, (begun >= Self.earliest) != (sample.timestamp >= Self.earliest) { endPack(&base, publish) }
        write(sample, base: &base)
        if writer.bytes.count >= Self.packBytes { endPack(&base, publish) }
    }

    private mutating func endPack(_ base: inout Timestamp?, _ publish: ([UInt8]) -> Void) {
        guard base != nil else { return }
        writer.endArray()
        publish(writer.bytes)
        writer.removeAll()
        base = nil
    }

    private mutating func write(_ sample: Sample, base: inout Timestamp?) {
        let index = Int(sample.series.rawValue)
        guard index < entries.count else { return }
        if base == nil {
            writer.removeAll()
            writer.beginArray()
        }
        writer.beginObject()
        let hasTime = sample.timestamp >= Self.earliest
        if let base {
            let offset = sample.timestamp.nanoseconds(since: base)
            if hasTime, offset != 0 { writer.member("t", Double(offset) / 1e9) }
        } else {
            base = sample.timestamp
            writer.member("bn", baseName)
            if hasTime { writer.member("bt", sample.timestamp.seconds) }
        }
        writer.member("n", entries[index].name)
        if entries[index].series.kind != .state { writer.member("u", entries[index].unit) }
        writer.writeSenML(sample.value, quality: sample.quality.union(hasTime ? [] : .clockUnsynchronised))
        writer.endObject()
    }

    /// Flat JSON documents of the latest values, one a device: `{"time":"…","cpu.usage/core:0":3.5,…}`.
    mutating func states(publish: (_ device: String, [UInt8]) -> Void) {
        for (device, indices) in devices.sorted(by: { $0.key < $1.key }) {
            writer.removeAll()
            writer.beginObject()
            let newest = indices.compactMap { entries[$0].latest?.timestamp }.max()
            guard newest != nil || emptied.contains(device) else { continue }
            if let newest, newest >= Self.earliest { writer.member("time", newest.description) }
            for index in indices {
                guard let sample = entries[index].latest else { continue }
                writer.key(part: entries[index].nameInDevice)
                switch sample.value {
                case .double(let value) where !value.isFinite: writer.null()
                case .double(let value): writer.number(value)
                case .integer(let value): writer.integer(value)
                case .boolean(let value): writer.bool(value)
                case .text(let value): writer.string(value)
                }
            }
            writer.endObject()
            publish(device, writer.bytes)
        }
        emptied.removeAll()
        writer.removeAll()
    }

    /// The agent's own description, for `meta`.
    func meta(
        _ identity: InstallationIdentity, labels: [String: String], clock: ClockReading,
        certificateExpires: Timestamp? = nil
    ) -> [UInt8] {
        // A document of its own: it is long, and seldom made.
        var writer = JSONWriter()
        writer.beginObject()
        writer.member("version", AgentVersion.text)
        writer.member("site", site.text)
        writer.member("agent", agent.text)
        writer.member("install", identity.install.description)
        writer.member("epoch", identity.epoch)
        writer.member("boot", clock.boot.description)
        if let certificateExpires { writer.member("certificate_expires", certificateExpires.description) }
        writer.key("clock")
        writer.beginObject()
        writer.member("synchronised", clock.state.isSynchronised)
        writer.member("error_s", Double(clock.state.maximumError) / 1e9)
        writer.endObject()
        writer.key("labels")
        writer.beginObject()
        for (key, value) in labels.sorted(by: { $0.key < $1.key }) { writer.member(key, value) }
        writer.endObject()
        // What it can be asked from afar; an earlier version has no such list.
        writer.member("commands", OperatorRequest.taskNames)
        writer.key("series")
        writer.beginArray()
        for entry in entries { Self.write(entry, to: &writer) }
        writer.endArray()
        writer.endObject()
        return writer.bytes
    }

    private static func write(_ entry: Entry, to writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("name", entry.series.name)
        if !entry.series.tags.isEmpty {
            writer.key("tags")
            writer.beginObject()
            for tag in entry.series.tags { writer.member(tag.key, tag.value) }
            writer.endObject()
        }
        writer.member("senml", entry.name)
        writer.member("unit", entry.series.unit.code)
        let kind =
            switch entry.series.kind {
            case .gauge: "gauge"
            case .counter: "counter"
            case .state: "state"
            }
        writer.member("kind", kind)
        let provenance = entry.series.provenance
        if let serial = provenance.serial { writer.member("serial", serial) }
        if let range = provenance.range, range.lowerBound.isFinite, range.upperBound.isFinite {
            writer.key("range")
            writer.beginArray()
            writer.number(range.lowerBound)
            writer.number(range.upperBound)
            writer.endArray()
        }
        if let expiry = provenance.calibrationExpiry { writer.member("calibration_until", expiry.description) }
        writer.endObject()
    }
}
