import Checksums
import JSON

#if canImport(Glibc)
import Glibc
#else
import Musl
#endif

/// How far a file has been read, such that the file can be known again, whatever its name is by then.
struct TailPosition: Hashable, Sendable {
    /// The name under which it was followed.
    var path: String
    var file: OpenFile.Identity
    /// Everything before this offset was taken: whole records, and the ends of such as were passed over.
    var offset: Int64
    var head: Head

    /// The first bytes of a file: another one can have the same number of its inode.
    struct Head: Hashable, Sendable {
        static let longest = 1024
        var count: Int
        var checksum: UInt32

        /// Of the first `count` bytes, at most ``longest``, of an open file; nil when it has less, or cannot be read.
        init?(of descriptor: Int32, upTo count: Int64) {
            let count = Int(min(max(0, count), Int64(Self.longest)))
            var bytes = [UInt8](repeating: 0, count: count)
            let outcome = bytes.withUnsafeMutableBytes { bytes in
                retryingInterrupts { pread(descriptor, bytes.baseAddress, bytes.count, 0) }
            }
            guard outcome.error == 0, outcome.result == count else { return nil }
            self.count = count
            checksum = CRC32C.checksum(of: bytes.span.bytes)
        }

        init(count: Int, checksum: UInt32) {
            self.count = count
            self.checksum = checksum
        }
    }

    /// Whether an open file is the one that was read so far; nil when that cannot be told just now.
    ///
    /// Devices can have other numbers after a start of the system, so they say nothing here.
    func fits(_ descriptor: Int32, _ identity: OpenFile.Identity, size: Int64) -> Bool? {
        guard file.inode == identity.inode, size >= max(offset, Int64(head.count)) else { return false }
        guard let present = Head(of: descriptor, upTo: Int64(head.count)) else { return nil }
        return present == head
    }
}

extension TailPosition {
    /// Numbers of devices and inodes as text: they need all 64 bits.
    var json: JSONValue {
        [
            "path": .string(path), "device": .string(String(file.device)), "inode": .string(String(file.inode)),
            "offset": .integer(offset), "head": .integer(Int64(head.count)), "crc32c": .integer(Int64(head.checksum)),
        ]
    }

    /// Nil when `json` is none.
    init?(_ json: JSONValue) {
        guard let path = json["path"]?.string, let device = json["device"]?.string.flatMap({ UInt64($0) }),
            let inode = json["inode"]?.string.flatMap({ UInt64($0) }), let offset = json["offset"]?.int64,
            offset >= 0, let count = json["head"]?.int64, (0...Int64(Head.longest)).contains(count),
            let checksum = json["crc32c"]?.int64.flatMap({ UInt32(exactly: $0) })
        else { return nil }
        self.init(
            path: path, file: OpenFile.Identity(device: device, inode: inode), offset: offset,
            head: Head(count: Int(count), checksum: checksum))
    }
}
