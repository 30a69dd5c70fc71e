import Telemetry

/// A device of `/sys/bus/iio/devices` and what its files say of its channels.
struct IIODevice {
    /// `iio:device0`; another one after a restart.
    let folder: String
    /// Its label where it has one, else its name; of two that would share one, with the folder of its parent device.
    let name: String
    let path: String
    /// The names of its files.
    let files: Set<String>

    static func all(in directory: String) -> [IIODevice] {
        let folders = directoryNames(directory).filter { $0.hasPrefix("iio:device") }
        let names = folders.map { folder in
            firstLine("\(directory)/\(folder)/label") ?? firstLine("\(directory)/\(folder)/name") ?? folder
        }
        return zip(folders, names).map { folder, name in
            let isAlone = names.count { $0 == name } == 1
            let path = "\(directory)/\(folder)"
            return IIODevice(
                folder: folder, name: isAlone ? name : "\(name)-\(parent(of: path) ?? folder)", path: path,
                files: Set(directoryNames(path)))
        }
    }

    /// The address of the chip on its bus: the folder above the device's own.
    private static func parent(of path: String) -> String? {
        linkedParent(path).flatMap { $0.hasPrefix("iio:device") ? nil : $0 }
    }

    /// Channels that can be read one by one.
    var channels: [IIOChannelName] {
        let stems = Set(
            files.compactMap { file -> String? in
                for ending in ["_raw", "_input"] where file.hasSuffix(ending) {
                    return String(file.dropLast(ending.count))
                }
                return nil
            })
        return stems.compactMap(IIOChannelName.init)
            .filter { !IIOQuantity.ignored.contains($0.type) && !$0.stem.hasSuffix("_mean") }
            .sorted { ($0.stem.utf8.count, $0.stem) < ($1.stem.utf8.count, $1.stem) }
    }

    /// The value of a channel's attribute, its own or the one it shares; nil where there is none.
    func attribute(_ name: String, of channel: IIOChannelName) -> Double? {
        for stem in [channel.stem] + channel.shared where files.contains("\(stem)_\(name)") {
            if let text = firstLine("\(path)/\(stem)_\(name)"), let value = Double(text) { return value }
        }
        return nil
    }

    /// How a raw number of a channel becomes a value in the unit of its quantity.
    func scaling(of channel: IIOChannelName) -> IIOScaling {
        IIOScaling(
            offset: attribute("offset", of: channel) ?? 0, scale: attribute("scale", of: channel) ?? 1,
            divisor: IIOQuantity.of(channel.type).divisor)
    }

    func series(of channel: IIOChannelName, _ pass: HostPass) -> SeriesID? {
        let quantity = IIOQuantity.of(channel.type)
        return pass.register("iio.\(quantity.name)", tags(of: channel), unit: quantity.unit)
    }

    func tags(of channel: IIOChannelName) -> [Tag] {
        let label = files.contains("\(channel.stem)_label") ? firstLine("\(path)/\(channel.stem)_label") : nil
        let own = label ?? channel.channel
        return [Tag("chip", name)] + (own.isEmpty ? [] : [Tag("channel", own)])
    }
}

/// From raw numbers to values: first the offset, then the scale (kernel documentation, ABI/testing/sysfs-bus-iio, `in_*_offset`).
struct IIOScaling: Hashable {
    var offset: Double
    var scale: Double
    var divisor: Double

    func value(of raw: Double) -> Double { (raw + offset) * scale / divisor }
}
