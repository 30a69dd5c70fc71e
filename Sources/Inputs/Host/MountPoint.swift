/// Picks out of a mount table what holds data.
enum MountPoint {
    /// File systems that live on a disk or flash though their source is no path.
    private static let sourceless: [StaticString] = ["zfs", "btrfs", "ubifs", "bcachefs"]
    /// Read-only images, which are always full and never fuller.
    private static let images: [StaticString] = ["squashfs", "erofs", "iso9660", "cramfs", "romfs"]

    /// The mount points of real file systems, each file system once, in the table's order.
    ///
    /// Real is what has a device file as its source, or a root that is an overlay, as in containers. Network file
    /// systems are left out: asking a server that is gone would block.
    static func realOnes(_ table: inout ByteCursor) -> [String] {
        var devices: Set<String> = []
        var mounts: [String] = []
        while var line = table.line() {
            guard let mount = Mount(&line), mount.isReal, devices.insert(mount.device).inserted else { continue }
            mounts.append(mount.path)
        }
        return mounts
    }

    /// `36 35 98:0 /mnt1 /mnt2 rw,noatime master:1 - ext3 /dev/root rw,errors=continue`.
    private struct Mount {
        let device: String
        let path: String
        private let directory: UnsafeRawBufferPointer
        private let type: UnsafeRawBufferPointer
        private let source: UnsafeRawBufferPointer

        init?(_ line: inout ByteCursor) {
            guard line.unsigned() != nil, line.unsigned() != nil else { return nil }
            device = line.word().text
            directory = line.word()
            path = MountPoint.unescaped(line.word())
            // Optional fields of any number end with a lone hyphen.
            var separator = line.word()
            while !separator.isEmpty, !separator.isEqual("-") { separator = line.word() }
            type = line.word()
            source = line.word()
            guard !source.isEmpty else { return nil }
        }

        var isReal: Bool {
            if MountPoint.images.contains(where: type.isEqual) { return false }
            if type.isEqual("overlay") { return path == "/" }
            if MountPoint.sourceless.contains(where: type.isEqual) { return true }
            guard source.first == UInt8(ascii: "/"), !type.isEqual("tmpfs") else { return false }
            // A directory or a file of a file system that is mounted elsewhere too, such as a container's /etc/hosts.
            return directory.isEqual("/")
        }
    }

    /// Spaces, tabs, newlines and backslashes come as `\040`, `\011`, `\012` and `\134`.
    private static func unescaped(_ bytes: UnsafeRawBufferPointer) -> String {
        var plain: [UInt8] = []
        var index = 0
        while index < bytes.count {
            if bytes[index] == UInt8(ascii: "\\"), index + 3 < bytes.count {
                let digits = bytes[index + 1...index + 3].map { $0 &- UInt8(ascii: "0") }
                if digits.allSatisfy({ $0 < 8 }), digits[0] < 4 {
                    plain.append(digits[0] << 6 | digits[1] << 3 | digits[2])
                    index += 4
                    continue
                }
            }
            plain.append(bytes[index])
            index += 1
        }
        return String(decoding: plain, as: UTF8.self)
    }
}
