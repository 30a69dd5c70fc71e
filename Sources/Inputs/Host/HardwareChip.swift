#if canImport(Glibc)
import Glibc
#else
import Musl
#endif

/// A chip of `/sys/class/hwmon`.
struct HardwareChip {
    /// The folder, such as `hwmon3`; another one after a restart.
    let folder: String
    /// The chip's name; where several have one name, with their devices, which outlive a restart: `nvme-nvme0`.
    let name: String

    /// All chips in `directory`, in the order of their numbers.
    static func all(in directory: String) -> [HardwareChip] {
        let folders = directoryNames(directory)
        let names = folders.map { firstLine("\(directory)/\($0)/name") ?? $0 }
        return zip(folders, names).map { folder, name in
            let isAlone = names.count { $0 == name } == 1
            return HardwareChip(
                folder: folder,
                name: isAlone ? name : "\(name)-\(linkedName("\(directory)/\(folder)/device") ?? folder)")
        }
    }
}

/// The last part of what a symbolic link leads to: of `device` the bus address or the name of the device.
func linkedName(_ path: String) -> String? { linkedParts(path)?.last.map(String.init) }

/// The part before the last: the folder in which what a symbolic link leads to stands.
func linkedParent(_ path: String) -> String? { linkedParts(path)?.dropLast().last.map(String.init) }

private func linkedParts(_ path: String) -> [Substring]? {
    withUnsafeTemporaryAllocation(of: CChar.self, capacity: 1024) { room in
        guard let base = room.baseAddress else { return nil }
        let count = readlink(path, base, room.count)
        guard count > 0 else { return nil }
        return UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(room)[..<count]).text.split(separator: "/")
    }
}
