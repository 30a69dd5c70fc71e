import FuzzSupport
import SegmentLog
import TestSupport

/// A directory as the bytes of an input have it.
///
/// The first byte holds flags. With `isRaw` the rest is a segment file, the 180 bytes of its header and then what stands
/// behind its first block. Without it, the rest are patches of a log that was in order, four bytes and a text each: which file, with its highest bit set for a copy under another name;
/// an offset of two bytes, little-endian; how many bytes follow to be written there, 0 to end the file there.
struct DamagePlan {
    private struct Flags: OptionSet {
        let rawValue: UInt8
        static let isRaw = Flags(rawValue: 1)
        static let isGrowing = Flags(rawValue: 2)
        static let trustsSeals = Flags(rawValue: 4)
        /// Checksums are made right after the damage: what a program with an error of its own would have written.
        static let isForged = Flags(rawValue: 8)
        static let wasClosed = Flags(rawValue: 16)
    }

    let directory = "/log"
    let options: LogOptions
    let disk: SimulatedDisk

    /// Nil for an empty input.
    init?(_ bytes: [UInt8]) {
        guard let first = bytes.first else { return nil }
        let flags = Flags(rawValue: first)
        options = LogOptions(
            laneCount: 2, segmentSize: 8192,
            capacity: flags.contains(.isGrowing) ? .growing : .budget(bytes: 8 * 8192, reserve: 1),
            scan: flags.contains(.trustsSeals) ? .unsealed : .everything)
        var files: [(name: String, bytes: [UInt8])] = [("0000000000000001.segment", Self.segment(bytes.dropFirst()))]
        if !flags.contains(.isRaw) {
            let log = flags.contains(.isGrowing) ? SoundLog.growing : SoundLog.bounded
            files = flags.contains(.wasClosed) ? log.closed : log.running
            Self.patch(&files, bytes.dropFirst())
        }
        let system = FaultyFileSystem()
        for file in files {
            system.setContents(directory + "/" + file.name, flags.contains(.isForged) ? forged(file) : file.bytes)
        }
        disk = system.disk.afterCrash(.everything)
    }

    private static func segment(_ bytes: ArraySlice<UInt8>) -> [UInt8] {
        var block = Array(bytes.prefix(180))
        block += [UInt8](repeating: 0, count: 4096 - block.count)
        var segment = block + bytes.dropFirst(180)
        if segment.count < 8192 { segment += [UInt8](repeating: 0, count: 8192 - segment.count) }
        return segment
    }

    private static func patch(_ files: inout [(name: String, bytes: [UInt8])], _ patches: ArraySlice<UInt8>) {
        var rest = patches
        while rest.count >= 4, files.count < 12 {
            let head = Array(rest.prefix(4))
            rest = rest.dropFirst(4)
            let index = Int(head[0] & 0x7F) % files.count
            let offset = Int(head[1]) | Int(head[2]) << 8
            if head[0] & 0x80 != 0 {
                // The highest bits of the name follow those of the offset, so that the last of all names is within reach.
                let digits = String(UInt64(bitPattern: Int64(Int16(truncatingIfNeeded: offset))), radix: 16)
                let name = String(repeating: "0", count: 16 - digits.count) + digits + ".segment"
                if !files.contains(where: { $0.name == name }) { files.append((name, files[index].bytes)) }
                continue
            }
            if head[3] == 0 {
                files[index].bytes = Array(files[index].bytes.prefix(offset))
                continue
            }
            for (place, byte) in rest.prefix(Int(head[3])).enumerated()
            where offset + place < files[index].bytes.count {
                files[index].bytes[offset + place] = byte
            }
            rest = rest.dropFirst(Int(head[3]))
        }
    }
}

/// The files of a small log of two lanes.
private struct SoundLog {
    let running: [(name: String, bytes: [UInt8])]
    let closed: [(name: String, bytes: [UInt8])]

    static let growing = SoundLog(.growing)
    static let bounded = SoundLog(.budget(bytes: 8 * 8192, reserve: 1))

    private init(_ capacity: LogOptions.Capacity) {
        running = Self.files(capacity, closing: false)
        closed = Self.files(capacity, closing: true)
    }

    private static func files(
        _ capacity: LogOptions.Capacity, closing: Bool
    ) -> [(name: String, bytes: [UInt8])] {
        let system = FaultyFileSystem()
        demanded("a log can be made") { () throws(LogError) in
            let options = LogOptions(laneCount: 2, segmentSize: 8192, capacity: capacity)
            var log = try SegmentedLog(directory: "/log", options: options, files: system)
            for number in 1...9 {
                let record: [UInt8] = Array(repeating: UInt8(number), count: number * 150)
                try log.append(record.span.bytes, to: Lane(number % 3 == 0 ? 0 : 1))
                try log.synchronize()
                if number == 4 { log.release(through: Position(2), in: Lane(1)) }
            }
            if closing { try log.close() }
        }
        return system.paths.compactMap { path in
            system.contents(path).map { (String(path.dropFirst("/log/".count)), $0) }
        }
    }
}
