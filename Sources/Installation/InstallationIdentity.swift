import Checksums
package import SegmentLog
package import Telemetry

/// Which installation a log directory belongs to, and how many times a program has started on it.
///
/// Kept in `<directory>/identity`, 48 bytes: magic `FPIDENT1`, the install (16 bytes), the epoch (8 bytes, big-endian), twelve zero
/// bytes, and a CRC32C (big-endian) of all before it. The file is replaced whole, by rename, before the first frame of an epoch
/// is written, so that no two starts ever share an epoch.
package struct InstallationIdentity: Hashable, Sendable {
    /// 128 random bits made when the directory was first used.
    package var install: UUIDBytes
    /// Counts starts on this directory, from 1.
    package var epoch: UInt64

    private static let magic = Array("FPIDENT1".utf8)
    private static let size = 48

    package init(install: UUIDBytes, epoch: UInt64) {
        self.install = install
        self.epoch = epoch
    }

    /// Reads the identity without changing it; nil when the directory has none yet.
    ///
    /// - Throws: `InstallationError` when the file is there but damaged.
    package static func read(in directory: String, files: some FileSystem) throws(InstallationError)
        -> InstallationIdentity?
    {
        let bytes: [UInt8]?
        do {
            bytes = try files.readFile(path(in: directory))
        } catch {
            throw InstallationError(error.path, error.message)
        }
        guard let bytes else { return nil }
        guard let identity = InstallationIdentity(bytes: bytes) else {
            throw InstallationError(
                path(in: directory),
                "is damaged; frames in this directory can no longer be told from those of another box. Move the directory "
                    + "away, keep it for recovery, and start with an empty one")
        }
        return identity
    }

    /// Starts the next epoch, durably.
    package static func startEpoch(
        in directory: String, files: some FileSystem, install: @autoclosure () -> UUIDBytes
    ) throws(InstallationError) -> InstallationIdentity {
        var identity =
            try read(in: directory, files: files) ?? InstallationIdentity(install: install(), epoch: 0)
        identity.epoch += 1
        do {
            try files.replaceFile(path(in: directory), with: identity.bytes)
        } catch {
            throw InstallationError(error.path, error.message)
        }
        return identity
    }

    private static func path(in directory: String) -> String { directory + "/identity" }

    private var bytes: [UInt8] {
        var bytes = Self.magic + install.bytes
        for shift in stride(from: 56, through: 0, by: -8) {
            bytes.append(UInt8(truncatingIfNeeded: epoch >> UInt64(shift)))
        }
        bytes += [UInt8](repeating: 0, count: Self.size - bytes.count - 4)
        let checksum = CRC32C.checksum(of: bytes.span.bytes)
        for shift in stride(from: 24, through: 0, by: -8) {
            bytes.append(UInt8(truncatingIfNeeded: checksum >> UInt32(shift)))
        }
        return bytes
    }

    private init?(bytes: [UInt8]) {
        guard bytes.count == Self.size, bytes.starts(with: Self.magic), let install = UUIDBytes(bytes: bytes[8..<24])
        else { return nil }
        let identity = InstallationIdentity(install: install, epoch: bytes[24..<32].reduce(0) { $0 << 8 | UInt64($1) })
        guard identity.bytes == bytes else { return nil }
        self = identity
    }
}
