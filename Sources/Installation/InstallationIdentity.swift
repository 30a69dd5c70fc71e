import Checksums
package import SegmentLog
package import Telemetry

/// Which installation a log directory belongs to, and how many times a program has started on it.
///
/// Kept in `<directory>/identity`, 48 bytes; see ``Installation``. The file is replaced whole, by rename, before the first frame of an epoch
/// is written, so that no two starts ever share an epoch. It also says which format a program must know to use the directory.
package struct InstallationIdentity: Hashable, Sendable {
    /// 128 random bits made when the directory was first used.
    package var install: UUIDBytes
    /// Counts starts on this directory, from 1.
    package var epoch: UInt64

    private static let magic = Array("FPIDENT1".utf8)
    private static let size = 48
    /// Where the least format stands that a program must know, and after it the least version of the program that does.
    private static let formatOffset = 32
    /// The newest format of a directory that this program knows; 0 is the first one. It is raised with anything in a log, a frame or a note that
    /// earlier programs cannot read, and written before that is.
    private static let knownFormat = 0

    package init(install: UUIDBytes, epoch: UInt64) {
        self.install = install
        self.epoch = epoch
    }

    /// Reads the identity without changing it; nil when the directory has none yet.
    ///
    /// - Throws: `InstallationError` when the file is there but damaged, or says that a later version of the program wrote the directory.
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
        if let needed = neededVersion(bytes) {
            throw InstallationError(
                path(in: directory),
                "a newer version of this program wrote this directory; \(needed), or use another directory; nothing was changed",
                isNewer: true)
        }
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

    /// What to install, in words, where the file is of a later form or names a later format; nil for any other file, a damaged one above all.
    private static func neededVersion(_ bytes: [UInt8]) -> String? {
        guard isIntact(bytes), bytes.starts(with: magic.dropLast()) else { return nil }
        let form = bytes[magic.count - 1]
        if form > UInt8(ascii: "1"), form <= UInt8(ascii: "9") {
            let number = form - UInt8(ascii: "0")
            return "its identity has form \(number), and 1 is known: install that version or a later one"
        }
        guard form == UInt8(ascii: "1"), bytes.count == size else { return nil }
        func number(at place: Int) -> Int { Int(bytes[place]) << 8 | Int(bytes[place + 1]) }
        let format = number(at: formatOffset)
        guard format > knownFormat else { return nil }
        let version = [2, 4, 6].map { String(number(at: formatOffset + $0)) }
        let least = version == ["0", "0", "0"] ? "that version" : version.joined(separator: ".")
        return "it has format \(format), and \(knownFormat) is known: install \(least) or a later one"
    }

    /// Whether the last four bytes are the checksum of those before, as in every form.
    private static func isIntact(_ bytes: [UInt8]) -> Bool {
        guard bytes.count >= magic.count + 4 else { return false }
        let checksum = CRC32C.checksum(of: bytes.span.bytes.extracting(0..<bytes.count - 4))
        return bytes.suffix(4).reduce(0) { $0 << 8 | UInt32($1) } == checksum
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
